using Agora.Application.Memories;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Journal;

namespace Agora.Simulation.Clients;

/// <summary>A process in which users say how they want replies, and in which replies ask for that; another process does the same with the same users.</summary>
public sealed class PreferenceClient : Caller
{
    /// <summary>Of each tenant.</summary>
    public const int Processes = 2;

    private const string Credential = "preferer";

    private static readonly string[] Agents = ["agent-1", "agent-1>helper-1"];

    private readonly Func<MemoryOwner, Task<KeptPreferences?>> _find;

    public PreferenceClient(Tenant tenant, int number)
        : base(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 223) + 173 + (1_000_003 * tenant.Number) + (7_919 * number))))
    {
        var stored = new StoredPreferences(Entities, tenant.Cluster.Memories().Log);
        _find = tenant.Cluster.Plant.Preferring(owner => stored.Find(owner, CancellationToken.None));
    }

    public async Task Live()
    {
        while (await GoesOn(2 * Cluster.Options.Think))
        {
            var owner = new MemoryOwner(Tenant.Own, Any(Agents), Any(Tenant.Catalogue.Users));
            await (Random.Next(6) switch
            {
                < 2 => Write<MemoryEvent.Preferred>(owner, new MemoryCommand.Prefer(Personal.Of(new ReplyPreferences(About: $"{Whose(owner)} wishes {Cluster.NewId()}")))),
                2 => Write<MemoryEvent.Unpreferred>(owner, new MemoryCommand.Unprefer()),
                _ => Find(owner),
            });
        }
    }

    private Task Write<TEvent>(MemoryOwner owner, MemoryCommand command)
    {
        var (entity, sending) = (Entities.Memory(owner.Preferences.Id), Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential));
        return Ask(entity, command, sending, $"{command.GetType().Name} in {entity.Stream.Id}", given => given.Reply is PreferencesWritten
            ? history => history.Count<TEvent>(entity.Stream, (_, c) => c.CommandId == sending.CommandId)
            : null);
    }

    private async Task Find(MemoryOwner owner)
    {
        Cluster.History.CatchUp();
        var began = Tenant.Preferences.Now;
        try
        {
            var found = await _find(owner);
            Cluster.History.CatchUp();
            Tenant.Preferences.Found(owner.Preferences.Id, owner.UserId, Whose(owner), began, found is null ? null : (found.Version, found.Wanted.About));
        }
        catch (JournalUnavailableException)
        {
            // The store is away: whoever asks is told so.
        }
    }

    private static string Whose(MemoryOwner owner) => $"{owner.Tenant.Name}/{owner.UserId}/{owner.Agents}";
}
