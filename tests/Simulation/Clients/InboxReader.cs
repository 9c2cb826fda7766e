using Agora.Application.Conversations;
using Agora.Core;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Simulation.Checks;

namespace Agora.Simulation.Clients;

/// <summary>
/// An agent that reads its inbox at whichever process, and goes on with its cursor at another when that one dies. It acknowledges what it was told, sometimes late or not at all, and now and then reads
/// again from a cursor that it kept.
/// </summary>
internal sealed class InboxReader(Tenant tenant, int number) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 137) + 83 + (1_000_003 * tenant.Number) + (7_919 * number))))
{
    /// <summary>A process that died answers nobody.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Pages until an inbox is read to its end, where all is at rest.</summary>
    private const int MostPages = 10_000;

    private readonly string _agent = TalkClient.Agents[number];
    private readonly List<InboxPlace> _kept = [InboxPlace.Start];

    public async Task Live()
    {
        var (place, walk, silo) = (InboxPlace.Start, Walk(InboxPlace.Start), Random.Next(Cluster.Options.Silos));
        while (await GoesOn(Cluster.Options.Think))
        {
            if (await Page(walk, place, silo, 1 + Random.Next(1 + Random.Next(20))) is { } page)
            {
                place = page.Next;
                await Acknowledge(page);
                _kept.Add(place);
            }

            if (Random.Next(6) == 0)
            {
                silo = Random.Next(Cluster.Options.Silos);
            }

            if (Random.Next(40) == 0)
            {
                place = Any(_kept);
                walk = Walk(place);
            }
        }
    }

    /// <summary>From the first entry to the last, at one process, when nothing happens any more.</summary>
    public async Task ReadAll(int silo)
    {
        var (place, walk) = (InboxPlace.Start, Walk(InboxPlace.Start));
        for (var (pages, quiet) = (0, 0); quiet < 3; pages++)
        {
            if (Cluster.Findings.Any) return;

            var page = await Page(walk, place, silo, Limits.PageMax);
            Cluster.Findings.Expect(page is not null && pages < MostPages, $"{_agent} cannot read its inbox to the end, though all is at rest.");
            if (page is null) return;

            quiet = page.Entries.Count == 0 && page.Next == place ? quiet + 1 : 0;
            place = page.Next;
            await Task.Delay(TimeSpan.FromSeconds(1), Cluster.Time); // by then a process has followed
        }

        Tenant.Reading.Over(walk);
    }

    private Reading.Walk Walk(InboxPlace place) => new(_agent, place.Order);

    /// <returns>Null: it was not told.</returns>
    private async Task<InboxPage?> Page(Reading.Walk walk, InboxPlace place, int silo, int limit)
    {
        try
        {
            var page = await Cluster.ListeningAt(silo).Read(Tenant.Own, _agent, place, limit).WaitAsync(Patience, Cluster.Time);
            Cluster.Findings.Expect(page is not null, $"{_agent} was told that nothing stands at {place.Feed}.");
            if (page is null) return null;

            Cluster.History.CatchUp();
            Tenant.Reading.Page(walk, [.. page.Entries.Select(told => new PlacedEntry(told.Entry.Conversation, told.Entry.Number, told.Order, told.Entry.At, told.Entry.Happened))], page.Next.Order);
            return page;
        }
        catch (Exception failed) when (failed is TimeoutException or JournalUnavailableException)
        {
            return null;
        }
        catch (Exception escaped)
        {
            Cluster.Findings.Add($"{_agent} reads its inbox, and that failed with {escaped.GetType().Name}: {escaped.Message} {escaped.StackTrace?.Split('\n')[0]}");
            return null;
        }
    }

    private async Task Acknowledge(InboxPage page)
    {
        foreach (var told in page.Entries.GroupBy(told => told.Entry.Conversation.Id, StringComparer.Ordinal).Select(told => told.Last()).Where(_ => Random.Next(3) > 0).ToList())
        {
            var (id, upTo) = (told.Entry.Conversation.Id, told.Entry.Number);
            Tenant.Conversations.Find(id)!.Acknowledges(_agent, upTo);
            var answer = await Ask(
                Entities.Of<ConversationCommand>(Stream(Kinds.Conversation, id)), new ConversationCommand.Acknowledge(_agent, upTo), NewSending(), $"Acknowledging #{upTo} of {id} by {_agent}", static _ => null);
            Cluster.Findings.Expect(answer?.Reply is not Acknowledged acknowledged || acknowledged.Number >= upTo, $"{_agent} acknowledged #{upTo} of {id} and was told {answer?.Reply}.");
        }
    }
}
