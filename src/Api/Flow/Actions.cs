using System.Collections.Immutable;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Flow;

/// <summary>Every action that a reply may offer. Descriptions are server text: a name that a third party chose never stands in one.</summary>
internal static class Actions
{
    private static readonly ImmutableSortedDictionary<string, string> NoParams = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    private static readonly RawJson Nothing = RawJson.Of("{}")!;

    public static NextAction Start { get; } = Get("start", "/", "See what this is and how to begin.");

    private const string AuthenticateText = "Open a session with the agent's key as bearer credential; send the token that comes back as bearer credential from then on.";

    /// <summary>Within the user's grant: what is not asked for is all of the grant.</summary>
    public static NextAction Authenticate { get; } = new("auth", "POST", "/agent/auth", NoParams, Nothing, BodySchemas.Document(BodySchemas.Auth), AuthenticateText);

    /// <summary>With the platform's key and no grant: scopes and budget are asked for.</summary>
    public static NextAction AuthenticateAsking { get; } = new("auth", "POST", "/agent/auth", NoParams, Nothing, BodySchemas.Document(BodySchemas.AuthAsking), AuthenticateText);

    /// <summary>The agent has as many live sessions as it may, and perhaps lost their tokens.</summary>
    public static NextAction AuthenticateReplacing { get; } = new(
        "auth", "POST", "/agent/auth", NoParams, RawJson.Of("{\"end_oldest\":true}"), BodySchemas.Document(BodySchemas.AuthReplacing),
        "Open a session in place of the agent's oldest one, which ends; or end one of them first with its own token.");

    public static NextAction FindServices { get; } = Get("find_services", "/agent/services", "Find services, ranked; q searches, and sponsors says who would pay.");

    public static NextAction ListTasks { get; } = Get("list_tasks", "/agent/tasks", "List the sponsors' tasks in scope.");

    public static NextAction FlowStatus { get; } = Get("flow_status", "/agent/flow/status", "See where this session stands.");

    public static NextAction GetWallet { get; } = Get("get_wallet", "/agent/wallet", "See the agent's own wallet.");

    public static NextAction SessionTree { get; } = Get("session_tree", "/agent/session/tree", "See this session's sub-sessions and what each has spent.");

    public static NextAction EndSession { get; } = new("end_session", "DELETE", "/agent/session", NoParams, null, null, "End this session.");

    public static NextAction GetTask(string campaignId) =>
        new("get_task", "GET", "/agent/tasks/{campaign_id}", NoParams.Add("campaign_id", campaignId), null, null, "Read the task that unlocks sponsored runs.");

    public static NextAction GetRun(Guid runId) =>
        new("get_run", "GET", "/agent/runs/{run_id}", NoParams.Add("run_id", runId.ToString()), null, null, "See the run's state and output.");

    /// <summary>Consents are left to the agent: only its principal can mean them, so they are asked for and never prefilled.</summary>
    public static NextAction DoTask(CampaignEntry campaign) => new(
        "do_task",
        "POST",
        "/agent/tasks/{campaign_id}/complete",
        NoParams.Add("campaign_id", campaign.CampaignId),
        Nothing,
        campaign.CompleteSchema,
        "Do the task: its output and the consents it asks for. It unlocks runs that the sponsor pays.") { InlinesSchema = true };

    /// <summary>Offered where a sponsor pays, so only a sponsor shall; today's price is the most that is accepted: one that rises meanwhile refuses the run.</summary>
    public static NextAction RunService(ServiceEntry service) => new(
        "run_service",
        "POST",
        "/agent/services/{service_id}/run",
        NoParams.Add("service_id", service.ServiceId),
        RawJson.Of($"{{\"max_price_cents\":{Money.FormatCents(service.Definition.PriceMicros)},\"pay_with\":\"sponsor\"}}"),
        service.RunSchema,
        "Run the service with your input; it is paid as the reply says.") { InlinesSchema = service.Definition.InputSchema is not null };

    public static NextAction DelegateSession(FlowState flow) => new(
        "delegate_session",
        "POST",
        "/agent/session/delegate",
        NoParams,
        Nothing,
        BodySchemas.Of(flow),
        "Open a sub-session for another agent, within this one; what is left out is as in this session.");

    private static NextAction Get(string action, string endpoint, string description) => new(action, "GET", endpoint, NoParams, null, null, description);
}
