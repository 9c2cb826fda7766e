using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Access;

/// <summary>One line of a session's history, as the audit shows it. No secret, no personal value.</summary>
public sealed record AuditLine(Guid AuditId, string Operation, string Endpoint, string Summary, int Status);

/// <summary>Limits of the process that decide at the session (settings).</summary>
/// <param name="FeeBasisPoints">What the platform keeps of a run's price.</param>
/// <param name="FloodFactor">More than so many times the rate in one minute is a flood; 0: nothing is.</param>
/// <param name="FloodMinutes">Minutes of flood in a row that suspend.</param>
public sealed record SessionPolicy(
    int RateLimitPerMinute, int DuplicateWindowSeconds, int AnomalyLimit = 5, int AnomalyWindowMinutes = 5, int FeeBasisPoints = 0, int FloodFactor = 0, int FloodMinutes = 0)
{
    public RateRule Rate => new(RateLimitPerMinute, FloodFactor, FloodMinutes);
}

/// <summary>What every request of an agent brings along.</summary>
/// <param name="Operation">The action's name, as audited: find_services, do_task, run_service …</param>
/// <param name="Endpoint">Method and route template.</param>
/// <param name="Summary">No secret and no personal value.</param>
/// <param name="Violations">What is wrong with the request's content: refused after scope, before everything later in the order.</param>
/// <param name="Taken">Of a delegated session: this request has been counted at the root, whose rate it shares, and so the window stands there now.</param>
/// <param name="IsOurs">We ask beside what the agent has asked: no request of the agent's, so its rate neither counts nor refuses it.</param>
public sealed record RequestInfo(
    string Operation,
    string Endpoint,
    string Summary,
    SessionPolicy Policy,
    IReadOnlyList<Detail>? Violations = null,
    Rejection? Malformed = null,
    RateWindow? Taken = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsOurs = false)
{
    /// <summary>As the audit will show it.</summary>
    public AuditLine Line(int status, Context context) => new(context.NewId(0), Operation, Endpoint, Summary, status);
}
