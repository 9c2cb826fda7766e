using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Refunds.RefundState, Agora.Core.Refunds.RefundEvent>;

namespace Agora.Core.Refunds;

/// <summary>
/// Gives a payment back, in whole or in parts: a run in reverse.
/// <para>Rules. The provider's wallet and the platform's hold their parts before anything is decided; a refusal of either changes nothing. Decided is
/// in this stream alone, one refund at a time; then both wallets follow, and pay to the fund that had paid; and the limits that had bound the payment are
/// told (RefundDecider.Nodes.cs). The same command is answered as before; what is given back is never more than was paid.</para>
/// <para>What no fund paid (a model's call whose provider the operator pays) nobody holds or gets back: it is decided at once, and the limits are told.</para>
/// <para>A hold of this stream that hears nothing for a minute is asked about here: `void` is answered only by a fenced append.</para>
/// </summary>
public sealed partial class RefundDecider
{
    private RefundDecider()
    {
    }

    public static Decided Decide(RefundState state, RefundCommand command, Context context) => command switch
    {
        RefundCommand.Refund c => Refund(state, c, context),
        RefundCommand.Node { Asked: NodeCommand.Inquire c } => Inquire(state, c),
        RefundCommand.Get => Decided.Query(new PaymentStanding(state.Back.Posted)),
        RefundCommand.WalletAnswered c => WalletAnswered(state, c, context),
        RefundCommand.WalletPaid c => state.Pending is { } refund && refund.RefundId == c.RefundId ? Decided.Accept(Nothing.Value).Then(AskWallet(state, WalletOf(state, refund, c.HoldId))) : Decided.NoChange,
        RefundCommand.Abandoned c => state.Pending is { } refund && refund.RefundId == c.RefundId ? Refuse(state, refund, RefundRejection.Unreachable) : Decided.NoChange,
        RefundCommand.WalletTold c => state.Wallets.Any(w => w.HoldId == c.HoldId) ? Decided.Did(new RefundEvent.WalletFollowed(c.HoldId)).Ride(Riding.UntilAlarm) : Decided.NoChange,
        RefundCommand.NodeTold c => NodeTold(state, c, context),
        RefundCommand.NodeReleased c => Find(state, c.TellId) is null ? Decided.NoChange : Decided.Did(new RefundEvent.NodeReleased(c.TellId)).Ride(Riding.UntilAlarm),
        RefundCommand.Tick => Decided.NoChange,
        _ => throw new UnreachableException(),
    };

    private static Decided Refund(RefundState state, RefundCommand.Refund c, Context context)
    {
        Invariant.Check(c.Payment.PaymentId == state.Stream.Id && c.Payment.FeeMicros >= 0 && c.Payment.FeeMicros <= c.Payment.AmountMicros, "payment_is_whole");
        if (state.Payment is { } known && known != c.Payment) return Decided.Reject(RefundRejection.OtherFacts);
        if (c.Payment.AmountMicros == 0) return Decided.Reject(RefundRejection.NothingPaid);
        if (state.Pending is { } pending) return pending.CommandId == context.CommandId ? Decided.Later() : Decided.Reject(RefundRejection.UnderWay);
        if (state.IsCrowded) return Decided.Reject(RefundRejection.Crowded);

        var left = c.Payment.AmountMicros - state.Back.Posted;
        if (left == 0) return Decided.Reject(RefundRejection.AlreadyRefunded(c.Payment.AmountMicros));
        if (c.AmountMicros is < 1) return Decided.Reject(RefundRejection.AmountOutOfRange);
        if (c.AmountMicros > left) return Decided.Reject(RefundRejection.BeyondPaid(left));
        if (c.LeaveMicros is { } leave && (leave < 0 || leave >= left)) return Decided.Reject(RefundRejection.LeavesAll(left));

        var amount = c.LeaveMicros is { } stays ? left - stays : c.AmountMicros ?? left;
        var fee = RefundState.FeeBack(c.Payment, state.Back.Posted + amount) - state.FeeBackMicros;
        var requested = new RefundEvent.Requested(
            context.NewId(0), context.CommandId, c.Payment, amount, fee, fee < amount && c.Payment.PayerKind != PayerKinds.Nobody ? context.NewId(1) : null, fee > 0 ? context.NewId(2) : null, c.Reason, c.Actor);
        var after = state.Evolve(requested);
        if (c.Payment.PayerKind == PayerKinds.Nobody)
        {
            var accepted = Accepted(after, after.Pending!, context);
            return Decided.Accept(accepted.View, requested, accepted).Then(TellNodes(after, accepted));
        }

        return Decided.Later(requested).Then([.. after.WalletsOf(after.Pending!, posted: true).Select(hold => AskWallet(after, hold))]);
    }

    private static Step AskWallet(RefundState state, WalletToTell hold)
    {
        var terms = new ReserveTerms.OfWallet(PayerOf(state.Payment!), Memo: $"refund of payment {state.Stream.Id}");
        return NodeSteps.Ask(
            Phase.AfterCommit,
            WalletOf(state, hold),
            new(hold.HoldId, state.Stream.ToString(), hold.RefundId, hold.AmountMicros, terms),
            Limits.ReserveDeadline,
            hold.RefundId,
            outcome => new RefundCommand.WalletAnswered(hold.RefundId, hold.HoldId, outcome));
    }

    private static Decided WalletAnswered(RefundState state, RefundCommand.WalletAnswered c, Context context)
    {
        if (state.Pending is not { } refund || refund.RefundId != c.RefundId) return Decided.NoChange; // refused meanwhile: the hold follows that

        return c.Outcome switch
        {
            StepOutcome.Answered { Answer.Reply: FundReserved } => Agreed(state, refund with { Agreed = refund.Agreed.Add(c.HoldId) }, context),
            StepOutcome.Answered { Answer.Rejection.Code: Codes.PaymentRequired } when !refund.Hurried.Contains(c.HoldId) => PayFirst(state, refund, c.HoldId),
            StepOutcome.Answered { Answer.Rejection: { Code: Codes.PaymentRequired } tooLittle } => Refuse(state, refund, RefundRejection.Short(c.HoldId == refund.FeeHold, tooLittle)),
            StepOutcome.Answered { Answer.Rejection: { } refused } => Refuse(state, refund, refused),
            _ => Refuse(state, refund, RefundRejection.Unreachable),
        };
    }

    // What the wallet lacks may be this very payment, which its fund sends only every few seconds.
    private static Decided PayFirst(RefundState state, PendingRefund refund, Guid holdId)
    {
        var wallet = WalletOf(state, refund, holdId).Wallet;
        return Decided.Accept(Nothing.Value)
            .WithSoft(state with { Pending = refund with { Hurried = refund.Hurried.Add(holdId) } })
            .Then(
                new(Phase.AfterCommit, new StepTarget.Entity(Payees.StreamOf(state.Stream, PayerOf(state.Payment!)), new NodeCommand.PayNow(wallet), Limits.ReserveDeadline), static _ => null, refund.RefundId),
                new(Phase.AfterCommit, new StepTarget.Later(Limits.PaidNowWithin), _ => new RefundCommand.WalletPaid(refund.RefundId, holdId), refund.RefundId)); // while it waits no alarm gives the refund up
    }

    private static Decided Agreed(RefundState state, PendingRefund refund, Context context)
    {
        var heard = state with { Pending = refund };
        if (!refund.IsHeld) return Decided.NoChange.WithSoft(heard);

        var accepted = Accepted(state, refund, context);
        return Decided.Did(accepted).WithSoft(heard).Answering(refund.CommandId, Answer.Of(accepted.View))
            .Then([.. state.WalletsOf(refund, posted: true).Select(wallet => TellWallet(state, wallet))])
            .Then(TellNodes(state, accepted));
    }

    private static RefundEvent.Accepted Accepted(RefundState state, PendingRefund refund, Context context)
    {
        var (payment, refunded) = (state.Payment!, state.Back.Posted + refund.AmountMicros);
        var view = new RefundView(
            refund.RefundId, payment.PaymentId, refund.AmountMicros, refund.FeeMicros, refund.Reason, refund.Actor,
            WalletIds.IsX402(payment.PayerId) ? RefundStates.PayoutPending : RefundStates.Posted, refunded, payment.AmountMicros - refunded, context.Now);
        return new(refund.CommandId, view, [.. NodesOf(payment, state.Stream.Tenant, context)]);
    }

    private static Step[] TellNodes(RefundState state, RefundEvent.Accepted accepted) => [.. accepted.Tells.Select(node => TellNode(state, new(node, accepted.View.AmountMicros, Counted: false)))];

    private static Decided Refuse(RefundState state, PendingRefund refund, Rejection reason) => Decided.Did(new RefundEvent.Refused(refund.RefundId, reason))
        .Answering(refund.CommandId, Answer.No(reason))
        .Then([.. state.WalletsOf(refund, posted: false).Select(wallet => TellWallet(state, wallet))]);

    private static Step TellWallet(RefundState state, WalletToTell hold) => NodeSteps.Tell(
        WalletOf(state, hold), hold.HoldId, hold.Posted, hold.AmountMicros, outcome => NodeSteps.HasFollowed(outcome) ? new RefundCommand.WalletTold(hold.HoldId) : null);

    private static Decided Inquire(RefundState state, NodeCommand.Inquire c) => HoldOwner.Answer<RefundState, RefundEvent>(
        c,
        state.Pending is { } refund && (refund.ProviderHold == c.HoldId || refund.FeeHold == c.HoldId),
        state.Wallets.FirstOrDefault(w => w.HoldId == c.HoldId) is { } told ? (told.Posted, told.AmountMicros, 0) : null,
        new RefundEvent.HoldDisowned(c.RunId, c.HoldId));

    private static WalletToTell WalletOf(RefundState state, PendingRefund refund, Guid holdId) => state.WalletsOf(refund, posted: true).Single(wallet => wallet.HoldId == holdId);

    private static StreamId WalletOf(RefundState state, WalletToTell hold) => state.Stream with { Kind = Kinds.Wallet, Id = hold.Wallet };

    private static string PayerOf(PaymentFacts payment) => payment.PayerKind == PayerKinds.Campaign ? Payees.Campaign(payment.PayerId) : payment.PayerId;

    public static IEnumerable<Step> Unfinished(RefundState state, DateTimeOffset now)
    {
        if (state.Pending is { } refund)
        {
            yield return new(Phase.AfterCommit, new StepTarget.Self(), _ => new RefundCommand.Abandoned(refund.RefundId), refund.RefundId);
        }

        foreach (var step in state.Wallets.Select(wallet => TellWallet(state, wallet)).Concat(state.Tellings.Select(telling => TellNode(state, telling))))
        {
            yield return step;
        }
    }

    public static bool IsUnfinished(RefundState state) => state.Pending is not null || !state.Wallets.IsEmpty || !state.Tellings.IsEmpty;

    public static LateAnswer? Recall(RefundEvent @event, Guid commandId) => @event switch
    {
        RefundEvent.Accepted e => new(e.CommandId, Answer.Of(e.View)),
        _ => null, // a refusal is decided anew, and an inquiry's answer follows from the state
    };
}
