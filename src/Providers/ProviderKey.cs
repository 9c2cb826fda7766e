using Agora.Models;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>The caller of a provider. Only some failures of one user, and of one agent, count for the provider's health.</summary>
/// <param name="UserId">With the tenant, because providers serve all tenants.</param>
/// <param name="AgentId">With the tenant, too.</param>
public sealed record ProviderCaller(string UserId, string AgentId)
{
    internal OutboundCaller Outbound => new(UserId, AgentId);
}

/// <summary>
/// One key of a provider. It rests when the provider says that the key itself is wrong, or when it has been refused for several callers in a row who share neither user nor agent: a refusal of one caller (429 for a request that is too
/// large, 403 for a model that the key may not use) may follow from the request and must not stop the others. Thread-safe. Not a record: a record would print the key wherever it is logged.
/// </summary>
internal sealed class ProviderKey(string value, TimeProvider time)
{
    /// <summary>For a provider without keys.</summary>
    public static readonly ProviderKey None = new("", TimeProvider.System);

    private readonly Lock _gate = new();
    private readonly List<OutboundCaller> _refused = [];
    private long _until = long.MinValue;

    public string Value { get; } = value;

    public bool Rests => Volatile.Read(ref _until) > time.GetTimestamp();

    /// <summary>The key works: earlier refusals followed from their requests.</summary>
    public void Served()
    {
        lock (_gate)
        {
            _refused.Clear();
        }
    }

    public void Refused(ProviderFault fault, int status, Asking asking)
    {
        if (fault.Kind is not (FaultKind.Unauthorized or FaultKind.RateLimited or FaultKind.OutOfQuota)) return;

        var isOfKey = fault.Kind == FaultKind.Unauthorized && status != 403;
        if (!isOfKey && (asking.IsRepeated || !IsOneTooMany(asking.Caller))) return;

        var rest = fault is { Kind: FaultKind.RateLimited, RetryAfterSeconds: { } seconds } && seconds < ProviderLimits.KeyRest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : ProviderLimits.KeyRest;
        Volatile.Write(ref _until, time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
    }

    private bool IsOneTooMany(OutboundCaller? caller)
    {
        if (caller is null) return true;

        lock (_gate)
        {
            if (_refused.Exists(other => other.UserId == caller.UserId || other.AgentId == caller.AgentId)) return false;

            _refused.Add(caller);
            if (_refused.Count < ProviderLimits.KeyRefusals) return false;

            _refused.Clear();
            return true;
        }
    }
}
