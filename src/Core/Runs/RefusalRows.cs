using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>
/// What a refused run leaves in table <c>refusals</c>: the limit that refused it, whose that is, what was asked of it and what it had left. Each refusal is a row of its own,
/// under its audit entry's id: the same run may be asked for again under its key, and refused again or not.
/// </summary>
public static class RefusalRows
{
    public static readonly Table Refusals = new(
        "refusals", 2, "tenant", "refusal_id", "run_id", "session_id", "user_id", "agent_id", "operation", "service_id", "provider", "campaign_id", "code", "limit_name", "node_kind", "node_id",
        "asked_micros", "free_micros", "refused_at");

    private const string Campaign = "campaign";

    /// <param name="runId">Null: none was begun.</param>
    internal static Row Of(Leaf leaf, AuditLine line, Guid? runId, RefusedRun run, DateTimeOffset at)
    {
        var node = run.Reason.Node();
        return Refusals.Row(
            leaf.Tenant, line.AuditId.ToString("D"), runId?.ToString("D"), leaf.SessionId, leaf.UserId, leaf.AgentId, line.Operation, run.ServiceId.Length == 0 ? null : run.ServiceId, run.Payee,
            node?.Kind == Campaign ? node.Value.Id : null, run.Reason.Code, run.Reason.FactOf("limit"), node?.Kind, node?.Id,
            run.AskedMicros ?? Micros(run.Reason.FactOf("asked_cents")), Micros(run.Reason.FactOf("free_cents")), at.ToMicros());
    }

    private static long? Micros(string? cents) => cents is not null && Money.TryParseCents(cents, out var micros) ? micros : null;
}
