using System.Text.Json.Serialization;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.X402;

namespace Agora.Core.Wallets;

/// <summary>
/// Closed union. A wallet comes into being at first use. Answers: Deposit, Withdraw → <see cref="WalletView"/>; Transfer → <see cref="TransferTaken"/>;
/// Settle, SettleByHand → <see cref="PaymentEnd"/>; FindPayment → <see cref="PaymentFound"/>; Get → <see cref="WalletView"/>.
/// Rejections: validation_failed (an amount out of range, a payee that is none), not_found (nobody can own the payee; a payment that is not known), payment_required (not
/// enough that is not held), run_decided (a payment has another end than its operator says), and `unavailable` for ids too late or ahead, for a payee that has been away too
/// long, and for a payment that can still be moved.
/// </summary>
public abstract record WalletCommand
{
    private WalletCommand()
    {
    }

    public static implicit operator WalletCommand(NodeCommand asked) => new Node(asked);

    /// <summary>As a fund.</summary>
    public sealed record Node(NodeCommand Asked) : WalletCommand;

    /// <summary>Money enters from the world.</summary>
    public sealed record Deposit(long AmountMicros, string? Memo = null) : WalletCommand, ICommand<WalletCommand, WalletView>;

    /// <summary>Money leaves to the world: of what is not held.</summary>
    public sealed record Withdraw(long AmountMicros, string? Memo = null) : WalletCommand, ICommand<WalletCommand, WalletView>;

    /// <summary>
    /// Pays another wallet: in one event the money leaves the balance and is owed to the payee. A hold and its Post in one: the id is
    /// a UUIDv7 under the rules of hold ids, so Void of it tells for certain whether it was paid (<see cref="HoldStanding.Posted"/>) or never will be.
    /// </summary>
    /// <param name="Memo">As the edge has checked it.</param>
    /// <param name="PayeeKnown">The caller found that something has happened to the payee's wallet (<see cref="WalletView.Exists"/>); if not, only one that <see cref="WalletIds.CanBeOwned"/> is paid.</param>
    public sealed record Transfer(Guid TransferId, string To, long AmountMicros, string Memo, bool PayeeKnown) : WalletCommand, ICommand<WalletCommand, TransferTaken>;

    /// <summary>The run has its output: the payment under this hold is to be moved, and again, until that has an end.</summary>
    public sealed record Settle(Guid HoldId) : WalletCommand, ICommand<WalletCommand, PaymentEnd>;

    /// <summary>An operator has looked whether the payment under this hold has moved: by this transaction, or not at all.</summary>
    public sealed record SettleByHand(Guid HoldId, string? Transaction) : WalletCommand, ICommand<WalletCommand, PaymentEnd>;

    /// <summary>Whether this payment, or its payment identifier, was presented before. A query.</summary>
    public sealed record FindPayment(string Key, string Fingerprint, string RequestHash, string? PaymentId) : WalletCommand, ICommand<WalletCommand, PaymentFound>;

    public sealed record Get : WalletCommand, ICommand<WalletCommand, WalletView>;

    /// <summary>Own command: what the facilitator says of a payment that a Reserve brought.</summary>
    internal sealed record PaymentVerified(Guid CommandId, NodeCommand.Reserve Asked, VerifyOutcome Outcome) : WalletCommand;

    /// <summary>Own command: what the facilitator says that became of a settlement, asked for so many times in a row.</summary>
    internal sealed record SettlementAnswered(Guid CommandId, Guid HoldId, bool AttemptedBefore, int Attempt, SettleOutcome Outcome) : WalletCommand;

    /// <summary>What came of this stream's own questions as a fund. Own command: nobody outside can send it.</summary>
    internal sealed record Learned(NodeOutcome Outcome) : WalletCommand;

    public sealed record Tick : WalletCommand;
}

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
/// <param name="Standing">Presented, of a run that has ended: it is about to be let go. Null where <paramref name="Owner"/> is, and said by an earlier release.</param>
public sealed record PaymentFound(string? Owner, Guid RunId, PaymentSettlement? Settlement = null, IncomingStanding? Standing = null);
