using System.Diagnostics;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Wallets;

/// <summary>
/// A wallet takes what is sent to it, each transfer exactly once, and pays out of what it has.
/// <para>Rules. It refuses no credit for good: who sends has already parted with the money. A source numbers its transfers and has one
/// under way at a time; the next number is credited, an earlier one is answered again, and one from a source that is not remembered has to be young
/// (<see cref="SourceBook"/>). Money that is held pays nothing else. A transfer
/// is decided once per id, like a hold, and only while the id is young. Holds and what is owed: <see cref="FundDecider{TState, TEvent}"/>.</para>
/// <para>Broken invariants, besides the state's: <c>transfer_gap</c> (a number was left out: money would be lost), <c>credit_positive</c>,
/// <c>items_within_credit</c>, <c>transfer_id_is_no_hold</c>.</para>
/// </summary>
public sealed partial class WalletDecider
{
    private WalletDecider()
    {
    }

    public static Decided Decide(WalletState state, WalletCommand command, Context context) => command switch
    {
        WalletCommand.Deposit c => Deposit(state, c, context),
        WalletCommand.Withdraw c => Withdraw(state, c, context),
        WalletCommand.Transfer c => Transfer(state, c, context),
        WalletCommand.Reserve c => Reserve(state, c, context),
        WalletCommand.Post c => Fund.Post(state, c.HoldId, c.AmountMicros, context),
        WalletCommand.Void c => Fund.Void(state, c.HoldId, context),
        WalletCommand.HoldInquired c => c.Posted ? Fund.Post(state, c.HoldId, c.AmountMicros, context) : Fund.Void(state, c.HoldId, context),
        WalletCommand.Credit c => Credit(state, c, context),
        WalletCommand.ForgetSource c => Fund.Forget(state, c.Source, c.Number, c.ArrivedAt, context),
        WalletCommand.CreditLate c => Fund.TransferLate(state, c.Wallet, c.Number, context),
        WalletCommand.PayeeReleased c => Fund.PayeeReleased(state, c.Wallet, c.Number, context),
        WalletCommand.CreditArrived c => Fund.TransferArrived(state, c.Wallet, c.Number, context),
        WalletCommand.Settle c => SettlePayment(state, c, context),
        WalletCommand.FindPayment c => FindPayment(state, c),
        WalletCommand.PaymentVerified c => PaymentVerified(state, c, context),
        WalletCommand.SettlementAnswered c => SettlementAnswered(state, c, context),
        WalletCommand.Get => Decided.Query(state.View),
        WalletCommand.Tick => Decided.Accept(Nothing.Value).Then([.. Fund.Inquiries(state, context.Now), .. Fund.Releases(state, context.Now)]),
        _ => throw new UnreachableException(),
    };

    private static Decided Deposit(WalletState state, WalletCommand.Deposit c, Context context)
    {
        if (c.AmountMicros < 1 || c.AmountMicros > Limits.MaxMicros - state.OwnMicros) return Decided.Reject(WalletRejection.DepositOutOfRange());

        var view = state.Deposit(c.AmountMicros, context.Now).View;
        return Decided.Accept(view, new WalletEvent.Deposited(c.AmountMicros, c.Memo, view));
    }

    private static Decided Withdraw(WalletState state, WalletCommand.Withdraw c, Context context)
    {
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return Decided.Reject(WalletRejection.AmountOutOfRange());
        if (!state.Balance.CanReserve(c.AmountMicros)) return Decided.Reject(WalletRejection.Short(state.Balance.Remaining));

        var view = state.Withdraw(c.AmountMicros, context.Now).View;
        return Decided.Accept(view, new WalletEvent.Withdrawn(c.AmountMicros, c.Memo, view));
    }

    private static Decided Transfer(WalletState state, WalletCommand.Transfer c, Context context)
    {
        var standing = state.Holds.Find(c.TransferId, context.Now);
        Invariant.Check(standing is not HoldStanding.Held, "transfer_id_is_no_hold");
        var taken = new TransferTaken(c.TransferId);
        if (standing is HoldStanding.Posted) return Decided.Accept(taken);
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate).FixingTime();
        if (!WalletIds.IsId(c.To)) return Decided.Reject(WalletRejection.NoPayee());
        if (c.To == state.Stream.Id) return Decided.Reject(WalletRejection.PayeeIsPayer());
        if (c.AmountMicros is < 1 or > Limits.MaxMicros) return Decided.Reject(WalletRejection.AmountOutOfRange());
        if (!c.PayeeKnown && !WalletIds.CanBeOwned(c.To)) return Decided.Reject(WalletRejection.PayeeUnknown());
        if (state.PayableTo(c.To).IsCrowded) return Decided.Reject(WalletRejection.PayeeAway());
        if (!state.Balance.CanReserve(c.AmountMicros)) return Decided.Reject(WalletRejection.Short(state.Balance.Remaining));

        return Fund.Sending(state, context, taken, new WalletEvent.Transferred(c.TransferId, c.To, c.AmountMicros, c.Memo), c.To);
    }

    private static Decided Reserve(WalletState state, WalletCommand.Reserve c, Context context)
    {
        Invariant.Check(c.FeeBasisPoints is >= 0 and <= Fee.MaxBasisPoints, "fee_within_price");
        var (standing, reserved) = (state.Holds.Find(c.HoldId, context.Now), new FundReserved(c.HoldId));
        if (standing is HoldStanding.Held) return Decided.Accept(reserved);
        if (FundRejection.Undecidable(standing) is { } tooLate) return Decided.Reject(tooLate);
        if (c.Paid is { } paid) return Present(state, c, paid, context);
        if (c.Memo is not null && state.PayableTo(c.Provider).IsCrowded) return Decided.Reject(WalletRejection.PayeeAway());
        if (!state.Balance.CanReserve(c.AmountMicros)) return Decided.Reject(WalletRejection.Short(state.Balance.Remaining));

        return Decided.Accept(reserved, new WalletEvent.HoldReserved(c.HoldId, c.Owner, c.RunId, c.AmountMicros, c.Provider, c.FeeBasisPoints, c.Memo));
    }

    private static Decided Credit(WalletState state, WalletCommand.Credit c, Context context)
    {
        Invariant.Check(c.AmountMicros > 0, "credit_positive");
        Invariant.Check((c.Items?.Sum(i => i.AmountMicros) ?? 0) <= c.AmountMicros, "items_within_credit");
        var reply = new Credited(c.Source, c.Number);
        return state.Sources.Find(c.Source, c.Number, c.SentAt, context.Now) switch
        {
            CreditStanding.Taken => Decided.Accept(reply),
            CreditStanding.Late => Decided.Reject(FundRejection.CreditLate).FixingTime(),
            _ => Decided.Accept(reply, new WalletEvent.Credited(c.Source, c.Number, c.AmountMicros, c.Memo, c.Items)).Ride(Riding.Awaited),
        };
    }

    public static IEnumerable<Step> Unfinished(WalletState state, DateTimeOffset now) => Fund.Unfinished(state);

    /// <summary>Whatever is owed is under way, so what has not arrived is what is unfinished.</summary>
    public static bool IsUnfinished(WalletState state) => state.OwedMicros != state.ArrivedMicros;

    public static DateTimeOffset? Due(WalletState state) => Fund.Due(state);

    public static Settlement? Recall(WalletEvent @event, Guid commandId) => @event switch
    {
        WalletEvent.Deposited e => new(commandId, Answer.Of(e.View)),
        WalletEvent.Withdrawn e => new(commandId, Answer.Of(e.View)),
        WalletEvent.Transferred or WalletEvent.HoldReserved or WalletEvent.HoldPosted or WalletEvent.HoldVoided => null, // known by their own ids
        WalletEvent.Credited => null, // known by its number: a wallet that all pay remembers nothing twice
        WalletEvent.CreditSent or WalletEvent.CreditArrived => null,
        WalletEvent.PaymentPresented or WalletEvent.SettlementBegun or WalletEvent.SettlementPutOff or WalletEvent.PaymentSettled
            or WalletEvent.PaymentRefused or WalletEvent.PaymentUnresolved => null, // known by their payment
        _ => throw new UnreachableException(),
    };
}
