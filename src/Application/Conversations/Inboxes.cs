using Agora.Application.Reading;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Conversations;

/// <summary>
/// What agents are told, for whoever listens in this process. The journal's feed is followed once, from the first listener on; each entry goes to the inboxes of those that are to hear it.
/// <para>NothingMissed: an inbox is entered before its conversations are looked up, so what changes meanwhile comes by the feed; and what came before it was complete is read from the journal.</para>
/// <para>The same at any process, after any pause: what is read behind a cursor depends on the journal alone, and what is kept here spares the reading.</para>
/// </summary>
internal sealed partial class Inboxes(IFeed feed, TableReader tables, ConversationLog log, TimeProvider time, ILogger<Inboxes> logger) : BackgroundWork
{
    private static readonly IReadOnlyList<Order> NewestFirst = [new("updated_at", Descending: true), new("conversation_id", Descending: true)];

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string AgentId), Inbox> _inboxes = [];
    private readonly Dictionary<string, HashSet<Inbox>> _hearing = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FairPlaces _listeners = new(TalkLimits.ListenersOfAll, ofUser: TalkLimits.Listeners);
    private readonly RecentBytes _bytes = new();
    private string? _cursor;
    private int _begun;
    private long _sweptAt;

    /// <summary>Adds a listener for an agent. Dispose it to end the listening.</summary>
    /// <returns>A null listener if too many listen, and the level whose places are all taken.</returns>
    public async Task<(InboxListener? Listener, PlaceLevel Full)> Listen(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (_listeners.Take(new PlaceOwner(tenant.Name, agentId), 1, out var full) is not { } going) return (null, full);

        _wanted.TrySetResult();
        var inbox = Enter(tenant, agentId);
        var listener = new InboxListener(inbox, feed, log, () => Volatile.Read(ref _cursor), () => Leave(inbox, going));
        try
        {
            await inbox.Complete.WaitAsync(cancel);
            return (listener, PlaceLevel.None);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    protected override TimeProvider Time => time;

    protected override ILogger Log => logger;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        await _wanted.Task.WaitAsync(stoppingToken);
        await feed.FromNowOn(Begin, Hear, e => LogAway(logger, e.Message), time, stoppingToken);
    }

    private async Task<bool> Hear(FeedWindow window)
    {
        var told = new List<ToldEntry>();
        for (var row = 0; row < window.Rows.Count; row++)
        {
            var behind = window.Behind(row);
            foreach (var entry in await log.Open(window.Rows[row])) told.Add(new(entry, behind));
        }

        Tell(told, window.Cursor);
        return true;
    }

    // Whatever is kept counts from the cursor at which the feed is taken up. What became of its conversations before that is looked up.
    private void Begin(string cursor)
    {
        lock (_gate)
        {
            _cursor = cursor;
            _begun++;
            foreach (var inbox in _inboxes.Values)
            {
                inbox.End();
                inbox.Complete = Complete(inbox);
            }

            _followed.TrySetResult();
        }
    }

    // A window at once: an inbox is complete from a window's end on.
    private void Tell(List<ToldEntry> told, string cursor)
    {
        lock (_gate)
        {
            foreach (var entry in told)
            {
                var stream = entry.Entry.Conversation;
                foreach (var agent in NamedIn(entry.Entry))
                {
                    if (_inboxes.GetValueOrDefault((stream.Tenant, agent)) is { } named)
                    {
                        Hears(stream.ToString(), named);
                    }
                }

                if (MovedIn(entry.Entry) is { } moved && _inboxes.GetValueOrDefault((stream.Tenant, moved)) is { } own)
                {
                    own.HasMoved = true;
                }

                foreach (var inbox in _hearing.GetValueOrDefault(stream.ToString()) ?? [])
                {
                    if (entry.Entry.Happened is ConversationEvent.Erased)
                    {
                        inbox.Erase(new(cursor));
                        continue;
                    }

                    if (inbox.Take(entry) is { } unheard)
                    {
                        Unhear(unheard, inbox);
                    }
                }
            }

            _cursor = cursor;
            Sweep();
        }
    }

    /// <summary>Agents whose standing it may be that changes.</summary>
    private static IEnumerable<string> NamedIn(Entry entry) => entry.Happened switch
    {
        ConversationEvent.Opened e => [e.Owner, .. e.Members],
        ConversationEvent.Invited e => [e.AgentId],
        ConversationEvent.Joined e => [e.AgentId],
        ConversationEvent.Subscribed e => [e.AgentId],
        _ => [],
    };

    /// <summary>The agent whose standing changes in a conversation in which it stood before. Null: none's.</summary>
    private static string? MovedIn(Entry entry) => entry.Happened switch
    {
        ConversationEvent.Joined e => e.AgentId,
        ConversationEvent.Left e => e.AgentId,
        ConversationEvent.Unsubscribed e => e.AgentId,
        _ => null,
    };

    private Inbox Enter(Tenant tenant, string agentId)
    {
        lock (_gate)
        {
            if (!_inboxes.TryGetValue((tenant.Name, agentId), out var inbox) || inbox.Complete is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                inbox = _inboxes[(tenant.Name, agentId)] = new(tenant, agentId, _bytes);
                inbox.Complete = Complete(inbox);
            }

            inbox.Listeners++;
            return inbox;
        }
    }

    private async Task Complete(Inbox inbox)
    {
        await Task.Yield(); // Out of the lock in which it began.
        await _followed.Task;
        bool stands;
        do
        {
            var begun = Volatile.Read(ref _begun);
            stands = Stand(inbox, begun, await Standings(inbox));
        }
        while (!stands);
    }

    // One look where that is all. Else what it takes part in comes first, however many invite it; and the newest again behind that, for whatever changed meanwhile is among them.
    private async Task<IReadOnlyList<NamedRow>> Standings(Inbox inbox)
    {
        lock (_gate) inbox.HasMoved = false;
        const int Most = TalkLimits.Heard + TalkLimits.HeardInvitations;
        var newest = await Newest(Most);
        return newest.Count < Most ? newest
            : [.. await Newest(TalkLimits.Heard, Core.Conversations.Standings.Joined), .. await Newest(TalkLimits.Heard, Core.Conversations.Standings.Subscribed), .. await Newest(Most)];

        Task<IReadOnlyList<NamedRow>> Newest(int most, string? standing = null) => tables.In(inbox.Tenant).First(
            ConversationTables.Members, NewestFirst, [TableReader.Is("agent_id", inbox.AgentId), .. standing is null ? [] : (Condition[])[TableReader.Is("standing", standing)]], most, CancellationToken.None);
    }

    /// <returns>False: it has to be looked up again, for its standing has changed where the feed told nobody whose it is.</returns>
    private bool Stand(Inbox inbox, int begun, IReadOnlyList<NamedRow> rows)
    {
        lock (_gate)
        {
            if (begun != _begun) return true; // the feed was taken up anew meanwhile, and so is this
            if (inbox.HasMoved) return false;

            for (var index = 0; index < rows.Count; index++)
            {
                var row = rows[index];
                Hears(row.Stream, inbox);
                if (inbox.Stand(row.Stream, row.Seq, new(inbox.AgentId, row.Text("standing"), row.Number("invited"), row.Number("from_number"), row.OptionalNumber("until_number")), index) is { } unheard)
                {
                    Unhear(unheard, inbox);
                }
            }

            inbox.Begin(new(_cursor!));
            inbox.Complete = Task.CompletedTask; // what the look was is not kept
            return true;
        }
    }

    private void Hears(string stream, Inbox inbox)
    {
        if (!_hearing.TryGetValue(stream, out var inboxes))
        {
            _hearing[stream] = inboxes = [];
        }

        inboxes.Add(inbox);
    }

    private void Unhear(string stream, Inbox inbox)
    {
        if (_hearing.GetValueOrDefault(stream) is { } inboxes && inboxes.Remove(inbox) && inboxes.Count == 0)
        {
            _hearing.Remove(stream);
        }
    }

    private void Leave(Inbox inbox, IDisposable going)
    {
        going.Dispose();
        lock (_gate)
        {
            inbox.Listeners--;
            inbox.LeftAt = time.GetTimestamp();
        }
    }

    private void Sweep()
    {
        if (time.GetElapsedTime(_sweptAt) < TalkLimits.RecentKept) return;

        _sweptAt = time.GetTimestamp();
        var gone = _inboxes.Where(one => one.Value is { Listeners: 0 } && time.GetElapsedTime(one.Value.LeftAt) >= TalkLimits.RecentKept).Select(one => one.Key).ToList();
        foreach (var key in gone)
        {
            _inboxes.Remove(key, out var inbox);
            foreach (var stream in inbox!.Conversations) Unhear(stream, inbox);
            inbox.End();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Inboxes are not told what is said: {Why}")]
    private static partial void LogAway(ILogger logger, string why);
}
