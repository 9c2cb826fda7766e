using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>What a run's events leave in query tables. A run is one row, which is its audit entry and its payment too.</summary>
public static class RunTables
{
    public static readonly Table Runs = new(
        "runs", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "payer", "source",
        "status", "why", "failure_code", "requested_at", "settled_at", "operation", "endpoint", "request_summary", "response_status", "related_party", "provider", "payer_id", "fee_micros", "tx_hash") { Derived = RunLines.Columns, IsWrittenOnce = true };

    /// <summary>Runs that wait, or waited, for approval. A service's has service_id, a payment to another wallet has none and pays payee.</summary>
    public static readonly Table Approvals = new(
        "approvals", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "payee", "max_amount_micros", "state", "requested_at", "expires_at", "decided_at", "decided_by", "reason", "beyond_budget");

    /// <summary>What calls of models were counted and cost: beside the row of the run, which every run has.</summary>
    public static readonly Table ModelCalls = new(
        "model_calls", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "prices", "route", "tier", "failure_code", "held_micros", "cost_micros", "over_micros", "is_estimate",
        "input", "cache_read", "cache_write", "cache_write_long", "input_audio", "output", "reasoning", "output_audio", "first_ms", "took_ms", "ended_at", "cached_from") { IsWrittenOnce = true };

    internal static readonly IReadOnlyList<Table> All = [Runs, Approvals, RefusalRows.Refusals, ModelCalls];

    internal static IEnumerable<Row> Rows(Leaf leaf, RunEvent @event, DateTimeOffset at) => @event switch
    {
        RunEvent.Concluded { Model: { } model } e => [RunRow(leaf, e.RunId, e.Run, e.Payment, e.WhyFailed, at), CallRow(leaf, e, model, at)],
        RunEvent.Concluded e => [RunRow(leaf, e.RunId, e.Run, e.Payment, e.WhyFailed, at)],
        RunEvent.Refused { IsTentative: true } => [],
        RunEvent.Refused e => [RunRow(leaf, e.RunId, e.Run, null, e.Reason.Code, at), RefusalRow(leaf, e.RunId, e.Run, e.AskedMicros, e.Reason, at)],
        RunEvent.AwaitsApproval e => [ApprovalRow(leaf, e.Run.RunId, e.Run.ServiceId, e.Run.Provider, e.Run.Waiting, ApprovalState.Pending, null, null, null)],
        RunEvent.Approved e => [ApprovalRow(leaf, e.Run.RunId, e.Run.ServiceId, e.Run.Provider, e.Waited, ApprovalState.Approved, at, e.By, e.Reason)],
        RunEvent.WaitEnded e =>
        [
            RunRow(leaf, e.RunId, e.Run, null, e.Outcome.Code, at),
            ApprovalRow(leaf, e.RunId, e.Run.ServiceId, e.Run.Provider, e.Waited, e.Approval, at, e.By, e.Reason),
            .. e.Outcome.Code == Codes.RunCancelled ? [] : (Row[])[RefusalRow(leaf, e.RunId, e.Run, e.Waited.MaxMicros, e.Outcome, at)],
        ],
        _ => [],
    };

    private static Row CallRow(Leaf leaf, RunEvent.Concluded e, CalledModel called, DateTimeOffset at) => ModelCalls.Row(
        leaf.Tenant, e.RunId.ToString("D"), leaf.SessionId, leaf.UserId, leaf.AgentId, e.Run.ServiceId, (long)called.Prices, called.Route, called.Tier, e.WhyFailed,
        called.HeldMicros, e.AmountMicros, called.OverMicros, called.IsEstimate ? 1L : 0L,
        called.Usage?.Input, called.Usage?.CacheRead, called.Usage?.CacheWrite, called.Usage?.CacheWriteLong, called.Usage?.InputAudio, called.Usage?.Output, called.Usage?.Reasoning, called.Usage?.OutputAudio,
        (long?)called.FirstMs, (long?)called.TookMs, at.ToMicros(), called.CachedFrom?.ToString("D"));

    private static Row RefusalRow(Leaf leaf, Guid runId, RunFacts run, long? asked, Rejection reason, DateTimeOffset at) =>
        RefusalRows.Of(leaf, run.Line, runId, new(run.ServiceId, run.Provider, asked, reason), at);

    private static Row ApprovalRow(
        Leaf leaf, Guid runId, string serviceId, string payee, WaitingFacts waiting, ApprovalState approval, DateTimeOffset? decidedAt, string? by, string? reason) => Approvals.Row(
        leaf.Tenant, runId.ToString("D"), leaf.SessionId, leaf.UserId, leaf.AgentId, serviceId.Length == 0 ? null : serviceId, payee, waiting.MaxMicros,
        approval.Name(), waiting.RequestedAt.ToMicros(), waiting.ExpiresAt.ToMicros(), decidedAt?.ToMicros(), by, reason, waiting.BeyondBudget ? 1L : 0L);

    private static Row RunRow(Leaf leaf, Guid runId, RunFacts run, Payment? payment, string? failure, DateTimeOffset at) => Runs.Row(
        leaf.Tenant, runId.ToString("D"), leaf.SessionId, leaf.UserId, leaf.AgentId, run.ServiceId, payment is { PayerKind: PayerKinds.Campaign } ? payment.PayerId : null,
        failure is null ? "succeeded" : failure == Codes.RunCancelled ? "cancelled" : "failed", payment?.AmountMicros ?? 0L, payment?.PaymentId.ToString("D"), payment?.Payer, payment?.Source, payment?.Status,
        payment?.Why, failure, run.RequestedAt.ToMicros(), at.ToMicros(), run.Line.Operation, run.Line.Endpoint, run.Line.Summary,
        (long)(failure is null ? 200 : Codes.StatusOf(failure)), payment is { RelatedParty: true } ? 1L : 0L, run.Provider,
        payment?.PayerId, payment?.FeeMicros ?? 0L, payment?.Settlement is { Transaction.Length: > 0 } settled ? settled.Transaction : null);
}
