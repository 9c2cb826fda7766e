using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Refunds;

/// <summary>A payment as its session posted it: what a refund of it rests on, for ever the same. The edge reads it from the durable event.</summary>
/// <param name="PayerKind">One of <see cref="Funds.PayerKinds"/>.</param>
/// <param name="Provider">Wallet that earned the amount but the fee.</param>
/// <param name="Nodes">The limits that bound it; as the run's payment names them; null: its own session's only.</param>
public sealed record PaymentFacts(
    string PaymentId,
    string SessionId,
    Guid RunId,
    string UserId,
    string AgentId,
    string PayerKind,
    string PayerId,
    string Provider,
    long AmountMicros,
    long FeeMicros,
    string? Nodes = null);

/// <summary>
/// Closed union of what a payment is asked once it is over. Answers: Refund → <see cref="RefundView"/>; Get → <see cref="PaymentStanding"/>.
/// Rejections: validation_failed (an amount out of range or above what is left, nothing was paid, other facts than before), duplicate_request (all of it is back already),
/// payment_required (the provider, or the platform, has too little that is not held), unavailable (another refund of it is being decided, or a wallet cannot be reached).
/// </summary>
public abstract record RefundCommand
{
    private RefundCommand()
    {
    }

    public static implicit operator RefundCommand(NodeCommand asked) => new Node(asked);

    /// <summary>As the owner of the holds of refunds: an inquiry.</summary>
    public sealed record Node(NodeCommand Asked) : RefundCommand;

    /// <param name="AmountMicros">Null: all that is left.</param>
    /// <param name="LeaveMicros">Not that, but all above so much of the payment; null: nothing is said of that.</param>
    /// <param name="Actor">Who gives it back; for the list of refunds.</param>
    public sealed record Refund(PaymentFacts Payment, long? AmountMicros, string Reason, string Actor, long? LeaveMicros = null) : RefundCommand;

    public sealed record Get : RefundCommand;

    // Own commands: outcomes of steps. Nobody outside can send them: they have no codec.
    internal sealed record WalletAnswered(Guid RefundId, Guid HoldId, StepOutcome Outcome) : RefundCommand;

    /// <summary>What the payer's fund owed to this wallet has had time to arrive.</summary>
    internal sealed record WalletPaid(Guid RefundId, Guid HoldId) : RefundCommand;

    /// <summary>A restart left a refund without anybody working on it.</summary>
    internal sealed record Abandoned(Guid RefundId) : RefundCommand;

    internal sealed record WalletTold(Guid HoldId) : RefundCommand;

    /// <summary>How a limit's node stands to what it was told under this id.</summary>
    internal sealed record NodeTold(Guid TellId, HoldStanding Standing) : RefundCommand;

    internal sealed record NodeReleased(Guid TellId) : RefundCommand;

    public sealed record Tick : RefundCommand;
}

/// <param name="FeeMicros">Of the amount, what came back from the platform; the rest came from the provider.</param>
/// <param name="State">One of <see cref="RefundStates"/>.</param>
/// <param name="RefundedMicros">Of the payment, with this refund.</param>
/// <param name="LeftMicros">What could still be given back.</param>
public sealed record RefundView(
    Guid RefundId, string PaymentId, long AmountMicros, long FeeMicros, string Reason, string Actor, string State, long RefundedMicros, long LeftMicros, DateTimeOffset At);

/// <summary>Of a payment without refunds: nothing.</summary>
public sealed record PaymentStanding(long RefundedMicros);

public static class RefundStates
{
    /// <summary>It is its payer's again.</summary>
    public const string Posted = "posted";

    /// <summary>It is in the payer's wallet here; nothing was sent to the network that the payment came from.</summary>
    public const string PayoutPending = "payout_pending";
}

/// <summary>How a payment stands, in replies and lists.</summary>
public static class PaymentStatus
{
    public const string PartlyRefunded = "partly_refunded";
    public const string Refunded = "refunded";

    /// <param name="posted">As the payment was posted.</param>
    public static string Of(string posted, long amountMicros, long refundedMicros) =>
        refundedMicros == 0 ? posted : refundedMicros < amountMicros ? PartlyRefunded : Refunded;
}
