using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Payments;

namespace Agora.Core.Wallets;

/// <summary>
/// Closed union. A wallet comes into being at first use. Answers: Deposit, Withdraw → <see cref="WalletView"/>; Transfer → <see cref="TransferTaken"/>;
/// Reserve → <see cref="FundReserved"/>; Settle → <see cref="PaymentEnd"/>; FindPayment → <see cref="PaymentFound"/>; Post, Void → <see cref="HoldDecided"/>; Credit → <see cref="Credited"/>; Get → <see cref="WalletView"/>.
/// Rejections: validation_failed (an amount out of range, a payee that is none), not_found (nobody can own the payee), payment_required (not
/// enough that is not held), and `unavailable` for ids too late or ahead, and for a payee that has been away too long.
/// </summary>
public abstract record WalletCommand
{
    private WalletCommand()
    {
    }

    /// <summary>Money enters from the world.</summary>
    public sealed record Deposit(long AmountMicros, string? Memo = null) : WalletCommand;

    /// <summary>Money leaves to the world: of what is not held.</summary>
    public sealed record Withdraw(long AmountMicros, string? Memo = null) : WalletCommand;

    /// <summary>
    /// Pays another wallet: in one event the money leaves the balance and is owed to the payee. A hold and its Post in one: the id is
    /// a UUIDv7 under the rules of hold ids, so Void of it tells for certain whether it was paid (<see cref="HoldStanding.Posted"/>) or never will be.
    /// </summary>
    /// <param name="Memo">As the edge has checked it.</param>
    /// <param name="PayeeKnown">The caller found that something has happened to the payee's wallet (<see cref="WalletView.Exists"/>); if not, only one that <see cref="WalletIds.CanBeOwned"/> is paid.</param>
    public sealed record Transfer(Guid TransferId, string To, long AmountMicros, string Memo, bool PayeeKnown) : WalletCommand;

    /// <param name="Owner">The session's stream id: it alone decides this hold, and is asked about it.</param>
    /// <param name="Provider">Wallet that is paid when the hold is posted.</param>
    /// <param name="FeeBasisPoints">Of what is posted, for wallet <see cref="WalletIds.Fee"/>.</param>
    /// <param name="Memo">The payee's statement shows this payment for itself, with it; null: it is one of many runs.</param>
    /// <param name="Paid">Not the balance pays, but this payment by x402; it is settled by <see cref="Settle"/>.</param>
    public sealed record Reserve(Guid HoldId, string Owner, Guid RunId, long AmountMicros, string Provider, int FeeBasisPoints = 0, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Memo = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] PresentedPayment? Paid = null) : WalletCommand;

    /// <summary>The run has its output: the payment under this hold is to be moved, and again, until that has an end.</summary>
    public sealed record Settle(Guid HoldId) : WalletCommand;

    /// <summary>Whether this payment, or its payment identifier, was presented before. A query.</summary>
    public sealed record FindPayment(string Key, string Fingerprint, string RequestHash, string? PaymentId) : WalletCommand;

    public sealed record Post(Guid HoldId, long AmountMicros) : WalletCommand;

    public sealed record Void(Guid HoldId) : WalletCommand;

    /// <summary>
    /// Money arrives. Each source numbers its transfers to this wallet without a gap and has one under way at a time, so that
    /// each is applied exactly once, for ever, in bounded memory (<see cref="Funds.SourceBook"/>): a number
    /// ≤ the last is answered again and changes nothing; a gap is a broken invariant.
    /// </summary>
    /// <param name="Source">Stream id of the sender.</param>
    /// <param name="Memo">Of whatever is no item.</param>
    /// <param name="SentAt">The sender's time: a source that is not remembered begins with a young transfer only. Null, of a process of the release before, is not young.</param>
    public sealed record Credit(string Source, long Number, long AmountMicros, string Memo, IReadOnlyList<TransferItem>? Items = null, DateTimeOffset? SentAt = null) : WalletCommand;

    /// <summary>From a source that has paid nothing for a while, and knows durably that its last transfer had arrived by then.</summary>
    public sealed record ForgetSource(string Source, long Number, DateTimeOffset ArrivedAt) : WalletCommand;

    public sealed record Get : WalletCommand;

    /// <summary>What the owner answered about an overdue hold. Own command: nobody outside can send it.</summary>
    internal sealed record HoldInquired(Guid HoldId, bool Posted, long AmountMicros) : WalletCommand;

    /// <summary>The payee has the transfer. Own command.</summary>
    internal sealed record CreditArrived(string Wallet, long Number) : WalletCommand;

    /// <summary>The payee did not take the transfer, and never will under its time of sending. Own command.</summary>
    internal sealed record CreditLate(string Wallet, long Number) : WalletCommand;

    /// <summary>The payee remembers this wallet no more. Own command.</summary>
    internal sealed record PayeeReleased(string Wallet, long Number) : WalletCommand;

    /// <summary>Own command: what the facilitator says of a payment that a Reserve brought.</summary>
    internal sealed record PaymentVerified(Guid CommandId, Reserve Asked, VerifyOutcome Outcome) : WalletCommand;

    /// <summary>Own command: what the facilitator says that became of a settlement, asked for so many times in a row.</summary>
    internal sealed record SettlementAnswered(Guid CommandId, Guid HoldId, bool AttemptedBefore, int Attempt, SettleOutcome Outcome) : WalletCommand;

    public sealed record Tick : WalletCommand;
}

public sealed record Credited(string Source, long Number);

public sealed record TransferTaken(Guid TransferId);

/// <param name="BalanceMicros">What is the wallet's own: available + held.</param>
/// <param name="CreditedMicros">All that other funds ever sent and that arrived.</param>
/// <param name="EnteredMicros">All that was ever deposited, <paramref name="LeftMicros"/> withdrawn.</param>
/// <param name="PaidMicros">All that was ever paid to other wallets.</param>
/// <param name="Exists">Something has happened to it.</param>
/// <param name="UnresolvedMicros">Of an x402 payer: payments that may have been charged, for runs that were not delivered.</param>
public sealed record WalletView(
    string WalletId,
    long BalanceMicros,
    long CreditedMicros,
    long HeldMicros = 0,
    long AvailableMicros = 0,
    long EnteredMicros = 0,
    long LeftMicros = 0,
    long PaidMicros = 0,
    bool Exists = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long UnresolvedMicros = 0);

/// <summary>How a payment's settlement ended; told again as often as it is asked for.</summary>
/// <param name="Standing">Settled, Refused or Unresolved.</param>
/// <param name="Settlement">Of one that was settled.</param>
/// <param name="Reason">Why it was refused: a word.</param>
public sealed record PaymentEnd(Guid HoldId, IncomingStanding Standing, PaymentSettlement? Settlement = null, string? Reason = null);

/// <param name="Owner">The session's stream; null: the payment is new here.</param>
/// <param name="RunId">The run that it pays.</param>
/// <param name="Settlement">Null while it has none.</param>
public sealed record PaymentFound(string? Owner, Guid RunId, PaymentSettlement? Settlement = null);
