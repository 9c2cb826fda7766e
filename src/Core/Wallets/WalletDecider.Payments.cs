using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.X402;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Wallets;

/// <summary>
/// Payments by x402, at their payer's wallet: the one writer of all that concerns a payer's authorizations, where repeats and two requests at
/// once with one payment meet.
/// <para>Rules. A payment pays one run. It is verified before it is held, and moved only when the run's session says that it has its output,
/// after that intent is durable, by whoever asks; the facilitator is then asked until it says something definite. The session asks again as long as it
/// has no answer, so nothing is left to do here after a crash but to answer.</para>
/// </summary>
public sealed partial class WalletDecider
{
    private static Decided Present(WalletState state, NodeCommand.Reserve c, PresentedPayment presented, Context context)
    {
        var (payment, key, id) = (presented.Payment, WalletState.KeyOf(presented.Identity), context.CommandId);
        if (state.Asking.Contains(key)) return Decided.Reject(PaymentRejection.InFlight);
        if (state.Earlier(key, payment.PaymentId) is { } earlier) return Decided.Reject(Taken(earlier, c, presented));
        if (state.Payments.Values.Count(p => p.Standing == IncomingStanding.Unresolved) >= Limits.UnresolvedPayments)
        {
            return Decided.Reject(PaymentRejection.TooManyUnresolved);
        }

        if (PaymentChecks.Value(payment, presented.Requirements, context.Now) is { } unpaid) return Decided.Reject(unpaid);

        return Decided.Later().WithSoft(state with { Asking = state.Asking.Add(key) }).Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Outside(new VerifyCall(presented)),
            outcome => new WalletCommand.PaymentVerified(id, c, outcome as VerifyOutcome ?? new VerifyOutcome.Unknown(FacilitatorDoubt.NoAnswer)),
            c.HoldId));
    }

    private static Decided PaymentVerified(WalletState state, WalletCommand.PaymentVerified c, Context context)
    {
        var (reserve, terms) = (c.Asked, Terms(c.Asked));
        var presented = terms.Paid!;
        var earlier = state.Earlier(WalletState.KeyOf(presented.Identity), presented.Payment.PaymentId); // two under one identifier may have been verified at once
        var refused = FundRejection.Undecidable(state.Holds.Find(reserve.HoldId, context.Now)) // its session may have voided it meanwhile
            ?? (earlier is null ? null : Taken(earlier, reserve, presented))
            ?? c.Outcome switch
            {
                VerifyOutcome.Valid => null,
                VerifyOutcome.Invalid invalid => PaymentRejection.Invalid(invalid.Reason),
                _ => PaymentRejection.NotVerified,
            };
        var answered = refused is not null
            ? Decided.NoChange.Answering(c.CommandId, Answer.No(refused))
            : Decided.Did(new WalletEvent.PaymentPresented(
                reserve.HoldId, reserve.Owner, reserve.RunId, reserve.AmountMicros, terms.Provider, terms.FeeBasisPoints, presented))
                .Answering(c.CommandId, Answer.Of(new FundReserved(reserve.HoldId)));
        return answered.WithSoft(NotAsking(state, WalletState.KeyOf(presented.Identity)));
    }

    // The same request again, whose first run its session may never have got to write: then this is held no more when the wallet finds that out.
    private static Rejection Taken(IncomingPayment earlier, NodeCommand.Reserve c, PresentedPayment presented) =>
        earlier.Owner == c.Owner && earlier.Fingerprint == presented.Fingerprint && earlier.RequestHash == presented.RequestHash ? PaymentRejection.InFlight : PaymentRejection.IdentifierTaken;

    private static Decided SettlePayment(WalletState state, WalletCommand.Settle c, Context context)
    {
        if (state.FindPayment(c.HoldId) is not { } payment)
        {
            // It was refused, and has since been presented anew, or forgotten: what has moved stays known while its hold is open.
            Invariant.Check(!state.Holds.Open.ContainsKey(c.HoldId), "payment_under_way_is_held");
            return Decided.Accept(new PaymentEnd(c.HoldId, IncomingStanding.Refused, Reason: NeverAsked));
        }

        if (payment.EndOfRun is { } end) return Decided.Accept(end);
        if (state.Asking.Contains(payment.Key)) return Decided.Reject(PaymentRejection.NotSettledYet);

        var asking = state with { Asking = state.Asking.Add(payment.Key) };
        if (payment.Standing == IncomingStanding.Settling)
        {
            // Written again: another activation that is still asking can then no longer say that nothing was sent.
            return Decided.Later(new WalletEvent.SettlementBegun(c.HoldId)).WithSoft(asking).Then(Ask(payment, context.CommandId, attemptedBefore: true, attempt: 1));
        }

        return IsOver(payment, context.Now)
            ? Decided.Accept(new PaymentEnd(c.HoldId, IncomingStanding.Refused, Reason: NeverAsked), new WalletEvent.PaymentRefused(c.HoldId, NeverAsked))
            : Decided.Later(new WalletEvent.SettlementBegun(c.HoldId)).WithSoft(asking).Then(Ask(payment, context.CommandId, attemptedBefore: false, attempt: 1));
    }

    private static Decided SettlementAnswered(WalletState state, WalletCommand.SettlementAnswered c, Context context)
    {
        var payment = state.PaymentOf(c.HoldId);
        if (payment.EndOfRun is { } known)
        {
            return Decided.NoChange.WithSoft(NotAsking(state, payment.Key)).Answering(c.CommandId, Answer.Of(known)); // an operator has settled it by hand meanwhile
        }

        Invariant.Check(payment.Standing == IncomingStanding.Settling, "settlement_was_begun");
        var wasAsked = c.Outcome is not SettleOutcome.Unknown { Why: FacilitatorDoubt.NotAsked };
        WalletEvent? ended = c.Outcome switch
        {
            SettleOutcome.Settled settled => new WalletEvent.PaymentSettled(c.HoldId, payment.AmountMicros, settled.Transaction),
            SettleOutcome.Refused refused => new WalletEvent.PaymentRefused(c.HoldId, refused.Reason),
            _ when !wasAsked && !c.AttemptedBefore => new WalletEvent.SettlementPutOff(c.HoldId),
            _ when IsOver(payment, context.Now) => new WalletEvent.PaymentUnresolved(c.HoldId, payment.AmountMicros),
            _ => null,
        };
        if (ended is null && wasAsked && c.Attempt < Limits.SettlementsInARow)
        {
            return Decided.NoChange.Then(Ask(payment, c.CommandId, attemptedBefore: true, c.Attempt + 1));
        }

        var quiet = NotAsking(state, payment.Key);
        var answer = ended is not null && quiet.Evolve(ended, context.Now).PaymentOf(c.HoldId).End is { } end ? Answer.Of(end) : Answer.No(PaymentRejection.NotSettledYet);
        return (ended is null ? Decided.NoChange : Decided.Did(ended)).WithSoft(quiet).Answering(c.CommandId, answer);
    }

    /// <summary>
    /// While the facilitator is asked a payment can only be said to have moved: until its authorization is over, another attempt may move it still. One that is
    /// unresolved has no run any more: what has moved is its payer's here. A transaction has moved one payment: said of two, it would be credited twice.
    /// </summary>
    private static Decided SettleByHand(WalletState state, WalletCommand.SettleByHand c, Context context)
    {
        if (state.FindPayment(c.HoldId) is not { } payment) return Decided.Reject(WalletRejection.PaymentNotKnown);
        if (payment.Standing is IncomingStanding.Settled or IncomingStanding.Refused)
        {
            return IsSame(payment, c.Transaction) ? Decided.Accept(payment.End!) : Decided.Reject(WalletRejection.PaymentDecided(payment.RunId, payment.Standing.Name(), payment.Settlement?.Transaction));
        }

        if (payment.Standing == IncomingStanding.Presented) return Decided.Reject(PaymentRejection.NotSettledYet); // nothing was sent
        if (payment.Standing == IncomingStanding.Settling && c.Transaction is null)
        {
            return Decided.Reject(WalletRejection.MayMove(payment.ValidBefore + Limits.SettlementMargin, context.Now));
        }

        if (state.PaidBy(c.Transaction) is { } other)
        {
            return Decided.Reject(WalletRejection.TransactionOfAnother(other.RunId, other.Standing.Name(), other.Settlement!.Transaction));
        }

        WalletEvent said = (payment.Standing, c.Transaction) switch
        {
            (IncomingStanding.Settling, { } transaction) => new WalletEvent.PaymentSettled(c.HoldId, payment.AmountMicros, transaction, ByHand: true),
            (_, { } transaction) => new WalletEvent.Deposited(payment.AmountMicros, transaction, state.Deposit(payment.AmountMicros, context.Now).View, c.HoldId),
            _ => new WalletEvent.HoldVoided(context.NewId(0), Resolves: c.HoldId),
        };
        return Decided.Accept(state.Evolve(said, context.Now).PaymentOf(c.HoldId).End!, said);
    }

    private static bool IsSame(IncomingPayment payment, string? transaction) => transaction is null ? payment.Standing == IncomingStanding.Refused : payment.IsPaidBy(transaction);

    private static Decided FindPayment(WalletState state, WalletCommand.FindPayment c) => state.Earlier(c.Key, c.PaymentId) switch
    {
        null => Decided.Accept(new PaymentFound(null, default)),
        { } p when p.Fingerprint == c.Fingerprint && p.RequestHash == c.RequestHash => Decided.Accept(new PaymentFound(p.Owner, p.RunId, p.Settlement, p.Standing)),
        _ => Decided.Reject(PaymentRejection.IdentifierTaken),
    };

    private static Step Ask(IncomingPayment payment, Guid commandId, bool attemptedBefore, int attempt) => new(
        Phase.AfterCommit,
        new StepTarget.Outside(new SettleCall(payment.Presented!, attemptedBefore)),
        outcome => new WalletCommand.SettlementAnswered(
            commandId, payment.HoldId, attemptedBefore, attempt, outcome as SettleOutcome ?? new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer)),
        payment.HoldId);

    // A margin after its end no block can hold it any more that was not there before.
    private static bool IsOver(IncomingPayment payment, DateTimeOffset now) =>
        now >= DateTimeOffset.FromUnixTimeSeconds((long)payment.Presented!.Payment.Authorization.ValidBefore) + Limits.SettlementMargin;

    private static WalletState NotAsking(WalletState state, string key) => state with { Asking = state.Asking.Remove(key) };

    private const string NeverAsked = "settlement_not_asked_in_time";
}
