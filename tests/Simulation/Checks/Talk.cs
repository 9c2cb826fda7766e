using System.Text.Json;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Simulation.Checks;

/// <summary>What members are told, at its place in the order of all rows.</summary>
/// <param name="Place">Its row, and which of the row's entries it is.</param>
public sealed record PlacedEntry(StreamId Conversation, long Number, (RowPlace Row, int Index) Place, DateTimeOffset At, ConversationEvent Happened)
{
    public string Id => Conversation.Id;

    /// <summary>Without what was said.</summary>
    public string Text { get; } = JsonSerializer.Serialize(Happened, Happened.GetType(), StoredJson.Options);

    /// <summary>Nobody is told what it did itself; what became of a message, its sender alone.</summary>
    public bool IsTold(string agent) => Happened switch
    {
        ConversationEvent.Unanswered e => e.From == agent,
        ConversationEvent.Died e => e.Letter.From == agent,
        ConversationEvent.Opened e => e.Owner != agent,
        ConversationEvent.Said e => e.From != agent && e.Unheard?.Contains(agent) is not true,
        ConversationEvent.Invited e => e.By != agent,
        ConversationEvent.Joined e => e.AgentId != agent,
        ConversationEvent.Left e => e.AgentId != agent,
        ConversationEvent.Closed e => e.By != agent,
        _ => false,
    };
}

/// <summary>How an agent stands in a conversation from a place on, and which entries it may read then: whoever is invited, its invitation and the entry behind it.</summary>
/// <param name="Spans">Numbers from the first to the last; null: whatever comes.</param>
public sealed record Standing((RowPlace Row, int Index) Since, string Name, IReadOnlyList<(long First, long? Last)> Spans)
{
    public bool MaySpeak => Name is Standings.Invited or Standings.Joined;

    public bool Hears(long number) => Spans.Any(span => number >= span.First && !(number > span.Last));
}

/// <summary>One conversation, by what is committed of it alone, and what must hold of each event.</summary>
public sealed class Talk(StreamId stream, Findings findings)
{
    private readonly Dictionary<string, List<Standing>> _standings = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string MessageId), long> _said = [];
    private readonly SortedDictionary<long, (ConversationEvent.Said Said, DateTimeOffset Until, SortedSet<string> Awaited)> _waiting = [];
    private readonly Dictionary<string, ConversationEvent.Said> _requests = new(StringComparer.Ordinal);
    private readonly Dictionary<long, DeadLetter> _dead = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> _minutes = new(StringComparer.Ordinal);
    private readonly HashSet<(string Agent, long Number)> _acknowledgements = [];
    private readonly Dictionary<string, long> _acknowledged = new(StringComparer.Ordinal);
    private readonly SortedSet<(string By, string Whom)> _blocks = [];
    private readonly SortedDictionary<long, (long Messages, long Delivered, long Dead)> _days = []; // by the event, until the conversation counts them
    private (long Row, int Next) _index;
    private bool _isAccepted;
    private int _toStrangers;
    private Committed? _unreadable; // what was said without content: its row has to erase it

    public string Id => stream.Id;

    public string Owner { get; private set; } = "";

    public ConversationLimits Limits { get; private set; } = ConversationLimits.Default;

    public bool IsOpen { get; private set; }

    public long Last => Entries.Count;

    public DateTimeOffset? ClosedAt { get; private set; }

    public bool IsErased { get; private set; }

    /// <summary>A process opened it, to have agents asked for runs, and acknowledges for both what it is over with: no client's messages live so long.</summary>
    public static bool IsOfRuns(ConversationLimits limits) => limits.TtlSeconds == 3_600;

    public List<PlacedEntry> Entries { get; } = [];

    public IEnumerable<ConversationEvent.Said> Requests => _requests.OrderBy(request => request.Value.Number).Select(request => request.Value);

    public IEnumerable<DeadLetter> Dead => _dead.Values.OrderBy(letter => letter.Number);

    public Standing? Now(string agent) => _standings.TryGetValue(agent, out var standings) ? standings[^1] : null;

    public IEnumerable<Standing> From(string agent, (RowPlace Row, int Index) place)
    {
        if (!_standings.TryGetValue(agent, out var standings)) return [];

        var first = standings.FindLastIndex(standing => Order.Compare(standing.Since, place) <= 0);
        return standings.Skip(Math.Max(first, 0));
    }

    /// <summary>Somebody is about to acknowledge all up to here.</summary>
    public void Acknowledges(string agent, long number) => _acknowledgements.Add((agent, number));

    /// <returns>The entry that it is; null: it is none.</returns>
    public PlacedEntry? Happened(Committed committed, RowPlace row)
    {
        var happened = (ConversationEvent)committed.Event;
        Expect(_unreadable is null || _unreadable.Seq >= committed.Seq - 1, _unreadable ?? committed, "has no content, though neither its row nor the one behind it erases anything"); // of both it may have been told at once
        var isEntry = happened.Entry > 0;
        _index = _index.Row == committed.Seq ? _index : (committed.Seq, 0);
        var place = (row, _index.Next);
        if (isEntry || happened is ConversationEvent.Subscribed or ConversationEvent.Unsubscribed or ConversationEvent.Erased)
        {
            _index.Next++;
        }

        Expect(!isEntry || happened.Entry == Last + 1, committed, $"has number {happened.Entry}, and the one before has {Last}");
        Hold(happened, committed, place);
        if (!isEntry) return null;

        Entries.Add(new(stream, happened.Entry, place, committed.At, happened));
        return Entries[^1];
    }

    /// <summary>What was due by time alone, some time ago.</summary>
    public void Rest(DateTimeOffset by)
    {
        foreach (var (number, (_, until, awaited)) in _waiting)
        {
            findings.Expect(until > by, $"{stream} #{number} waits for {string.Join(", ", awaited)} and was to be a dead letter at {until:O}.");
        }

        foreach (var request in _requests.Values)
        {
            findings.Expect(request.ReplyBy > by, $"Request {request.MessageId} of {stream} (#{request.Number}) has no reply, and its sender was to be told so at {request.ReplyBy:O}.");
        }

        foreach (var (day, count) in _days)
        {
            findings.Expect(DayEnd(day) + TalkLimits.CountedWithin > by, $"{stream} has not counted day {day}, on which it had {count}.");
        }

        findings.Expect(_unreadable is null, $"{stream} (row {_unreadable?.Seq}) has no content, though nothing was erased.");
        findings.Expect(IsErased || !(ClosedAt?.AddSeconds(Limits.RetentionSeconds) <= by), $"{stream} was closed at {ClosedAt:O}, and its retention of {Limits.RetentionSeconds} s is over.");
    }

    private void Hold(ConversationEvent happened, Committed committed, (RowPlace Row, int Index) place)
    {
        switch (happened)
        {
            case ConversationEvent.Opened e:
                (Owner, IsOpen, Limits, _isAccepted) = (e.Owner, e.IsOpen, e.Limits, e.Members.Count == 0);
                Stand(e.Owner, new(place, Standings.Joined, [(1, null)]));
                foreach (var invited in e.Members) Stand(invited, new(place, Standings.Invited, [(1, 2)]));
                Block(e.Blocks);
                Expect(!e.Members.Any(invited => _blocks.Contains((invited, e.Owner))), committed, $"is opened by {e.Owner}, of which one of {string.Join(", ", e.Members)} wants to hear nothing");
                break;
            case ConversationEvent.Said e:
                Say(e, committed);
                Count(committed, messages: 1);
                break;
            case ConversationEvent.DayCounted { Count: var count }:
                Expect(committed.At >= DayEnd(count.Day), committed, $"counts day {count.Day} before it is over");
                Expect(_days.Remove(count.Day, out var counted) && counted == (count.Messages, count.Delivered, count.Dead), committed, $"counts {count}, and it was {counted}");
                break;
            case ConversationEvent.Invited e:
                Expect(e.By == Owner && ClosedAt is null && Now(e.AgentId)?.MaySpeak is not true, committed, $"invites {e.AgentId}, by {e.By}");
                Stand(e.AgentId, new(place, Standings.Invited, [(e.Number, e.Number + 1)]));
                Block(e.Blocks);
                break;
            case ConversationEvent.Blocked e:
                Expect(_blocks.Add((e.By, e.Whom)), committed, $"blocks {e.Whom} for {e.By} once more");
                break;
            case ConversationEvent.Unblocked e:
                Expect(_blocks.Remove((e.By, e.Whom)), committed, $"unblocks {e.Whom} for {e.By}, which does not block it");
                break;
            case ConversationEvent.Joined e:
                Expect(Now(e.AgentId)?.Name == Standings.Invited && ClosedAt is null, committed, $"lets {e.AgentId} join, which is {Now(e.AgentId)?.Name ?? "nobody"} there");
                _isAccepted = true;
                Stand(e.AgentId, new(place, Standings.Joined, [.. Now(e.AgentId)?.Spans ?? [], (e.Number, null)]));
                break;
            case ConversationEvent.Subscribed e:
                Expect(IsOpen && ClosedAt is null && Now(e.AgentId)?.MaySpeak is not true, committed, $"lets {e.AgentId} subscribe");
                Stand(e.AgentId, new(place, Standings.Subscribed, [(Last + 1, null)]));
                break;
            case ConversationEvent.Unsubscribed e:
                Stand(e.AgentId, new(place, Standings.Left, []));
                break;
            case ConversationEvent.Left e:
                Expect(Now(e.AgentId)?.MaySpeak is true, committed, $"lets {e.AgentId} leave");
                Stand(e.AgentId, new(place, Standings.Left, [.. (Now(e.AgentId)?.Spans ?? []).Select(span => (span.First, span.Last ?? e.Number))]));
                Settle(e.AgentId, long.MaxValue);
                break;
            case ConversationEvent.Acknowledged e:
                Expect(IsOfRuns(Limits) || _acknowledgements.Contains((e.AgentId, e.Number)), committed, $"acknowledges {e.Number} for {e.AgentId}, which has not said so");
                Expect(e.Number <= Last && Now(e.AgentId) is not null, committed, $"acknowledges {e.Number} for {e.AgentId}");
                _acknowledged[e.AgentId] = e.Number;
                Count(committed, delivered: Settle(e.AgentId, e.Number));
                break;
            case ConversationEvent.Unanswered e:
                Expect(_requests.Remove(e.MessageId, out var request), committed, $"says that {e.MessageId} is unanswered, and it waits for no reply");
                Expect(request is null || (committed.At >= request.ReplyBy && request.From == e.From), committed, $"says that {e.MessageId} is unanswered, which may be answered until {request?.ReplyBy:O}");
                break;
            case ConversationEvent.Died e:
                Die(e, committed);
                Count(committed, dead: 1);
                break;
            case ConversationEvent.Dropped e:
                Expect(_dead.Remove(e.Letter, out var dropped) && dropped.From == e.By, committed, $"drops {e.Letter}, which is no dead letter of {e.By}");
                break;
            case ConversationEvent.Closed e:
                Expect(ClosedAt is null && (e.By ?? Owner) == Owner, committed, "closes it");
                ClosedAt = committed.At;
                _requests.Clear();
                break;
            case ConversationEvent.Erased e:
                Expect(!IsErased && ClosedAt is not null, committed, "erases it");
                Expect(e.By is not null || committed.At >= ClosedAt?.AddSeconds(Limits.RetentionSeconds), committed, $"erases it before its retention of {Limits.RetentionSeconds} s is over");
                Expect(e.By is not null || _waiting.Count == 0, committed, $"erases #{_waiting.Keys.FirstOrDefault()}, which waits, and no sender was told");
                IsErased = true;
                _unreadable = null; // a row that erases hides what it says itself
                _waiting.Clear();
                _dead.Clear();
                break;
        }
    }

    private void Say(ConversationEvent.Said e, Committed committed)
    {
        Expect(ClosedAt is null, committed, "is said though it is closed");
        Expect(Now(e.From)?.Name == Standings.Joined, committed, $"is said by {e.From}, which is {Now(e.From)?.Name ?? "nobody"} there");
        Expect(e.Requeues is not null || _said.TryAdd((e.From, e.MessageId), e.Number), committed, $"says {e.MessageId} of {e.From} again, which is #{_said.GetValueOrDefault((e.From, e.MessageId))}");
        Expect(e.Requeues is not { } letter || (_dead.Remove(letter, out var dead) && dead.From == e.From), committed, $"sends {e.Requeues} anew, which is no dead letter of {e.From}");
        Expect(_isAccepted || ++_toStrangers <= TalkLimits.SaidToStrangers, committed, "is said to strangers, and not the first");
        Expect(_waiting.Count < Limits.Unacknowledged, committed, $"is said though {_waiting.Count} wait, of {Limits.Unacknowledged} that may");
        _unreadable = e.Content is null ? committed : _unreadable;
        Expect(e.Bytes <= Limits.MessageBytes && (e.Content is null || e.Content.Utf8.Length == e.Bytes), committed, $"has {e.Content?.Utf8.Length} bytes and says {e.Bytes}");
        var until = committed.At.AddSeconds(Limits.TtlSeconds);
        Expect(!(e.ExpiresAt > until), committed, $"lives until {e.ExpiresAt:O}");
        Minute(e.From, committed);
        var others = _standings.Where(agent => agent.Key != e.From && agent.Value[^1].MaySpeak).Select(agent => agent.Key).Order(StringComparer.Ordinal).ToList();
        var asked = e.ReplyTo is { } replied && _requests.TryGetValue(replied, out var open) && open.To == e.From ? open.From : null;
        var unheard = others.Where(other => (e.To is not null && other != e.To) || (other != asked && _blocks.Contains((other, e.From)))).ToList();
        Expect(unheard.SequenceEqual(e.Unheard ?? []), committed, $"is kept from {string.Join(", ", e.Unheard ?? [])}, and {string.Join(", ", unheard)} want to hear nothing of {e.From}");
        Expect(unheard.Count == 0 || unheard.Count < others.Count || _standings.Values.Any(standings => standings[^1].Name == Standings.Subscribed), committed, $"is said by {e.From}, of which all others want to hear nothing");
        if (e.ReplyTo is { } id && _requests.TryGetValue(id, out var request) && request.From != e.From && (request.To is { } to ? to == e.From : !_blocks.Contains((request.From, e.From))))
        {
            Expect(committed.At < request.ReplyBy, committed, $"replies to {id}, whose time was over at {request.ReplyBy:O}, and nobody said so");
            if (!e.More)
            {
                _requests.Remove(id);
            }
        }

        if (e.ReplyBy is not null)
        {
            Expect(_requests.TryAdd(e.MessageId, e), committed, $"asks {e.MessageId}, which waits for a reply");
        }

        SortedSet<string> awaited = new(_standings.Where(agent => agent.Key != e.From && agent.Value[^1].MaySpeak && agent.Value[^1].Hears(e.Number) && e.Unheard?.Contains(agent.Key) is not true).Select(agent => agent.Key), StringComparer.Ordinal);
        if (awaited.Count > 0)
        {
            _waiting.Add(e.Number, (e, e.ExpiresAt ?? until, awaited));
        }
    }

    private void Block(IReadOnlyList<Block>? blocks)
    {
        foreach (var block in blocks ?? []) _blocks.Add((block.By, block.Whom));
    }

    // A window is one of a minute, wherever it begins.
    private void Minute(string from, Committed committed)
    {
        if (!_minutes.TryGetValue(from, out var minute))
        {
            _minutes[from] = minute = [];
        }

        while (minute.TryPeek(out var oldest) && committed.At - oldest >= TimeSpan.FromMinutes(1)) minute.Dequeue();
        minute.Enqueue(committed.At);
        Expect(minute.Count <= 2 * Limits.MessagesPerMinute, committed, $"is the {minute.Count}th of {from} within a minute");
    }

    private void Die(ConversationEvent.Died e, Committed committed)
    {
        Expect(_waiting.Remove(e.Letter.Number, out var waits), committed, $"says that #{e.Letter.Number} is a dead letter, and it waits for nobody");
        if (waits.Said is null) return;

        var isDue = e.Letter.Reason switch { DeadReasons.Expired => committed.At >= waits.Until, DeadReasons.Closed => ClosedAt is not null, _ => false };
        Expect(isDue, committed, $"says that #{e.Letter.Number} is dead ({e.Letter.Reason}), which may be acknowledged until {waits.Until:O}");
        Expect(e.Letter.To.SequenceEqual(waits.Awaited) && e.Letter.From == waits.Said.From && e.Letter.MessageId == waits.Said.MessageId, committed, $"is {e.Letter} for {string.Join(", ", e.Letter.To)}, and it waits for {string.Join(", ", waits.Awaited)}");
        _dead[e.Letter.Number] = e.Letter;
    }

    private static DateTimeOffset DayEnd(long day) => DateTimeOffset.UnixEpoch.AddDays(day + 1);

    private void Count(Committed committed, long messages = 0, long delivered = 0, long dead = 0)
    {
        if (messages + delivered + dead == 0) return;

        var day = (long)(committed.At - DateTimeOffset.UnixEpoch).TotalDays;
        var before = _days.GetValueOrDefault(day);
        _days[day] = (before.Messages + messages, before.Delivered + delivered, before.Dead + dead);
    }

    /// <returns>How many messages it was the last to settle.</returns>
    private int Settle(string agent, long upTo)
    {
        var before = _waiting.Count;
        foreach (var (number, waits) in _waiting.Where(each => each.Key <= upTo).ToList())
        {
            waits.Awaited.Remove(agent);
            if (waits.Awaited.Count == 0)
            {
                _waiting.Remove(number);
            }
        }

        return before - _waiting.Count;
    }

    private void Stand(string agent, Standing standing)
    {
        if (!_standings.TryGetValue(agent, out var standings))
        {
            _standings[agent] = standings = [];
        }

        standings.Add(standing);
    }

    private void Expect(bool holds, Committed committed, string what)
    {
        if (!holds)
        {
            findings.Add($"{stream} (row {committed.Seq}, {committed.Event.GetType().Name}) {what}.");
        }
    }
}

/// <summary>As the feed shows entries.</summary>
public static class Order
{
    public static int Compare((RowPlace Row, int Index) one, (RowPlace Row, int Index) other) => one.Row.CompareTo(other.Row) is var rows and not 0 ? rows : one.Index.CompareTo(other.Index);
}
