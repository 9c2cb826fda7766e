using Agora.Core.Kernel;

namespace Agora.Api.Http;

internal static class QueryTables
{
    public static readonly Table Users = new("users", 2, "tenant", "user_id", "has_profile", "daily_cap_micros", "monthly_cap_micros", "erased", "updated_at");

    public static readonly Table Sessions = new("sessions", 2, "tenant", "session_id", "user_id", "agent_id", "budget_limit_micros", "created_at", "expires_at", "closed_at");

    public static readonly Table Completions = new(
        "completions", 2, "tenant", "completion_id", "campaign_id", "user_id", "session_id", "agent_id", "execution_mode", "completed_at", "consents", "consent_valid", "output_command");

    public static readonly Table Consents = new(
        "consents", 2, "tenant", "consent_id", "user_id", "session_id", "campaign_id", "type", "granted_via", "granted_at", "withdrawn_at");

    public static readonly Table Audit = new(
        "audit", 2, "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at");

    public static readonly Table Runs = new(
        "runs", 2, "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "payer", "source",
        "status", "why", "failure_code", "requested_at", "settled_at", "operation", "endpoint", "request_summary", "response_status", "related_party", "provider");
}
