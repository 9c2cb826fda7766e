using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>
/// How a limit's node takes refunds: once under each id, in bounded memory. A refund is taken when its id is young and not known; an id that was taken stays known until
/// it is released, and then as long as an outcome does (<see cref="HoldBook"/>), by when it is too old to be taken. So Late and Forgotten say for
/// certain that it was never taken, or was released by whoever knew; and that it never will be, for the time at which they were said is the stream's.
/// </summary>
internal static class NodeRefunds
{
    /// <summary>The run is decided and this node has not followed yet: there is nothing here to give back.</summary>
    private static readonly Rejection NotPosted = new(Codes.Unavailable, "The payment has not been counted here yet.", Retry: true);

    public static bool IsHeld(HoldBook holds, Guid runId)
    {
        foreach (var (_, hold) in holds.Open)
        {
            if (hold.RunId == runId) return true;
        }

        return false;
    }

    /// <param name="isHeld">The run may still be decided otherwise here.</param>
    public static Decision<TState, TEvent> Take<TState, TEvent>(HoldBook refunds, Guid tellId, bool isHeld, TEvent taken, Context context)
        where TState : class
        where TEvent : class
    {
        var standing = refunds.Find(tellId, context.Now);
        var told = Decision<TState, TEvent>.Accept(new RefundTold(tellId, standing));
        if (standing is HoldStanding.Late or HoldStanding.Forgotten) return told.FixingTime();
        if (standing is not HoldStanding.Unknown) return told;
        if (isHeld) return Decision<TState, TEvent>.Reject(NotPosted);

        return Decision<TState, TEvent>.Accept(new RefundTold(tellId, HoldStanding.Held), taken).Ride(Riding.Awaited);
    }

    public static Decision<TState, TEvent> Release<TState, TEvent>(HoldBook refunds, Guid tellId, TEvent released, Context context)
        where TState : class
        where TEvent : class
    {
        var told = new RefundTold(tellId, HoldStanding.Posted);
        return refunds.Find(tellId, context.Now) is HoldStanding.Held
            ? Decision<TState, TEvent>.Accept(told, released).Ride(Riding.Awaited)
            : Decision<TState, TEvent>.Accept(told);
    }

    public static Hold Taken(Guid tellId, Guid runId, long amountMicros, DateTimeOffset at) => new(tellId, "", runId, [new("refund", amountMicros)], at);
}
