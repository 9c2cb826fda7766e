using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Wallets.WalletDecider, Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Wallets;

/// <summary>
/// A wallet takes what is sent to it, each transfer exactly once, and pays out of what it has.
/// <para>Rules. It refuses no credit for good: who sends has already parted with the money. A source numbers its transfers and has one
/// under way at a time; the next number is credited, an earlier one is answered again, and one from a source that is not remembered has to be young
/// (<see cref="SourceBook"/>). Money that is held pays nothing else. A transfer
/// is decided once per id, like a hold, and only while the id is young. Holds and what is owed: <see cref="FundDecider{TFund, TState, TEvent}"/>.</para>
/// <para>Broken invariants, besides the state's: <c>transfer_gap</c> (a number was left out: money would be lost), <c>transfer_id_is_no_hold</c>.</para>
/// </summary>
public sealed partial class WalletDecider : IFund<WalletState, WalletEvent>
{
    private WalletDecider()
    {
    }

    public static Decided Decide(WalletState state, WalletCommand command, Context context) => command switch
    {
        WalletCommand.Deposit c => Deposit(state, c, context),
        WalletCommand.Withdraw c => Withdraw(state, c, context),
        WalletCommand.Transfer c => Transfer(state, c, context),
        WalletCommand.Node c => Fund.Decide(state, c.Asked, context),
        WalletCommand.Learned c => Fund.Learn(state, c.Outcome, context),
        WalletCommand.Settle c => SettlePayment(state, c, context),
        WalletCommand.SettleByHand c => SettleByHand(state, c, context),
        WalletCommand.FindPayment c => FindPayment(state, c),
        WalletCommand.PaymentVerified c => PaymentVerified(state, c, context),
        WalletCommand.SettlementAnswered c => SettlementAnswered(state, c, context),
        WalletCommand.Get => Decided.Query(state.View),
        WalletCommand.Tick => Decided.Accept(Nothing.Value).Then([.. Fund.Ring(state, context.Now)]),
        _ => throw new UnreachableException(),
    };

    private static Decided Deposit(WalletState state, WalletCommand.Deposit c, Context context)
    {
        if (c.AmountMicros < 1 || c.AmountMicros > Limits.MaxMicros - state.OwnMicros) return Decided.Reject(WalletRejection.DepositOutOfRange);

        var view = state.Deposit(c.AmountMicros, context.Now).View;
        return Decided.Accept(view, new WalletEvent.Deposited(c.AmountMicros, c.Memo, view));
    }

    private static Decided Withdraw(WalletState state, WalletCommand.Withdraw c, Context context)
    {
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return Decided.Reject(WalletRejection.AmountOutOfRange);
        if (!state.Balance.CanReserve(c.AmountMicros)) return Decided.Reject(Short(state, c.AmountMicros));

        var view = state.Withdraw(c.AmountMicros, context.Now).View;
        return Decided.Accept(view, new WalletEvent.Withdrawn(c.AmountMicros, c.Memo, view));
    }

    private static Rejection Short(WalletState state, long askedMicros) => WalletRejection.Short(state.Stream.Id, state.Balance.Remaining, askedMicros);

    private static Decided Transfer(WalletState state, WalletCommand.Transfer c, Context context)
    {
        var standing = state.Holds.Find(c.TransferId, context.Now);
        Invariant.Check(standing is not HoldStanding.Held, "transfer_id_is_no_hold");
        var taken = new TransferTaken(c.TransferId);
        if (standing is HoldStanding.Posted) return Decided.Accept(taken);
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate).FixingTime();
        if (!WalletIds.IsId(c.To)) return Decided.Reject(WalletRejection.NoPayee);
        if (c.To == state.Stream.Id) return Decided.Reject(WalletRejection.PayeeIsPayer);
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return Decided.Reject(WalletRejection.AmountOutOfRange);
        if (!c.PayeeKnown && !WalletIds.CanBeOwned(c.To)) return Decided.Reject(WalletRejection.PayeeUnknown);
        if (state.Dues.To(c.To).IsCrowded) return Decided.Reject(WalletRejection.PayeeAway);
        if (!state.Balance.CanReserve(c.AmountMicros)) return Decided.Reject(Short(state, c.AmountMicros));

        return Fund.Sending(state, context, taken, new WalletEvent.Transferred(c.TransferId, c.To, c.AmountMicros, c.Memo), c.To);
    }


    public static IEnumerable<Step> Unfinished(WalletState state, DateTimeOffset now) => Fund.Unfinished(state);

    public static bool IsUnfinished(WalletState state) => state.Dues.AreUnderWay;

    public static DateTimeOffset? Due(WalletState state) => Fund.Due(state);

    public static LateAnswer? Recall(WalletEvent @event, Guid commandId) => @event switch
    {
        WalletEvent.Deposited { Resolves: null } e => new(commandId, Answer.Of(e.View)),
        WalletEvent.Withdrawn e => new(commandId, Answer.Of(e.View)),
        WalletEvent.Transferred or WalletEvent.HoldReserved or WalletEvent.HoldPosted or WalletEvent.HoldVoided => null, // known by their own ids
        WalletEvent.Credited => null, // known by its number: a wallet that all pay remembers nothing twice
        WalletEvent.CreditSent or WalletEvent.CreditArrived => null,
        WalletEvent.Deposited or WalletEvent.PaymentPresented or WalletEvent.SettlementBegun or WalletEvent.SettlementPutOff or WalletEvent.PaymentSettled
            or WalletEvent.PaymentRefused or WalletEvent.PaymentUnresolved => null, // known by their payment
        _ => throw new UnreachableException(),
    };
}
