using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>What a service did with one input, for nobody. What it answered is journaled nowhere.</summary>
/// <param name="TryId">What the service was sent as Idempotency-Key.</param>
/// <param name="Output">JSON; null: it failed.</param>
/// <param name="CostMicros">Of a metered service: what it says that a run would have cost, at most its highest price.</param>
/// <param name="Code">Why it failed: one of our codes; null: it did not.</param>
/// <param name="Reason">The same in a sentence of ours.</param>
public sealed record ServiceTrial(string ServiceId, Guid TryId, Personal? Output, long? CostMicros, string? Code, string? Reason, int Attempts, int TookMs)
{
    public static ServiceTrial Of(string serviceId, Guid tryId, StepOutcome outcome) => outcome switch
    {
        ServiceOutcome.Output o => new(serviceId, tryId, new(o.Body), o.CostMicros, null, null, o.Attempts, o.TookMs),
        ServiceOutcome.CallFailed f => new(serviceId, tryId, null, null, f.Code, f.Reason, f.Attempts, f.TookMs),
        ServiceOutcome.NotCalled => new(serviceId, tryId, null, null, Codes.Unavailable, "The service could not be called just now: nothing was sent to it.", 0, 0),
        _ => new(serviceId, tryId, null, null, Codes.UpstreamTimeout, "Whether the service was called is not known.", 0, 0),
    };
}
