using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>
/// What every node of a run keeps to, be it a limit or a fund.
/// <para>Rules. A Reserve is decided once for each hold id, and only while the id is young; the same one again is answered as before. A hold is ended by its owner
/// alone: while it is open, or its owner cannot be reached, the next alarm asks again, unless the owner said for how long it stays open, and nothing is freed by itself. What has ended is said to have ended so.
/// A Void of one that has not come leaves a tombstone, so that its Reserve is refused when it comes; of one that is forgotten the age is what refuses it,
/// so that time is fixed.</para>
/// <para>Broken invariants: <c>post_of_voided</c> and <c>post_of_unknown_hold</c> (an owner that contradicts itself or us).</para>
/// </summary>
internal static class NodeDecider<TNode, TState, TEvent>
    where TNode : INode<TState, TEvent>
    where TState : class
    where TEvent : class
{
    public static Decision<TState, TEvent> Decide(TState state, NodeCommand asked, Context context) => asked switch
    {
        NodeCommand.Reserve c => Reserve(state, c, context),
        NodeCommand.Post c => Post(state, c.HoldId, c.AmountMicros, c.Tokens, context),
        NodeCommand.Void c => Void(state, c.HoldId, context),
        _ => throw new UnreachableException(asked.GetType().Name),
    };

    public static Decision<TState, TEvent> Inquired(TState state, NodeOutcome.HoldInquired c, Context context) =>
        c.Posted ? Post(state, c.HoldId, c.AmountMicros, c.Tokens, context) : Void(state, c.HoldId, context);

    public static IEnumerable<Step> Inquiries(TState state, DateTimeOffset now) => TNode.HoldsOf(state).Overdue(now).Select(hold => new Step(
        Phase.AfterCommit,
        new StepTarget.Entity(StreamId.Parse(hold.Owner), new NodeCommand.Inquire(hold.RunId, hold.Id)),
        outcome => outcome switch
        {
            StepOutcome.Answered { Answer.Reply: Inquired { Open: false } ended } => TNode.Learn(new NodeOutcome.HoldInquired(hold.Id, ended.Posted, ended.AmountMicros, ended.Tokens)),
            StepOutcome.Answered { Answer.Reply: Inquired { OpenForSeconds: > 0 and var seconds } } => TNode.Learn(new NodeOutcome.HoldStaysOpen(hold.Id, seconds)),
            _ => null,
        }));

    public static Decision<TState, TEvent> StaysOpen(TState state, NodeOutcome.HoldStaysOpen c, Context context)
    {
        var (holds, most) = (TNode.HoldsOf(state), (int)Limits.InquiryPutOffAtMost.TotalSeconds);
        return holds.Open.ContainsKey(c.HoldId)
            ? Decision<TState, TEvent>.NoChange.WithSoft(TNode.WithHolds(state, holds.PutOff(c.HoldId, context.Now.AddSeconds(Math.Min(c.ForSeconds, most)))))
            : Decision<TState, TEvent>.NoChange;
    }

    private static Decision<TState, TEvent> Reserve(TState state, NodeCommand.Reserve c, Context context)
    {
        TNode.CheckAsked(c);
        var standing = TNode.HoldsOf(state).Find(c.HoldId, context.Now);
        return standing is HoldStanding.Held ? TNode.ReserveAgain(state, c, context)
            : TNode.Undecidable(standing) is { } tooLate ? Decision<TState, TEvent>.Reject(tooLate)
            : TNode.Reserve(state, c, context);
    }

    private static Decision<TState, TEvent> Post(TState state, Guid holdId, long amountMicros, long tokens, Context context)
    {
        var holds = TNode.HoldsOf(state);
        var standing = holds.Find(holdId, context.Now);
        Invariant.Check(standing is not HoldStanding.Voided, "post_of_voided");
        Invariant.Check(standing is HoldStanding.Held or HoldStanding.Posted or HoldStanding.Forgotten, "post_of_unknown_hold");
        if (standing is not HoldStanding.Held) return Decision<TState, TEvent>.Accept(new HoldEnded(holdId, standing));

        var hold = holds.Open[holdId];
        return TNode.End(state, new(holdId, HoldStanding.Posted), TNode.Posted(state, hold, amountMicros, tokens, context), hold, amountMicros, context).Then(TNode.Waking(state));
    }

    private static Decision<TState, TEvent> Void(TState state, Guid holdId, Context context)
    {
        var holds = TNode.HoldsOf(state);
        return holds.Find(holdId, context.Now) switch
        {
            var standing and (HoldStanding.Posted or HoldStanding.Voided) => Decision<TState, TEvent>.Accept(new HoldEnded(holdId, standing)),
            HoldStanding.Forgotten => Decision<TState, TEvent>.Accept(new HoldEnded(holdId, HoldStanding.Forgotten)).FixingTime(),
            _ => TNode.End(state, new(holdId, HoldStanding.Voided), TNode.Voided(holdId), holds.Open.GetValueOrDefault(holdId), null, context).Then(TNode.Waking(state)),
        };
    }
}
