using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Conversations.ConversationState, Agora.Core.Conversations.ConversationEvent>;

namespace Agora.Core.Conversations;

/// <summary>
/// What writers of a stream append. It is said as any message is, under the same bounds; besides, a producer's appends are taken once and in their order, and a writer's own order is kept.
/// <para>What is appended at once is one decision: all of it stands, or none. A repeat is known by its producer's number, as long as the conversation is there.</para>
/// </summary>
internal static class AppendDecider
{
    public static Decided Decide(ConversationState state, ConversationCommand.Append c, Context context)
    {
        if (ConversationDecider.Silenced(state, c.From) is { } silenced) return Decided.Reject(silenced);

        var what = c.Appending;
        if (what.Producer is { } stale && state.ProducerOf(c.From, stale.Id) is { Last: var last } && stale.Epoch < last.Epoch)
        {
            return Decided.Reject(ConversationRejection.StaleEpoch(last.Epoch));
        }

        if (state.ClosedAt is not null) return HasClosed(state, c) ? Repeat(state, what.Producer?.Seq) : Decided.Reject(ConversationRejection.Closed);
        if (what.Producer is { } mark)
        {
            var known = state.ProducerOf(c.From, mark.Id);
            if (known?.Last.Epoch == mark.Epoch && mark.Seq <= known.Last.Seq) return Repeat(state, known.Last.Seq);
            if (OutOfTurn(state, known, mark) is { } outOfTurn) return Decided.Reject(outOfTurn);
        }

        if (what.Order is { } order && state.Orders.TryGetValue(c.From, out var before) && string.CompareOrdinal(order, before) <= 0)
        {
            return Decided.Reject(ConversationRejection.OutOfOrder);
        }

        if (what.Closes && c.From != state.Owner) return Decided.Reject(ConversationRejection.OwnerOnly);
        if (Refusal(state, c.From, what, context) is { } refusal) return Decided.Reject(refusal);

        var events = Events(state, c.From, what, isAnswered: false);
        return Decided.Accept(new Entered(events[^1].Entry), [.. events]);
    }

    /// <summary>Why it does not begin a conversation with so many others; null: it may.</summary>
    public static Rejection? Refusal(ConversationLimits limits, Appending what, int others) =>
        others > 0 && what.Contents.Count > TalkLimits.SaidToStrangers ? ConversationRejection.NotAccepted : Refusal(limits, what);

    private static Rejection? Refusal(ConversationLimits limits, Appending what) =>
        what.Contents.Count > TalkLimits.AppendedAtOnce ? ConversationRejection.TooManyAtOnce
        : what.Contents.Any(content => content.Utf8.Length > limits.MessageBytes) ? ConversationRejection.TooLong(limits.MessageBytes)
        : null;

    /// <summary>In order; the last one answers the command, where nothing else does.</summary>
    public static List<ConversationEvent> Events(ConversationState state, string from, Appending what, bool isAnswered)
    {
        var (events, number, unheard) = (new List<ConversationEvent>(), state.Last, ConversationDecider.Unheard(state, from));
        if (what.Contents.Count > 0 && state.Members.GetValueOrDefault(from) is { IsInvited: true })
        {
            events.Add(new ConversationEvent.Joined(++number, from, Along: true));
        }

        for (var index = 0; index < what.Contents.Count; index++)
        {
            var (content, isLast) = (what.Contents[index], index == what.Contents.Count - 1);
            events.Add(new ConversationEvent.Said(
                ++number,
                from,
                index == 0 ? what.MessageId : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what.MessageId}.{index}"),
                what.ContentType,
                content.Utf8.Length,
                Unheard: unheard,
                Order: isLast ? what.Order : null,
                Producer: isLast && !what.Closes ? what.Producer : null,
                Along: isAnswered || !isLast || what.Closes) { Content = content });
        }

        if (what.Closes)
        {
            events.Add(new ConversationEvent.Closed(++number, from, isAnswered, what.Producer));
        }

        return events;
    }

    private static Rejection? Refusal(ConversationState state, string from, Appending what, Context context) =>
        what.Contents.Count == 0 ? null
        : ConversationDecider.IsUnwanted(state, ConversationDecider.Unheard(state, from), from) ? ConversationRejection.Unwanted
        : Refusal(state.Limits, what) ?? ConversationDecider.TooMuch(state, from, what.Contents.Count, context.Now);

    private static Rejection? OutOfTurn(ConversationState state, Producer? known, ProducerMark mark) =>
        known is null && state.Producers.Count >= TalkLimits.Producers ? ConversationRejection.TooManyProducers
        : known is not null && mark.Epoch > known.Last.Epoch ? mark.Seq == 0 ? null : ConversationRejection.EpochBegins
        : (known?.Last.Seq ?? -1) + 1 is var next && mark.Seq != next ? ConversationRejection.Gap(next, mark.Seq)
        : null;

    /// <summary>Who closes what is closed has done nothing else; of a producer only by the request that did it.</summary>
    private static bool HasClosed(ConversationState state, ConversationCommand.Append c) =>
        c.Appending.Producer is { } mark ? state.ClosedBy is { } closer && closer.AgentId == c.From && closer.Last == mark : c.Appending is { Closes: true, Contents.Count: 0 };

    private static Decided Repeat(ConversationState state, long? seq) => Decided.Query(new Repeated(state.Last, seq, state.ClosedAt is not null));
}
