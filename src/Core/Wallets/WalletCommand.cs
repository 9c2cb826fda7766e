using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>
/// Closed union. A wallet comes into being at first use. Answers: Deposit, Withdraw → <see cref="WalletView"/>; Transfer → <see cref="TransferTaken"/>;
/// Reserve → <see cref="FundReserved"/>; Post, Void → <see cref="HoldDecided"/>; Credit → <see cref="Credited"/>; Get → <see cref="WalletView"/>.
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
    public sealed record Reserve(Guid HoldId, string Owner, Guid RunId, long AmountMicros, string Provider, int FeeBasisPoints = 0, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Memo = null) : WalletCommand;

    public sealed record Post(Guid HoldId, long AmountMicros) : WalletCommand;

    public sealed record Void(Guid HoldId) : WalletCommand;

    /// <summary>
    /// Money arrives. Each source numbers its transfers to this wallet 1, 2, 3 … and has one under way at a time, so that
    /// keeping the last number of each source applies each transfer exactly once, for ever, in bounded memory: a number
    /// ≤ the last is answered again and changes nothing; a gap is a broken invariant.
    /// </summary>
    /// <param name="Source">Stream id of the sender.</param>
    /// <param name="Memo">Of whatever is no item.</param>
    public sealed record Credit(string Source, long Number, long AmountMicros, string Memo, IReadOnlyList<TransferItem>? Items = null) : WalletCommand;

    public sealed record Get : WalletCommand;

    /// <summary>What the owner answered about an overdue hold. Own command: nobody outside can send it.</summary>
    internal sealed record HoldInquired(Guid HoldId, bool Posted, long AmountMicros) : WalletCommand;

    /// <summary>The payee has the transfer. Own command.</summary>
    internal sealed record CreditArrived(string Wallet, long Number) : WalletCommand;

    public sealed record Tick : WalletCommand;
}

public sealed record Credited(string Source, long Number);

public sealed record TransferTaken(Guid TransferId);

/// <param name="BalanceMicros">What is the wallet's own: available + held.</param>
/// <param name="CreditedMicros">All that other funds ever sent and that arrived.</param>
/// <param name="EnteredMicros">All that was ever deposited, <paramref name="LeftMicros"/> withdrawn.</param>
/// <param name="PaidMicros">All that was ever paid to other wallets.</param>
/// <param name="Exists">Something has happened to it.</param>
public sealed record WalletView(
    string WalletId,
    long BalanceMicros,
    long CreditedMicros,
    long HeldMicros = 0,
    long AvailableMicros = 0,
    long EnteredMicros = 0,
    long LeftMicros = 0,
    long PaidMicros = 0,
    bool Exists = false);
