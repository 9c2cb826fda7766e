using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>Closed union of what happens to a payment after it was made; stored names stand in <see cref="RefundCodec"/>.</summary>
public abstract record RefundEvent
{
    private RefundEvent()
    {
    }

    /// <summary>Whoever earned the payment is being asked for it back. Nothing has moved.</summary>
    /// <param name="FeeMicros">Of the amount, what the platform gives back.</param>
    /// <param name="ProviderHold">Null: the provider gives back nothing; likewise <paramref name="FeeHold"/>.</param>
    public sealed record Requested(
        Guid RefundId,
        Guid CommandId,
        PaymentFacts Payment,
        long AmountMicros,
        long FeeMicros,
        Guid? ProviderHold,
        Guid? FeeHold,
        string Reason,
        string Actor) : RefundEvent;

    /// <summary>The one place where a refund is decided: all of it is held, and goes back. Answers the command that asked for it.</summary>
    /// <param name="Tells">The limits that are told, each under an id that begins now.</param>
    public sealed record Accepted(Guid CommandId, RefundView View, IReadOnlyList<NodeToTell> Tells) : RefundEvent;

    /// <summary>Nothing moves: whatever is held is free again.</summary>
    public sealed record Refused(Guid RefundId, Rejection Reason) : RefundEvent;

    /// <summary>A wallet follows: its hold is closed.</summary>
    public sealed record WalletFollowed(Guid HoldId) : RefundEvent;

    /// <summary>A hold that no refund of this payment owns: void for ever.</summary>
    public sealed record HoldDisowned(Guid RefundId, Guid HoldId) : RefundEvent;

    /// <summary>A limit counts the refund, and remembers that it does.</summary>
    public sealed record NodeCounted(Guid TellId) : RefundEvent;

    /// <summary>A limit could not be reached in time under this id, and never counts it: it is told under another.</summary>
    public sealed record NodeToldAnew(Guid TellId, Guid NewTellId) : RefundEvent;

    /// <summary>The limit need not remember any more.</summary>
    public sealed record NodeReleased(Guid TellId) : RefundEvent;
}

/// <summary>A stream whose limits a refund lowers.</summary>
/// <param name="Node">Stream of a session or the user.</param>
/// <param name="Accounts">Of the user: which of its limits, parted by spaces.</param>
public sealed record NodeToTell(Guid TellId, string Node, string? Accounts = null);
