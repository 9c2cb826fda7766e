namespace Agora.Outbound;

/// <summary>
/// Every call that leaves the system goes through here: one guard, one policy. What cannot be promised without it: that no
/// tenant's endpoint reaches the inside of our network, and that a slow, huge or hostile answer costs a bounded amount.
/// </summary>
public interface IOutbound
{
    /// <summary>
    /// Sends the call, at most <see cref="OutboundLimits.MaxAttempts"/> times and within the call's deadline, each time
    /// with the same Idempotency-Key. Everything that the other side can cause is a value; only the caller's own cancellation
    /// and a malformed call throw.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether the other side acted is not known.</exception>
    Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation);
}
