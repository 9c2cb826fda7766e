using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Core.Sessions;

/// <summary>What a session's events leave in query tables.</summary>
public static class SessionTables
{
    public static readonly Table Audit = new(
        "audit", 2, "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at", "agent_id", "user_id");

    public static readonly IReadOnlyList<Table> All = [Audit, .. RunTables.All];

    public static IEnumerable<Row> Rows(SessionState state, LeafEvent @event, DateTimeOffset at) => @event switch
    {
        RunEvent e => RunTables.Rows(state, e, at),
        SessionEvent.Audited { Run: { } run } e => [AuditRow(state, e.Line, at), RefusalRows.Of(state, e.Line, null, run, at)],
        SessionEvent.Audited e => [AuditRow(state, e.Line, at)],
        SessionEvent.RateExceeded e => [AuditRow(state, e.Line, at)],
        SessionEvent.Revoked e => [AuditRow(state, e.Line, at)],
        SessionEvent.EndedFor e => [AuditRow(state, e.Line, at)],
        SessionEvent.TaskRecorded e => [AuditRow(state, e.Line, at)],
        SessionEvent.TaskRefused e => [AuditRow(state, e.Line, at)],
        SessionEvent.ConsentWithdrawalRecorded e => [AuditRow(state, e.Line, at)],
        SessionEvent.ClaimRecorded e => [AuditRow(state, e.Line, at)],
        SessionEvent.DelegationBegun e => [AuditRow(state, e.Line, at)],
        SessionEvent.DelegationRefused e => [AuditRow(state, e.Line, at)],
        _ => [],
    };

    private static Row AuditRow(SessionState state, AuditLine line, DateTimeOffset at) => Audit.Row(
        state.Tenant, line.AuditId.ToString("D"), state.SessionId, line.Operation, line.Endpoint, line.Summary, (long)line.Status, at.ToMicros(), state.AgentId, state.UserId);
}
