using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>
/// How a limit decides: what every node does (<see cref="NodeDecider{TNode, TState, TEvent}"/>), and refunds, which lower what it counts.
/// <para>A refund counts once under each id, in bounded memory. It is taken when its id is young and not known; an id that was taken stays known until it is released, and
/// then as long as an outcome does (<see cref="HoldBook"/>), by when it is too old to be taken. So Late and Forgotten say for certain that it was never
/// taken, or was released by whoever knew; and that it never will be, for the time at which they were said is the stream's.</para>
/// </summary>
internal static class LimitDecider<TLimit, TState, TEvent>
    where TLimit : ILimit<TState, TEvent>
    where TState : class
    where TEvent : class
{
    /// <summary>The run is decided and this node has not followed yet: there is nothing here to give back.</summary>
    private static readonly Rejection NotPosted = new(Codes.Unavailable, "The payment has not been counted here yet.", Retry: true);

    public static Decision<TState, TEvent> Decide(TState state, NodeCommand asked, Context context) => asked switch
    {
        NodeCommand.TakeRefund c => TakeRefund(state, c, context),
        NodeCommand.AwaitRoom c => RoomDecider<TLimit, TState, TEvent>.Await(state, c, context),
        NodeCommand.ReleaseRefund c => ReleaseRefund(state, c.TellId, context),
        _ => NodeDecider<TLimit, TState, TEvent>.Decide(state, asked, context),
    };

    private static Decision<TState, TEvent> TakeRefund(TState state, NodeCommand.TakeRefund c, Context context)
    {
        var standing = TLimit.RefundsOf(state).Find(c.TellId, context.Now);
        var told = Decision<TState, TEvent>.Accept(new RefundTold(c.TellId, standing));
        if (standing is HoldStanding.Late or HoldStanding.Forgotten) return told.FixingTime();
        if (standing is not HoldStanding.Unknown) return told;
        if (TLimit.IsUndecided(state, c.RunId)) return Decision<TState, TEvent>.Reject(NotPosted);

        return Decision<TState, TEvent>.Accept(new RefundTold(c.TellId, HoldStanding.Held), TLimit.RefundTaken(c)).Ride(Riding.Awaited);
    }

    private static Decision<TState, TEvent> ReleaseRefund(TState state, Guid tellId, Context context)
    {
        var told = new RefundTold(tellId, HoldStanding.Posted);
        return TLimit.RefundsOf(state).Find(tellId, context.Now) is HoldStanding.Held
            ? Decision<TState, TEvent>.Accept(told, TLimit.RefundReleased(tellId)).Ride(Riding.Awaited)
            : Decision<TState, TEvent>.Accept(told);
    }
}

/// <summary>Refunds that a limit has taken are kept as holds are, by the ids under which they were told.</summary>
internal static class TakenRefunds
{
    public static HoldBook TakeRefund(this HoldBook refunds, Guid tellId, Guid runId, long amountMicros, DateTimeOffset at) =>
        refunds.Add(new(tellId, "", runId, [new("refund", amountMicros)], at));

    public static bool HasRun(this HoldBook holds, Guid runId)
    {
        foreach (var (_, hold) in holds.Open)
        {
            if (hold.RunId == runId) return true;
        }

        return false;
    }
}
