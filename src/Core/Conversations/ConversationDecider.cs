using System.Diagnostics;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Conversations.ConversationState, Agora.Core.Conversations.ConversationEvent>;

namespace Agora.Core.Conversations;

/// <summary>
/// A conversation decides who is in it, and in which order what is said stands.
/// <para>Rules. Whoever is invited hears the invitation and one message, and speaks by joining. As long as nobody has joined, strangers are told <see cref="TalkLimits.SaidToStrangers"/> message.
/// A member is told what was said since it joined, until it left. A message waits for each member that is to hear it, until it is acknowledged or dies: then it is a dead letter, and its
/// sender is told. Where too much waits, nobody is heard: whoever is slow slows the others down, and nothing is lost. Subscribers of an open conversation keep nobody waiting. A member that blocks another
/// is not told what that one says (<see cref="ConversationEvent.Said.Unheard"/>): nobody waits for it there. Only the answer of whom it has asked alone (<see cref="Saying.To"/>) it is told.</para>
/// <para>A message is known again by its command's id, which follows from its sender and its message id (<see cref="MessageIds"/>).</para>
/// </summary>
public static class ConversationDecider
{
    public static Decided Decide(ConversationState state, ConversationCommand command, Context context) => command switch
    {
        ConversationCommand.Open c => Open(state, c, context),
        ConversationCommand.Tick => Tick(state, context),
        _ when state.Owner is null => Decided.Reject(ConversationRejection.NotFound),
        ConversationCommand.Get c => Get(state, c),
        ConversationCommand.Say c => Say(state, c, context),
        ConversationCommand.Append c => AppendDecider.Decide(state, c, context),
        ConversationCommand.GetRequest c => GetRequest(state, c, context),
        ConversationCommand.Join c => Join(state, c, context),
        ConversationCommand.Invite c => Invite(state, c, context),
        ConversationCommand.Block c => Block(state, c),
        ConversationCommand.Unblock c => Unblock(state, c),
        ConversationCommand.Leave c => Leave(state, c, context),
        ConversationCommand.Close c => Close(state, c, context),
        ConversationCommand.Acknowledge c => Acknowledge(state, c),
        ConversationCommand.DeadLetters c => state.Members.ContainsKey(c.AgentId) ? Decided.Query(new DeadLetterList([.. state.Dead.Values.Where(letter => letter.From == c.AgentId || letter.To.Contains(c.AgentId))])) : Decided.Reject(ConversationRejection.NotFound),
        ConversationCommand.Drop c => Drop(state, c, context),
        ConversationCommand.Erase c => Erase(state, c, context),
        _ => throw new UnreachableException(),
    };

    private static Decided Open(ConversationState state, ConversationCommand.Open c, Context context)
    {
        if (state.Owner is not null) return Decided.Reject(ConversationRejection.Exists);
        if (c.Members.Count >= TalkLimits.Members) return Decided.Reject(ConversationRejection.TooManyMembers);
        if (c.First is { } said && AppendDecider.Refusal(c.Limits, said, c.Members.Count) is { } tooMuch) return Decided.Reject(tooMuch);

        var blocks = Among([c.Owner, .. c.Members], c.Blocks);
        if (Parted(c.Owner, c.Members, blocks) is { } parted) return Decided.Reject(parted);

        var opened = new ConversationEvent.Opened(c.Owner, [.. c.Members.Order(StringComparer.Ordinal)], c.IsOpen, c.Limits, c.Chosen, blocks, c.ContentType) { Topic = c.Topic };
        return c.First is { } first ? Decided.Accept(new Entered(opened.Entry), [opened, .. AppendDecider.Events(state with { Last = opened.Entry }, c.Owner, first, isAnswered: true)]) : Enter(opened);
    }

    private static Decided Get(ConversationState state, ConversationCommand.Get c) =>
        c.AgentId is null || state.IsOpen || state.Find(c.AgentId) is not null ? Decided.Query(state.View(c.AgentId)) : Decided.Reject(ConversationRejection.NotFound);

    private static Decided Say(ConversationState state, ConversationCommand.Say c, Context context)
    {
        if (Silenced(state, c.From) is { } silenced) return Decided.Reject(silenced);
        if (state.ClosedAt is not null) return Decided.Reject(ConversationRejection.Closed);

        List<string> others = [.. state.Others(c.From)];
        if (c.Saying.To is { } only && !others.Contains(only)) return Decided.Reject(ConversationRejection.HasLeft);
        if (c.Saying.To is { } asked && state.IsBlocked(c.From, asked)) return Decided.Reject(ConversationRejection.Blocks);

        // Whom nobody hears says nothing; in a conversation of many the others do, and who blocked it is not told. Whoever asked hears the answer.
        var served = state.RequestOf(c.Saying.ReplyTo, c.From);
        var isLate = served?.ReplyBy <= context.Now;
        List<string> unheard = [.. others.Where(other => c.Saying.To is { } to && other != to || state.IsBlocked(other, c.From) && (isLate || other != served?.From))];
        if (IsUnwanted(state, unheard, c.From)) return Decided.Reject(ConversationRejection.Unwanted);
        if (c.Saying.Path is { } path && Delegation(state, c.From, path) is { } refused) return Decided.Reject(refused);
        if (c.Saying.Requeues is { } letter && !IsDeadLetterOf(state, letter, c.From)) return Decided.Reject(ConversationRejection.NoSuchLetter);
        if (c.Saying.Bytes > state.Limits.MessageBytes) return Decided.Reject(ConversationRejection.TooLong(state.Limits.MessageBytes));
        if (c.Saying.ReplyWithinSeconds is not null && state.Requests.ContainsKey(c.Saying.MessageId))
        {
            return Decided.Reject(ConversationRejection.RequestWaits);
        }

        if (c.Saying.ReplyWithinSeconds is not null && state.Requests.Count >= TalkLimits.Requests)
        {
            return Decided.Reject(ConversationRejection.TooManyRequests);
        }

        if (TooMuch(state, c.From, 1, context.Now, c.Saying.Requeues is not null) is { } tooMuch) return Decided.Reject(tooMuch);

        // Whoever answers an invitation takes it. A reply that comes too late stands behind the word that there was none in time.
        var first = new List<ConversationEvent>();
        if (Speaker(state, c.From) is { IsInvited: true })
        {
            first.Add(new ConversationEvent.Joined(state.Last + 1, c.From, Along: true));
        }

        if (served is not null && isLate)
        {
            first.Add(new ConversationEvent.Unanswered(state.Last + first.Count + 1, served.MessageId, served.From, Along: true));
        }

        var said = new ConversationEvent.Said(
            state.Last + first.Count + 1,
            c.From,
            c.Saying.MessageId,
            c.Saying.ContentType,
            c.Saying.Bytes,
            c.Saying.ReplyTo,
            c.Saying.ReplyWithinSeconds is { } seconds ? context.Now.AddSeconds(seconds) : null,
            c.Saying.TtlSeconds is { } ttl && ttl < state.Limits.TtlSeconds ? context.Now.AddSeconds(ttl) : null,
            c.Saying.Requeues,
            unheard.Count > 0 ? unheard : null,
            c.Saying.More,
            c.Saying.Path,
            c.Saying.To) { Content = c.Content };
        return Enter(said).AlsoFirst([.. first]);
    }

    /// <summary>Why the agent says nothing here at all; null: it may.</summary>
    internal static Rejection? Silenced(ConversationState state, string from) =>
        Speaker(state, from) is not { } speaker ? ConversationRejection.NotFound : speaker.IsJoined || speaker.IsInvited ? null : ConversationRejection.MayNotSpeak;

    /// <summary>Members that are not told what the agent says; null: all are.</summary>
    internal static IReadOnlyList<string>? Unheard(ConversationState state, string from) =>
        state.Blocks.IsEmpty ? null : state.Others(from).Where(other => state.IsBlocked(other, from)).ToList() is { Count: > 0 } some ? some : null;

    /// <summary>Whom nobody hears says nothing; in a conversation of many the others do, and who blocked it is not told.</summary>
    internal static bool IsUnwanted(ConversationState state, IReadOnlyList<string>? unheard, string from) => unheard is { Count: > 0 } && state.Subscribers.IsEmpty && unheard.Count == state.Others(from).Count();

    /// <summary>Whether there is room for so many messages of the agent; null: there is.</summary>
    internal static Rejection? TooMuch(ConversationState state, string from, int messages, DateTimeOffset now, bool isLetter = false)
    {
        if (Speaker(state, from) is not { IsInvited: true } && !state.IsAccepted && state.SaidToStrangers + messages > TalkLimits.SaidToStrangers)
        {
            return ConversationRejection.NotAccepted;
        }

        if (state.Waiting.Count + messages > state.Limits.Unacknowledged) return ConversationRejection.TooManyWaiting(state.Limits.Unacknowledged);
        if (state.Dead.Count >= TalkLimits.DeadLetters && !isLetter) return ConversationRejection.TooManyDead;

        var window = state.Windows.GetValueOrDefault(from, RateWindow.Fresh).Take(now);
        return window.Count + messages - 1 > state.Limits.MessagesPerMinute ? ConversationRejection.TooFast(state.Limits.MessagesPerMinute, window.SecondsLeft(now)) : null;
    }

    /// <summary>What somebody asks on behalf of others comes back to none of them, and not from hand to hand without end.</summary>
    private static Rejection? Delegation(ConversationState state, string from, IReadOnlyList<string> path)
    {
        if (path.Any(agent => agent == from || state.Members.GetValueOrDefault(agent) is { HasLeft: false })) return ConversationRejection.Cycle;
        return path.Count > TalkLimits.Path ? ConversationRejection.TooDeep : null;
    }

    private static Decided GetRequest(ConversationState state, ConversationCommand.GetRequest c, Context context)
    {
        if (Speaker(state, c.AgentId) is not ({ IsJoined: true } or { IsInvited: true })) return Decided.Reject(ConversationRejection.NotFound);
        if (state.RequestOf(c.MessageId, c.AgentId) is not { } request) return Decided.Reject(ConversationRejection.NoSuchRequest);

        return request.ReplyBy <= context.Now ? Decided.Reject(ConversationRejection.NoSuchRequest) : Decided.Query(new Asked([.. request.Path ?? [], request.From]));
    }

    private static Decided Join(ConversationState state, ConversationCommand.Join c, Context context)
    {
        var member = Speaker(state, c.AgentId);
        if (member is null && !state.IsOpen) return Decided.Reject(ConversationRejection.NotFound);
        if (member is { IsJoined: true } || state.Subscribers.ContainsKey(c.AgentId)) return Decided.Query(new Entered(0));
        if (state.ClosedAt is not null) return Decided.Reject(ConversationRejection.Closed);
        if (member is not null) return Enter(new ConversationEvent.Joined(state.Last + 1, c.AgentId));
        if (state.Subscribers.Count >= TalkLimits.Subscribers) return Decided.Reject(ConversationRejection.TooManySubscribers);

        return Enter(new ConversationEvent.Subscribed(c.AgentId, state.Last));
    }

    private static Decided Invite(ConversationState state, ConversationCommand.Invite c, Context context)
    {
        if (state.Find(c.By) is null) return Decided.Reject(ConversationRejection.NotFound);
        if (c.By != state.Owner) return Decided.Reject(ConversationRejection.OwnerOnly);
        if (state.ClosedAt is not null) return Decided.Reject(ConversationRejection.Closed);
        if (state.Members.GetValueOrDefault(c.AgentId) is { HasLeft: false }) return Decided.Reject(ConversationRejection.IsMember);
        if (!state.Members.ContainsKey(c.AgentId) && state.Members.Count >= TalkLimits.Members)
        {
            return Decided.Reject(ConversationRejection.TooManyMembers);
        }

        if (state.Members.GetValueOrDefault(c.AgentId) is { Declined: >= TalkLimits.Declines }) return Decided.Reject(ConversationRejection.Declined);

        var blocks = Among([c.AgentId, .. state.Members.Keys], c.Blocks);
        if (Parted(c.By, [c.AgentId], blocks) is { } parted) return Decided.Reject(parted);

        return Enter(new ConversationEvent.Invited(state.Last + 1, c.AgentId, c.By, blocks));
    }

    private static Decided Block(ConversationState state, ConversationCommand.Block c)
    {
        if (!state.Members.ContainsKey(c.By) || !state.Members.ContainsKey(c.Whom)) return Decided.Reject(ConversationRejection.NotFound);

        return state.IsBlocked(c.By, c.Whom) ? Decided.NoChange : Decided.Did(new ConversationEvent.Blocked(c.By, c.Whom));
    }

    private static Decided Unblock(ConversationState state, ConversationCommand.Unblock c) =>
        state.IsBlocked(c.By, c.Whom) ? Decided.Did(new ConversationEvent.Unblocked(c.By, c.Whom)) : Decided.NoChange;

    /// <summary>Null: none.</summary>
    private static IReadOnlyList<Block>? Among(IReadOnlyCollection<string> members, IReadOnlyList<Block>? blocks) =>
        blocks?.Where(block => block.By != block.Whom && members.Contains(block.By) && members.Contains(block.Whom)).Distinct().ToList() is { Count: > 0 } some ? some : null;

    /// <summary>Who invites wants to hear nothing of whom it invites, or the other way round. Null: neither.</summary>
    public static Rejection? Parted(string by, IReadOnlyList<string> invited, IReadOnlyList<Block>? blocks) => blocks is null ? null
        : blocks.Any(block => block.Whom == by && invited.Contains(block.By)) ? ConversationRejection.Unwanted
        : blocks.Any(block => block.By == by && invited.Contains(block.Whom)) ? ConversationRejection.Blocks : null;

    private static Decided Leave(ConversationState state, ConversationCommand.Leave c, Context context)
    {
        if (state.Subscribers.ContainsKey(c.AgentId)) return Enter(new ConversationEvent.Unsubscribed(c.AgentId));
        if (state.Members.GetValueOrDefault(c.AgentId) is not { } member) return Decided.Reject(ConversationRejection.NotFound);

        return member.HasLeft ? Decided.Query(new Entered(0)) : Enter(new ConversationEvent.Left(state.Last + 1, c.AgentId));
    }

    private static Decided Close(ConversationState state, ConversationCommand.Close c, Context context)
    {
        if (state.Find(c.By) is null) return Decided.Reject(ConversationRejection.NotFound);
        if (c.By != state.Owner) return Decided.Reject(ConversationRejection.OwnerOnly);

        return state.ClosedAt is not null ? Decided.Query(new Entered(0)) : Enter(new ConversationEvent.Closed(state.Last + 1, c.By));
    }

    /// <summary>It rides: one that is lost in a crash costs that the same is told again.</summary>
    private static Decided Acknowledge(ConversationState state, ConversationCommand.Acknowledge c)
    {
        if (state.Find(c.AgentId) is not { } member) return Decided.Reject(ConversationRejection.NotFound);
        if (c.Number > state.Last) return Decided.Reject(ConversationRejection.FromTheFuture(state.Last));
        if (c.Number <= member.Acked) return Decided.Query(new Acknowledged(member.Acked));

        return Decided.Accept(new Acknowledged(c.Number), new ConversationEvent.Acknowledged(c.AgentId, c.Number)).Ride(Riding.Soon);
    }

    private static Decided Drop(ConversationState state, ConversationCommand.Drop c, Context context)
    {
        if (state.Find(c.By) is null) return Decided.Reject(ConversationRejection.NotFound);
        if (!IsDeadLetterOf(state, c.Number, c.By)) return Decided.Reject(ConversationRejection.NoSuchLetter);

        return Enter(new ConversationEvent.Dropped(c.Number, c.By));
    }

    private static Decided Erase(ConversationState state, ConversationCommand.Erase c, Context context)
    {
        if (c.By is not null && state.Find(c.By) is null) return Decided.Reject(ConversationRejection.NotFound);
        if (c.By is not null && c.By != state.Owner) return Decided.Reject(ConversationRejection.OwnerOnly);
        if (state.IsErased) return Decided.NoChange;

        var erased = Decided.Did(new ConversationEvent.Erased(c.By));
        return state.ClosedAt is null ? erased.AlsoFirst(new ConversationEvent.Closed(state.Last + 1, c.By, Along: true)) : erased;
    }

    /// <summary>Whatever time alone has made due: some of it, where that is much. What is left is due still.</summary>
    private static Decided Tick(ConversationState state, Context context)
    {
        // Nothing that still waits is erased before its sender was told.
        var isErased = state.ClosedAt?.AddSeconds(state.Limits.RetentionSeconds) <= context.Now && !state.IsErased;
        var (events, number) = (new List<ConversationEvent>(), state.Last);
        foreach (var request in state.Requests.Values.Where(r => r.ReplyBy <= context.Now).OrderBy(r => r.Number).Take(TalkLimits.DieAtOnce))
        {
            events.Add(new ConversationEvent.Unanswered(++number, request.MessageId, request.From));
        }

        foreach (var message in (isErased ? state.Waiting.Values : Expired(state, context.Now)).Take(TalkLimits.DieAtOnce))
        {
            var reason = message.ExpiresAt <= context.Now ? DeadReasons.Expired : DeadReasons.Closed;
            events.Add(new ConversationEvent.Died(++number, new(message.Number, message.MessageId, message.From, state.AwaitedFrom(message), reason, context.Now)));
        }

        if (isErased && state.Waiting.Count <= TalkLimits.DieAtOnce)
        {
            events.Add(new ConversationEvent.Erased(null));
        }

        events.AddRange(state.Days.TakeWhile(count => DayCount.WrittenAt(count.Day, state.Stream) <= context.Now).Take(TalkLimits.CountedAtOnce).Select(static count => new ConversationEvent.DayCounted(count)));
        return events.Count == 0 ? Decided.Accept(Nothing.Value) : Decided.Did([.. events]);
    }

    private static IEnumerable<Waiting> Expired(ConversationState state, DateTimeOffset now) => state.Waiting.Values
        .TakeWhile(w => w.ExpiresAt <= now)
        .UnionBy(state.Sooner.TakeWhile(s => s.At <= now).Select(s => state.Waiting[s.Number]), w => w.Number);

    private static Member? Speaker(ConversationState state, string agentId) =>
        state.Members.GetValueOrDefault(agentId) is { HasLeft: false } member ? member : state.Subscribers.GetValueOrDefault(agentId);

    private static bool IsDeadLetterOf(ConversationState state, long number, string agentId) => state.Dead.TryGetValue(number, out var letter) && letter.From == agentId;

    private static Decided Enter(ConversationEvent entry) => Decided.Accept(new Entered(entry.Entry), entry);

    public static LateAnswer? Recall(ConversationEvent happened, Guid commandId) => happened switch
    {
        ConversationEvent.Acknowledged e => new(commandId, Answer.Of(new Acknowledged(e.Number))),
        ConversationEvent.Joined { Along: true } or ConversationEvent.Said { Along: true } or ConversationEvent.Closed { Along: true } or ConversationEvent.Unanswered { Along: true } => null,
        ConversationEvent.Blocked or ConversationEvent.Unblocked or ConversationEvent.Unanswered or ConversationEvent.Died or ConversationEvent.DayCounted or ConversationEvent.Erased => new(commandId, Answer.Of(Nothing.Value)),
        _ => new(commandId, Answer.Of(new Entered(happened.Entry))),
    };
}
