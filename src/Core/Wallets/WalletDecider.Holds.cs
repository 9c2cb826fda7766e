using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Wallets.WalletDecider, Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Wallets;

/// <summary>A wallet as a fund: its balance holds, or a payment by x402 (WalletDecider.Payments.cs); how holds end, and what is owed then, is every fund's (<see cref="FundDecider{TFund, TState, TEvent}"/>).</summary>
public sealed partial class WalletDecider
{
    public static HoldBook HoldsOf(WalletState state) => state.Holds;

    public static WalletState WithHolds(WalletState state, HoldBook holds) => state with { Holds = holds };

    public static void CheckAsked(NodeCommand.Reserve asked) => Invariant.Check(Terms(asked).FeeBasisPoints is >= 0 and <= Fee.MaxBasisPoints, "fee_within_price");

    public static Rejection? Undecidable(HoldStanding standing) => FundRejection.Undecidable(standing);

    public static Decided ReserveAgain(WalletState state, NodeCommand.Reserve asked, Context context) => Decided.Accept(new FundReserved(asked.HoldId));

    public static Decided Reserve(WalletState state, NodeCommand.Reserve asked, Context context)
    {
        var c = Terms(asked);
        if (c.Paid is { } paid) return Present(state, asked, paid, context);
        if (c.Memo is not null && state.Dues.To(c.Provider).IsCrowded) return Decided.Reject(WalletRejection.PayeeAway);
        if (!state.Balance.CanReserve(asked.AmountMicros)) return Decided.Reject(Short(state, asked.AmountMicros));

        return Decided.Accept(
            new FundReserved(asked.HoldId), new WalletEvent.HoldReserved(asked.HoldId, asked.Owner, asked.RunId, asked.AmountMicros, c.Provider, c.FeeBasisPoints, c.Memo));
    }

    public static Decided End(WalletState state, HoldEnded reply, WalletEvent ended, Hold? hold, long? posted, Context context) => Fund.End(state, reply, ended, hold, posted, context);

    public static WalletEvent Posted(WalletState state, Hold hold, long amountMicros, long tokens, Context context) => new WalletEvent.HoldPosted(hold.Id, amountMicros, hold.RunId, hold.Payee!, hold.Memo);

    public static WalletEvent Voided(Guid holdId) => new WalletEvent.HoldVoided(holdId);

    public static WalletEvent Credited(NodeCommand.Credit credit) =>
        new WalletEvent.Credited(credit.Source, credit.Transfer.Number, credit.Transfer.AmountMicros, credit.Transfer.Memo, credit.Transfer.Items);

    public static WalletEvent Sent(string payee, Transfer transfer) => new WalletEvent.CreditSent(payee, transfer.Number, transfer.AmountMicros, transfer.Memo, transfer.Items?.Count ?? 0);

    public static WalletEvent Arrived(string payee, long number) => new WalletEvent.CreditArrived(payee, number);

    public static WalletEvent Forgotten(Guid id, string source) => new WalletEvent.HoldVoided(id, ForgottenSource: source);

    public static WalletEvent Released(Guid id, string payee) => new WalletEvent.HoldVoided(id, ReleasedPayee: payee);

    public static object Learn(NodeOutcome outcome) => new WalletCommand.Learned(outcome);

    private static ReserveTerms.OfWallet Terms(NodeCommand.Reserve asked) => (ReserveTerms.OfWallet)asked.Terms;
}
