using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Sessions;

namespace Agora.Core.Holds;

/// <summary>
/// What every node of a run has to keep to, be it a limit or a fund: a hold is ended by its owner alone, the session of its run or the
/// payment of its refund, and an overdue one is asked about there.
/// <para>Broken invariants: <c>post_of_voided</c> and <c>post_of_unknown_hold</c> (an owner that contradicts itself or us).</para>
/// </summary>
internal static class HoldDecider
{
    /// <returns>Held: it is posted now; else it was before, or is forgotten, and the answer says so.</returns>
    public static HoldStanding ToPost(HoldBook holds, Guid holdId, DateTimeOffset now)
    {
        var standing = holds.Find(holdId, now);
        Invariant.Check(standing is not HoldStanding.Voided, "post_of_voided");
        Invariant.Check(standing is HoldStanding.Held or HoldStanding.Posted or HoldStanding.Forgotten, "post_of_unknown_hold");
        return standing;
    }

    /// <returns>
    /// That it was decided; null: it is voided now. One that has not come leaves a tombstone, so that its Reserve is refused when it comes; of
    /// one that is forgotten the age is what refuses it, so that time is fixed.
    /// </returns>
    public static Decision<TState, TEvent>? Decided<TState, TEvent>(HoldBook holds, Guid holdId, DateTimeOffset now)
        where TState : class
        where TEvent : class => holds.Find(holdId, now) switch
        {
            var standing and (HoldStanding.Posted or HoldStanding.Voided) => Decision<TState, TEvent>.Accept(new HoldDecided(holdId, standing)),
            HoldStanding.Forgotten => Decision<TState, TEvent>.Accept(new HoldDecided(holdId, HoldStanding.Forgotten)).FixingTime(),
            _ => null,
        };

    /// <summary>Only what is decided lets a hold go; while it is open, or its owner cannot be reached, the next alarm asks again.</summary>
    /// <param name="take">Hold, whether it was posted, and for how much: the node's own command.</param>
    public static IEnumerable<Step> Inquiries(HoldBook holds, DateTimeOffset now, Func<Guid, bool, long, object> take) => holds.Overdue(now).Select(hold => new Step(
        Phase.AfterCommit,
        AskOwner(StreamId.Parse(hold.Owner), hold),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: Inquired { Open: false } inquired } ? take(hold.Id, inquired.Posted, inquired.AmountMicros) : null));

    private static StepTarget.Entity AskOwner(StreamId owner, Hold hold) =>
        new(owner, owner.Kind == Kinds.Payment ? new RefundCommand.Inquire(hold.RunId, hold.Id) : new SessionCommand.Inquire(hold.RunId, hold.Id));
}

/// <summary>How a limit ends holds: a user's stream for grant and caps, a session for what runs below it. That it followed may reach the journal with its next row.</summary>
internal static class LimitDecider<TState, TEvent>
    where TState : class
    where TEvent : class
{
    public static Decision<TState, TEvent> Post(HoldBook holds, Guid holdId, TEvent posted, Context context) => HoldDecider.ToPost(holds, holdId, context.Now) is var standing and not HoldStanding.Held
        ? Decision<TState, TEvent>.Accept(new HoldDecided(holdId, standing))
        : Decision<TState, TEvent>.Accept(new HoldDecided(holdId, HoldStanding.Posted), posted).Ride(Riding.AwaitedLonger);

    public static Decision<TState, TEvent> Void(HoldBook holds, Guid holdId, TEvent voided, Context context) =>
        HoldDecider.Decided<TState, TEvent>(holds, holdId, context.Now) ?? Decision<TState, TEvent>.Accept(new HoldDecided(holdId, HoldStanding.Voided), voided).Ride(Riding.AwaitedLonger);
}
