using Agora.Application.Memories;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Grains.Memories;
using Agora.Journal;

namespace Agora.Simulation.Clients;

/// <summary>A process in which agents remember things of their users: they keep, edit, pin, forget and find, each owner's by an index of the process, while another process does the same with the same owners.</summary>
public sealed class MemoryClient : Caller
{
    /// <summary>Of each tenant.</summary>
    public const int Processes = 2;

    private const string Credential = "rememberer";
    private const int ListMost = 1_000;

    private static readonly string[] Agents = ["agent-1", "agent-1>helper-1"];

    private readonly IMemorySearch _search;
    private readonly MemoryLog _log;

    public MemoryClient(Tenant tenant, int number)
        : base(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 199) + 163 + (1_000_003 * tenant.Number) + (7_919 * number)))) => (_search, _log) = tenant.Cluster.Memories();

    public async Task Live()
    {
        while (await GoesOn(2 * Cluster.Options.Think))
        {
            var owner = new MemoryOwner(Tenant.Own, Any(Agents), Any(Tenant.Catalogue.Users));
            var entity = Entities.Memory(owner.Book(0).Id);
            Cluster.History.CatchUp();
            var known = Tenant.Memories.Of(entity.Stream.Id);
            await (Random.Next(8) switch
            {
                < 2 => Keep(entity, owner),
                2 when known.Count > 0 => Write<MemoryEvent.Edited>(entity, new MemoryCommand.Edit(Any(known), Random.Next(2) == 0, Text(owner), null), e => e.MemoryId),
                3 when known.Count > 0 => Write<MemoryEvent.Moved>(entity, new MemoryCommand.Pin(Any(known), Random.Next(2) == 0), e => e.MemoryId),
                4 when known.Count > 0 => Write<MemoryEvent.Forgotten>(entity, new MemoryCommand.Forget(Any(known)), e => e.MemoryId),
                _ => Find(entity, owner),
            });
        }
    }

    private Task Keep(EntityRef<MemoryCommand> entity, MemoryOwner owner)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential);
        return Ask(entity, new MemoryCommand.Keep(sending.CommandId, Random.Next(4) == 0, Text(owner), null, null), sending, $"A memory of {entity.Stream.Id}", given => given.Reply is MemoryWritten written
            ? history => history.Count<MemoryEvent.Kept>(entity.Stream, (e, _) => e.MemoryId == written.MemoryId)
            : null);
    }

    /// <summary>What is as it was wanted leaves nothing in the journal.</summary>
    private Task Write<TEvent>(EntityRef<MemoryCommand> entity, MemoryCommand command, Func<TEvent, Guid> memoryOf)
    {
        var sending = Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential);
        return Ask(entity, command, sending, $"{command.GetType().Name} in {entity.Stream.Id}", given => given.Reply is MemoryWritten written && command is not MemoryCommand.Pin
            ? history => history.Count<TEvent>(entity.Stream, (e, c) => memoryOf(e) == written.MemoryId && c.CommandId == sending.CommandId)
            : null);
    }

    /// <summary>All of an owner's, or what a word of its texts finds; then what each says.</summary>
    private async Task Find(EntityRef<MemoryCommand> entity, MemoryOwner owner)
    {
        Cluster.History.CatchUp();
        var began = Tenant.Memories.Now;
        try
        {
            var isWhole = Random.Next(2) == 0;
            var kept = isWhole ? (await _search.List(owner, onlyPinned: false, 0, ListMost, CancellationToken.None)).Memories : await ByWords(owner);
            var found = new List<(Guid, string?)>();
            foreach (var one in kept) found.Add((one.MemoryId, (await _log.Content(owner.Book(one.Book), one.Seq, one.MemoryId, CancellationToken.None))?.Text));

            Cluster.History.CatchUp();
            Tenant.Memories.Found(entity.Stream.Id, owner.UserId, Whose(owner), began, found, isWhole);
        }
        catch (JournalUnavailableException)
        {
            // The store is away: whoever asks is told so.
        }
    }

    private async Task<IReadOnlyList<KeptMemory>> ByWords(MemoryOwner owner)
    {
        var found = await _search.ByWords(owner, "remembered", ListMost, CancellationToken.None);
        return [.. found.Pinned, .. found.Best.Select(static best => best.Memory)];
    }

    private Personal Text(MemoryOwner owner) => Personal.Of(new MemoryContent($"{Whose(owner)} is remembered {Cluster.NewId()}", null));

    private static string Whose(MemoryOwner owner) => $"{owner.Tenant.Name}/{owner.UserId}/{owner.Agents}";
}
