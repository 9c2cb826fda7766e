using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>A message that somebody has yet to acknowledge.</summary>
/// <param name="Unheard">Members that are not told it; null: none.</param>
public sealed record Waiting(long Number, string MessageId, string From, DateTimeOffset ExpiresAt, IReadOnlyList<string>? Unheard = null);

/// <summary>A request that wants a reply.</summary>
/// <param name="Path">Agents on whose behalf its sender asks; null: nobody's.</param>
public sealed record Request(long Number, string MessageId, string From, DateTimeOffset ReplyBy, IReadOnlyList<string>? Path = null, string? To = null);

/// <summary>
/// A conversation. Its messages are in the journal; here stands who takes part, and what is still to come of what was said.
/// <para>Invariants: <c>acknowledged_was_said</c>, <c>few_members</c>, <c>few_waiting</c>, <c>waiting_in_order</c>, <c>few_dead_letters</c>, <c>owner_is_member</c>, <c>blocks_of_members</c>, <c>few_producers</c>, <c>days_in_order</c>.</para>
/// <para>Bounds: <see cref="TalkLimits"/>; of a message that waits some 100 bytes.</para>
/// </summary>
public sealed record ConversationState(StreamId Stream)
{
    private static readonly ImmutableSortedDictionary<string, RateWindow> NoWindows = ImmutableSortedDictionary.Create<string, RateWindow>(StringComparer.Ordinal);

    public string PersonalKey { get; } = $"conversation/{Stream.Tenant}/{Stream.Id}";

    /// <summary>Null: it is not there.</summary>
    public string? Owner { get; init; }

    public Personal? Topic { get; init; }

    public bool IsOpen { get; init; }

    public ConversationLimits Limits { get; init; } = ConversationLimits.Default;

    /// <summary>Those who may speak, and those of them who left, by their ids.</summary>
    public ImmutableSortedDictionary<string, Member> Members { get; init; } = ImmutableSortedDictionary.Create<string, Member>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, Member> Subscribers { get; init; } = ImmutableSortedDictionary.Create<string, Member>(StringComparer.Ordinal);

    /// <summary>Number of the newest entry.</summary>
    public long Last { get; init; }

    /// <summary>Messages since the conversation was opened, as far as it matters to strangers.</summary>
    public int SaidToStrangers { get; init; }

    /// <summary>Somebody who was invited has joined.</summary>
    public bool IsAccepted { get; init; }

    /// <summary>By number.</summary>
    public ImmutableSortedDictionary<long, Waiting> Waiting { get; init; } = ImmutableSortedDictionary<long, Waiting>.Empty;

    /// <summary>Of those that wait, the ones that expire sooner than the conversation's time to live says.</summary>
    public ImmutableSortedSet<(DateTimeOffset At, long Number)> Sooner { get; init; } = [];

    /// <summary>By message id.</summary>
    public ImmutableSortedDictionary<string, Request> Requests { get; init; } = ImmutableSortedDictionary.Create<string, Request>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<long, DeadLetter> Dead { get; init; } = ImmutableSortedDictionary<long, DeadLetter>.Empty;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public bool IsErased { get; init; }

    /// <summary>Of members, those that left among them; in the order in which they came.</summary>
    public ImmutableArray<Block> Blocks { get; init; } = [];

    /// <summary>Of a stream; null: it is none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Of a stream, by their keys: as long as the conversation is there.</summary>
    public ImmutableSortedDictionary<string, Producer> Producers { get; init; } = ImmutableSortedDictionary.Create<string, Producer>(StringComparer.Ordinal);

    /// <summary>Of a stream's writers, where each one's last message stands by its own account.</summary>
    public ImmutableSortedDictionary<string, string> Orders { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The producer that closed it; null: none did.</summary>
    public Producer? ClosedBy { get; init; }

    /// <summary>How much each member said in its minute.</summary>
    public ImmutableSortedDictionary<string, RateWindow> Windows { get; init; } = NoWindows;

    /// <summary>Counts of days without a <see cref="ConversationEvent.DayCounted"/> yet, oldest first: of today, and of yesterday until its count is written.</summary>
    public ImmutableArray<DayCount> Days { get; init; } = [];

    public static ConversationState Initial(StreamId stream) => new(stream);

    /// <summary>Null: it stands outside. Who left may have subscribed since.</summary>
    public Member? Find(string agentId) => Subscribers.GetValueOrDefault(agentId) ?? Members.GetValueOrDefault(agentId);

    /// <summary>Null: it has not appended yet.</summary>
    public Producer? ProducerOf(string agentId, string id) => Producers.GetValueOrDefault(Producer.KeyOf(agentId, id));

    public ConversationView View(string? agentId) => new(
        Stream.Id, Owner!, Topic, IsOpen, Limits, [.. Members.Values], Subscribers.Count, Last, Dead.Count, CreatedAt, ClosedAt, IsErased, agentId is null ? null : Find(agentId), ContentType);

    /// <summary>When something here falls due by time alone; null: nothing does.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            var due = Waiting.IsEmpty ? (DateTimeOffset?)null : First.ExpiresAt;
            due = Earlier(due, Sooner.IsEmpty ? null : Sooner.Min.At);
            foreach (var request in Requests.Values) due = Earlier(due, request.ReplyBy);
            due = Earlier(due, Days.IsEmpty ? null : DayCount.WrittenAt(Days[0].Day, Stream));
            return Earlier(due, IsErased ? null : ClosedAt?.AddSeconds(Limits.RetentionSeconds));
        }
    }

    private Waiting First => Waiting.Values.First();

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    public ConversationState Evolve(ConversationEvent happened, DateTimeOffset at)
    {
        var state = Apply(happened, at);
        return happened.Entry == 0 ? state : state with { Last = happened.Entry };
    }

    private ConversationState Apply(ConversationEvent happened, DateTimeOffset at) => happened switch
    {
        ConversationEvent.Opened e => Open(e, at),
        ConversationEvent.Said e => Say(e, at),
        ConversationEvent.Blocked e => this with { Blocks = Blocks.Add(new(e.By, e.Whom)) },
        ConversationEvent.Unblocked e => this with { Blocks = Blocks.Remove(new(e.By, e.Whom)) },
        ConversationEvent.Invited e => this with { Blocks = Also(e.Blocks), Members = Members.SetItem(e.AgentId, Member.Invite(e.AgentId, e.Number) with { Declined = Members.GetValueOrDefault(e.AgentId)?.Declined ?? 0 }), Subscribers = Subscribers.Remove(e.AgentId) },
        ConversationEvent.Joined e => Stand(Members[e.AgentId].Join(e.Number)) with { IsAccepted = true },
        ConversationEvent.Subscribed e => this with { Subscribers = Subscribers.SetItem(e.AgentId, new(e.AgentId, Standings.Subscribed, From: e.From, Acked: e.From)) },
        ConversationEvent.Unsubscribed e => this with { Subscribers = Subscribers.Remove(e.AgentId) },
        ConversationEvent.Left e => Stand(Members[e.AgentId].Leave(e.Number)).Settle(Waiting.Keys),
        ConversationEvent.Acknowledged e => Acknowledge(e, at),
        ConversationEvent.Unanswered e => this with { Requests = Requests.Remove(e.MessageId) },
        ConversationEvent.Died e => Forget(e.Letter.Number) with { Dead = Dead.SetItem(e.Letter.Number, e.Letter), Days = Counted(at, new(0, Dead: 1)) },
        ConversationEvent.DayCounted e => this with { Days = Days.RemoveAll(count => count.Day <= e.Count.Day) }, // a snapshot of an older release has no counts of earlier days, while a replay from the first row has
        ConversationEvent.Dropped e => this with { Dead = Dead.Remove(e.Letter) },
        ConversationEvent.Closed e => Appended(e.By, e.Producer, null) with { ClosedAt = at, Requests = Requests.Clear(), ClosedBy = e.Producer is { } mark ? new(e.By!, mark) : null },
        ConversationEvent.Erased => this with { IsErased = true, Topic = null, Waiting = Waiting.Clear(), Sooner = Sooner.Clear(), Dead = Dead.Clear() },
        _ => throw new UnreachableException(),
    };

    private ConversationState Open(ConversationEvent.Opened e, DateTimeOffset at) => this with
    {
        Owner = e.Owner,
        Topic = e.Topic,
        IsOpen = e.IsOpen,
        Limits = e.Limits,
        Members = Members.Add(e.Owner, new(e.Owner, Standings.Joined)).AddRange(e.Members.Select(agent => KeyValuePair.Create(agent, Member.Invite(agent, 1) with { Skill = e.Chosen?.FirstOrDefault(chosen => chosen.AgentId == agent)?.Skill }))),
        IsAccepted = e.Members.Count == 0,
        Blocks = Also(e.Blocks),
        ContentType = e.ContentType,
        CreatedAt = at,
    };

    private ConversationState Say(ConversationEvent.Said e, DateTimeOffset at)
    {
        var waits = new Waiting(e.Number, e.MessageId, e.From, e.ExpiresAt ?? at.AddSeconds(Limits.TtlSeconds), e.Unheard);
        return Appended(e.From, e.Producer, e.Order) with
        {
            SaidToStrangers = IsAccepted ? SaidToStrangers : SaidToStrangers + 1,
            Waiting = IsAwaited(waits) ? Waiting.Add(e.Number, waits) : Waiting,
            Sooner = e.ExpiresAt is { } expires && IsAwaited(waits) ? Sooner.Add((expires, e.Number)) : Sooner,
            Requests = e.ReplyBy is { } by ? Replied(e).Add(e.MessageId, new(e.Number, e.MessageId, e.From, by, e.Path, e.To)) : Replied(e),
            Windows = Windows.SetItem(e.From, Windows.GetValueOrDefault(e.From, RateWindow.Fresh).Take(at)),
            Dead = e.Requeues is { } letter ? Dead.Remove(letter) : Dead,
            Days = Counted(at, new(0, Messages: 1)),
        };
    }

    private ImmutableArray<DayCount> Counted(DateTimeOffset at, DayCount more)
    {
        var day = DayCount.DayOf(at);
        return Days.IsEmpty || Days[^1].Day != day
            ? Days.Add(more with { Day = day })
            : Days.SetItem(Days.Length - 1, new(day, Days[^1].Messages + more.Messages, Days[^1].Delivered + more.Delivered, Days[^1].Dead + more.Dead));
    }

    private ConversationState Appended(string? from, ProducerMark? mark, string? order) => mark is null && order is null ? this : this with
    {
        Producers = mark is null ? Producers : Producers.SetItem(Producer.KeyOf(from!, mark.Id), new(from!, mark)),
        Orders = order is null ? Orders : Orders.SetItem(from!, order),
    };

    private ImmutableSortedDictionary<string, Request> Replied(ConversationEvent.Said e) => !e.More && RequestOf(e.ReplyTo, e.From) is { } request ? Requests.Remove(request.MessageId) : Requests;

    /// <summary>The request that waits for this reply; null: none does. Who asked one member hears its answer, whomever it blocks meanwhile.</summary>
    public Request? RequestOf(string? replyTo, string from) => replyTo is { } id && Requests.TryGetValue(id, out var request) && request.From != from
        && (request.To is { } asked ? asked == from : !IsBlocked(request.From, from)) ? request : null;

    public bool IsBlocked(string by, string whom) => !Blocks.IsEmpty && Blocks.Contains(new(by, whom));

    /// <summary>Members that would be told what the agent says.</summary>
    public IEnumerable<string> Others(string from) => Members.Values.Where(member => member.AgentId != from && !member.HasLeft).Select(member => member.AgentId);

    private ImmutableArray<Block> Also(IReadOnlyList<Block>? more) => more is null ? Blocks : [.. Blocks.Union(more)];

    private ConversationState Stand(Member member) => this with { Members = Members.SetItem(member.AgentId, member) };

    private ConversationState Acknowledge(ConversationEvent.Acknowledged e, DateTimeOffset at)
    {
        if (Subscribers.TryGetValue(e.AgentId, out var subscriber))
        {
            return this with { Subscribers = Subscribers.SetItem(e.AgentId, subscriber with { Acked = e.Number }) };
        }

        var settled = Stand(Members[e.AgentId] with { Acked = e.Number }).Settle(Between(Members[e.AgentId].Acked, e.Number));
        var delivered = Waiting.Count - settled.Waiting.Count;
        return delivered == 0 ? settled : settled with { Days = Counted(at, new(0, Delivered: delivered)) };
    }

    private IEnumerable<long> Between(long after, long upTo) => upTo - after > Waiting.Count ? Waiting.Keys.Where(number => number > after && number <= upTo) : Numbers(after, upTo);

    private static IEnumerable<long> Numbers(long after, long upTo)
    {
        for (var number = after + 1; number <= upTo; number++) yield return number;
    }

    /// <summary>Of these messages, those that nobody has to acknowledge any more are forgotten.</summary>
    private ConversationState Settle(IEnumerable<long> numbers)
    {
        var state = this;
        foreach (var number in numbers)
        {
            if (state.Waiting.TryGetValue(number, out var message) && !state.IsAwaited(message))
            {
                state = state.Forget(number);
            }
        }

        return state;
    }

    private ConversationState Forget(long number) => Waiting.TryGetValue(number, out var waits)
        ? this with { Waiting = Waiting.Remove(number), Sooner = Sooner.IsEmpty ? Sooner : Sooner.Remove((waits.ExpiresAt, number)) }
        : this;

    private bool IsAwaited(Waiting message)
    {
        foreach (var (id, member) in Members)
        {
            if (id != message.From && member.Awaits(message.Number) && message.Unheard?.Contains(id) is not true) return true;
        }

        return false;
    }

    /// <summary>Members that have yet to acknowledge it.</summary>
    public IReadOnlyList<string> AwaitedFrom(Waiting message) => 
        [.. Members.Values.Where(m => m.AgentId != message.From && m.Awaits(message.Number) && message.Unheard?.Contains(m.AgentId) is not true).Select(m => m.AgentId)];

    public void CheckInvariants(bool thorough)
    {
        Invariant.Check(Members.Count <= TalkLimits.Members && Subscribers.Count <= TalkLimits.Subscribers, "few_members");
        Invariant.Check(Waiting.Count <= Limits.Unacknowledged, "few_waiting");
        Invariant.Check(Dead.Count <= TalkLimits.DeadLetters + TalkLimits.Unacknowledged, "few_dead_letters");
        Invariant.Check(Producers.Count <= TalkLimits.Producers && Orders.Count <= TalkLimits.Members, "few_producers");
        if (!thorough) return;

        Invariant.Check(Members.Values.Concat(Subscribers.Values).All(m => m.Acked <= Last), "acknowledged_was_said");
        Invariant.Check(Days.Zip(Days.Skip(1)).All(pair => pair.First.Day < pair.Second.Day), "days_in_order");
        Invariant.Check(Waiting.All(w => w.Key == w.Value.Number && w.Key <= Last), "waiting_in_order");
        Invariant.Check(Blocks.All(block => block.By != block.Whom && Members.ContainsKey(block.By) && Members.ContainsKey(block.Whom)), "blocks_of_members");
        Invariant.Check(Owner is null || Members.ContainsKey(Owner), "owner_is_member");
    }
}
