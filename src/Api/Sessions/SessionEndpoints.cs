using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Sessions;
using Agora.Core.Kernel;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Sessions;

/// <summary>What an agent can see of its own session, and end: flow, consents, audit.</summary>
internal sealed class SessionEndpoints(AgentSession session, Guide guide, AuditHistory history) : IFeature
{
    public static readonly Operation<NoFields> Status = new(Audience.Agents, OperationNames.FlowStatus, "GET /agent/flow/status", "Where the session stands in the flow")
    {
        Tool = new("flow_status"),
        Advice = "See what can be done now.",
        Read = NoFields.Read,
        Data = typeof(FlowData),
        DataExample = """{"step":"do_task","session":{"session_id":"0198c0de","agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":[],"allowed_peers":[],"model_limits":null,"ask_when_spent":false,"budget_limit_cents":100},"created_at":"2029-12-31T23:00:00.000000Z","expires_at":"2030-01-01T00:00:00.000000Z"},"budget":{"limit_cents":100,"spent_cents":0,"reserved_cents":0,"remaining_cents":100},"model_use":{"tokens":0,"held_tokens":0,"calls":0,"calls_under_way":0},"completed_tasks":[],"runnable_services":[],"runs":[],"projected_at":null,"not_projected":"nothing_spent"}""",
    };

    public static readonly Operation<Page> Consents = new(Audience.Agents, "list_consents", "GET /agent/consents", "The consents that the user has given")
    {
        ListsIds = ["consent_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(ConsentsData),
        DataExample = """{"consents":[{"consent_id":"c-1","campaign_id":"survey","type":"data_sharing","granted_via":"agent","granted_at":"2030-01-01T00:00:00.000000Z","withdrawn_at":null}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Withdraw = new(Audience.Agents, "withdraw_consent", "DELETE /agent/consents/{consent_id}", "Withdraw a consent that this agent gave, or a sub-session of this session; the sponsor's view follows at once")
    {
        Tool = new("withdraw_consent", IsDestructive: true),
        Read = static call => call.Id("consent_id"),
        Data = typeof(WithdrawnData),
        Codes = [Codes.NotFound, Codes.ScopeViolation, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = """{"consent_id":"c-1","campaign_id":"survey","withdrawn_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public static readonly Operation<ListRequest> Audit = new(Audience.Agents, "audit_history", "GET /agent/audit/history", "What this session has done, or its agent for its user, newest first")
    {
        Resource = "agora://audit",
        Tool = new("history"),
        Read = AuditHistory.Read,
        Data = typeof(AuditData),
        DataExample = """{"entries":[{"id":"0198c0de-0000-7000-8000-000000000000","operation":"search_services","endpoint":"GET /agent/services","request_summary":"","request":{},"response_status":200,"created_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly Operation<NoFields> End = new(Audience.Agents, OperationNames.EndSession, "DELETE /agent/session", "End the session; from then on its token gets nothing but the answers to what it had sent before under the same Idempotency-Key")
    {
        Advice = "End this session.",
        Read = NoFields.Read,
        Data = typeof(EndedData),
        DataExample = """{"session_id":"0198c0de","revoked_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public void Map(Routes routes) => routes.Map(Status, FlowStatus).Map(Consents, ListConsents).Map(Withdraw, WithdrawConsent).Map(Audit, ListAudit).Map(End, EndSession);

    private async Task<Reply> FlowStatus(AgentCall call, NoFields _) => (await session.Status(call.Caller)).Reply(static standing => Reply.Ok(FlowData.Of(standing)));

    private async Task<Reply> ListConsents(AgentCall call, Page page) => (await session.Consents(call.Caller, page, call.Cancel)).Reply(found =>
        Reply.Ok(new ConsentsData([.. found.Rows.Select(ConsentData.Of)], found.Total.Number, found.Total.Unknown(call.Words), page.Offset, page.Limit)));

    private async Task<Reply> WithdrawConsent(AgentCall call, string consentId) => (await session.Withdraw(call.Caller, consentId)).Reply(static withdrawn =>
        Reply.Ok(new WithdrawnData(withdrawn.ConsentId, withdrawn.CampaignId, withdrawn.WithdrawnAt)));

    private async Task<Reply> EndSession(AgentCall call, NoFields _) => (await session.End(call.Caller)).Reply(static ended => Reply.Ok(new EndedData(ended.SessionId, ended.RevokedAt)));

    private Task<Reply> ListAudit(AgentCall call, ListRequest asked) =>
        guide.Visit(call, async flow => await history.Page(call, flow.Session, asked) with { NextActions = [Actions.FlowStatus] }, history.Refusal(call, asked));
}
