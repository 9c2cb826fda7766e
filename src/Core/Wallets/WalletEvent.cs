using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Agora.Core.Nodes;
using Agora.X402;

namespace Agora.Core.Wallets;

/// <summary>
/// Closed union of what happens to a wallet. An operator's act holds the view that it was answered with, so that a repeat is answered
/// from the journal alone.
/// </summary>
public abstract record WalletEvent
{
    private WalletEvent()
    {
    }

    /// <summary>Both legs: the world's, and this wallet's.</summary>
    /// <param name="Resolves">The unresolved payment under this hold was paid, by the transaction that the memo names. A form that the release before reads, as a deposit.</param>
    public sealed record Deposited(long AmountMicros, string? Memo, WalletView View, Guid? Resolves = null) : WalletEvent;

    public sealed record Withdrawn(long AmountMicros, string? Memo, WalletView View) : WalletEvent;

    /// <summary>Paid: from here on it is owed to the payee.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "The field's own term.")]
    public sealed record Transferred(Guid TransferId, string To, long AmountMicros, string Memo) : WalletEvent;

    public sealed record HoldReserved(Guid HoldId, string Owner, Guid RunId, long AmountMicros, string Provider, int FeeBasisPoints, string? Memo = null) : WalletEvent;

    /// <summary>Paid: from here on it is owed to the provider and the fee.</summary>
    public sealed record HoldPosted(Guid HoldId, long AmountMicros, Guid RunId, string Provider, string? Memo = null) : WalletEvent;

    /// <summary>Also for a hold or transfer that never came: the tombstone that refuses it when it does.</summary>
    /// <param name="ForgottenSource">The id is nobody's: this source need not be remembered any more. A form that the release before reads, as a tombstone.</param>
    /// <param name="ReleasedPayee">The id is nobody's: this wallet does not remember us any more.</param>
    /// <param name="Resolves">The id is nobody's: the unresolved payment under this hold was not paid.</param>
    public sealed record HoldVoided(Guid HoldId, string? ForgottenSource = null, string? ReleasedPayee = null, Guid? Resolves = null) : WalletEvent;

    // Payments by x402.

    /// <summary>The facilitator found the payment valid: it is held for the run, nothing has moved.</summary>
    public sealed record PaymentPresented(Guid HoldId, string Owner, Guid RunId, long AmountMicros, string Provider, int FeeBasisPoints, PresentedPayment Payment) : WalletEvent;

    /// <summary>The intent: from here on the facilitator may be asked to move the money.</summary>
    public sealed record SettlementBegun(Guid HoldId) : WalletEvent;

    /// <summary>It was never asked: no call got through.</summary>
    public sealed record SettlementPutOff(Guid HoldId) : WalletEvent;

    /// <summary>The money has moved. Both legs: the world's, and this wallet's, where it is held for the run.</summary>
    /// <param name="ByHand">An operator says so, who has looked.</param>
    public sealed record PaymentSettled(
        Guid HoldId, long AmountMicros, string? Transaction, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ByHand = false) : WalletEvent;

    /// <summary>Nothing has moved, and nothing will for this run.</summary>
    public sealed record PaymentRefused(Guid HoldId, string Reason) : WalletEvent;

    /// <summary>The authorization is over, and whether it was used cannot be learned any more: the run is void, and an operator looks.</summary>
    public sealed record PaymentUnresolved(Guid HoldId, long AmountMicros) : WalletEvent;

    /// <summary>What was owed to the wallet is on its way, as its credit of this number; of the items that wait, the first <paramref name="Items"/>.</summary>
    public sealed record CreditSent(string Wallet, long Number, long AmountMicros, string Memo, int Items) : WalletEvent;

    public sealed record CreditArrived(string Wallet, long Number) : WalletEvent;

    /// <summary>The <paramref name="Number"/>-th transfer of a source arrived.</summary>
    public sealed record Credited(string Source, long Number, long AmountMicros, string Memo, IReadOnlyList<TransferItem>? Items = null) : WalletEvent;
}
