using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>What a session's events leave in query tables. A run is one row, which is its audit entry and its payment too.</summary>
public static class SessionTables
{
    public static readonly Table Audit = new(
        "audit", 2, "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at");

    public static readonly Table Runs = new(
        "runs", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "payer", "source",
        "status", "why", "failure_code", "requested_at", "settled_at", "operation", "endpoint", "request_summary", "response_status", "related_party", "provider", "payer_id", "fee_micros");

    /// <summary>Runs that wait, or waited, for approval. A service's has service_id, a payment to another wallet has none and pays payee.</summary>
    public static readonly Table Approvals = new(
        "approvals", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "payee", "max_amount_micros", "state", "requested_at", "expires_at", "decided_at", "decided_by", "reason");

    public static readonly IReadOnlyList<Table> All = [Audit, Runs, Approvals];

    public static IEnumerable<Row> Rows(SessionState state, SessionEvent @event, DateTimeOffset at) => @event switch
    {
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
        SessionEvent.RunConcluded e => [RunRow(state, e.RunId, e.Run, e.Payment, e.FailureCode, at)],
        SessionEvent.RunRefused e => [RunRow(state, e.RunId, e.Run, null, e.Reason.Code, at)],
        SessionEvent.RunAwaitsApproval e => [ApprovalRow(state, e.Run.RunId, e.Run.ServiceId, e.Run.Provider, e.Run.Waiting, ApprovalState.Pending, null, null, null)],
        SessionEvent.RunApproved e => [ApprovalRow(state, e.Run.RunId, e.Run.ServiceId, e.Run.Provider, e.Waited, ApprovalState.Approved, at, e.By, e.Reason)],
        SessionEvent.WaitEnded e =>
        [
            RunRow(state, e.RunId, e.Run, null, e.Outcome.Code, at),
            ApprovalRow(state, e.RunId, e.Run.ServiceId, e.Run.Provider, e.Waited, e.Approval, at, e.By, e.Reason),
        ],
        _ => [],
    };

    private static Row AuditRow(SessionState state, AuditLine line, DateTimeOffset at) => Audit.Row(
        state.Tenant, line.AuditId.ToString("D"), state.SessionId, line.Operation, line.Endpoint, line.Summary, (long)line.Status, at.ToMicros());

    private static Row ApprovalRow(
        SessionState state, Guid runId, string serviceId, string payee, WaitingFacts waiting, ApprovalState approval, DateTimeOffset? decidedAt, string? by, string? reason) => Approvals.Row(
        state.Tenant, runId.ToString("D"), state.SessionId, state.UserId, state.AgentId, serviceId.Length == 0 ? null : serviceId, payee, waiting.MaxMicros,
        approval.Name(), waiting.RequestedAt.ToMicros(), waiting.ExpiresAt.ToMicros(), decidedAt?.ToMicros(), by, reason);

    private static Row RunRow(SessionState state, Guid runId, RunFacts run, Payment? payment, string? failure, DateTimeOffset at) => Runs.Row(
        state.Tenant, runId.ToString("D"), state.SessionId, state.UserId, state.AgentId, run.ServiceId, payment is { PayerKind: PayerKinds.Campaign } ? payment.PayerId : null,
        failure is null ? "succeeded" : "failed", payment?.AmountMicros ?? 0L, payment?.PaymentId.ToString("D"), payment?.Payer, payment?.Source, payment?.Status,
        payment?.Why, failure, run.RequestedAt.ToMicros(), at.ToMicros(), run.Line.Operation, run.Line.Endpoint, run.Line.Summary,
        (long)(failure is null ? 200 : Codes.StatusOf(failure)), payment is { RelatedParty: true } ? 1L : 0L, run.Provider,
        payment?.PayerId, payment?.FeeMicros ?? 0L);
}
