using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Application.Flow;

/// <summary>
/// Every action that a reply may offer: an operation, with its ids filled in, and its body narrowed to what would now succeed. Descriptions are server text: a name
/// that a third party chose never stands in one.
/// </summary>
internal static class Actions
{
    /// <summary>With the platform's key and no grant: scopes and budget are asked for.</summary>
    public static NextAction AuthenticateAsking { get; } = NextAction.Authenticate with { Prefilled = OfferedBodies.AskingScopes, Narrowed = OfferedBodies.AuthAsking };

    /// <summary>The agent has as many live sessions as it may, and perhaps lost their tokens.</summary>
    public static NextAction AuthenticateReplacing { get; } = NextAction.Authenticate with
    {
        Body = RawJson.Of("""{"end_oldest":true}"""),
        Narrowed = OfferedBodies.AuthReplacing,
        Description = "Open a session in place of the agent's oldest one, which ends; or end one of them first with its own token.",
    };

    /// <summary>The session's own budget is spent, and the grant has room.</summary>
    public static NextAction AuthenticateAgain { get; } = NextAction.Authenticate with { Description = "Open another session within the user's grant, which has room; this one's budget is used up." };

    /// <summary>The session may talk to no agent, or not to these.</summary>
    public static NextAction AuthenticateForPeers { get; } = NextAction.Authenticate with
    {
        Description = "Open another session whose scopes name the agents to talk to in allowed_peers, once the user's grant allows them. An agent's own key needs no such scope.",
    };

    public static NextAction FindServices { get; } = Offer(OperationNames.SearchServices);

    public static NextAction ListTasks { get; } = Offer(OperationNames.GetTasks);

    public static NextAction FlowStatus { get; } = Offer(OperationNames.FlowStatus);

    public static NextAction GetWallet { get; } = Offer(OperationNames.GetWallet);

    public static NextAction SessionTree { get; } = Offer(OperationNames.SessionTree);

    public static NextAction EndSession { get; } = Offer(OperationNames.EndSession);

    public static NextAction GetTask(string campaignId) => Offer(OperationNames.GetTask, ("campaign_id", campaignId));

    public static NextAction GetRun(Guid runId) => Offer(OperationNames.GetRun, ("run_id", runId.ToString()));

    /// <summary>Consents are left to the agent: only its principal can mean them, so they are asked for and never prefilled.</summary>
    public static NextAction CompleteTask(FlowState flow, CampaignEntry campaign) => Offer(OperationNames.CompleteTask, ("campaign_id", campaign.CampaignId)) with
    {
        Schema = flow.Bodies.Of(campaign),
        IdempotencyKey = flow.OfferKey(OperationNames.CompleteTask, campaign.CampaignId),
    };

    public static NextAction ClaimTask(FlowState flow, CampaignEntry campaign) => Offer(OperationNames.ClaimTask, ("campaign_id", campaign.CampaignId)) with
    {
        IdempotencyKey = flow.OfferKey(OperationNames.ClaimTask, campaign.CampaignId),
    };

    /// <summary>Offered where a sponsor pays, so only a sponsor shall; today's price is the most that is accepted: one that rises meanwhile refuses the run.</summary>
    public static NextAction RunService(FlowState flow, ServiceEntry service) => Offer(OperationNames.RunService, ("service_id", service.ServiceId)) with
    {
        Body = RawJson.Of($"{{\"max_price_cents\":{Money.FormatCents(service.Definition.PriceMicros)},\"pay_with\":\"sponsor\"}}"),
        Schema = flow.Bodies.Of(service),
        IdempotencyKey = flow.OfferKey(OperationNames.RunService, service.ServiceId),
    };

    /// <summary>Out of the agent's own wallet: its money is the last that is offered.</summary>
    public static NextAction RunFromWallet(FlowState flow, ServiceEntry service) => RunService(flow, service) with
    {
        Body = RawJson.Of($"{{\"max_price_cents\":{Money.FormatCents(service.Definition.PriceMicros)},\"pay_with\":\"wallet\"}}"),
        IdempotencyKey = flow.OfferKey(OperationNames.RunService, $"{service.ServiceId} wallet"),
        Description = "Run the service with your input; the agent's own wallet pays.",
    };

    public static NextAction FindServicesUpTo(long micros) => FindServices with
    {
        Params = NextAction.NoParams.Add("max_price_cents", Money.FormatCents(micros)),
        Description = "Find services that cost no more than is left.",
    };

    public static NextAction DelegateSession(FlowState flow) => Offer(OperationNames.Delegate) with 
    {
        HasSchema = true,
        Narrowed = operations => OfferedBodies.Of(flow, operations),
        IdempotencyKey = flow.OfferKey(OperationNames.Delegate),
    };

    /// <summary>By whoever holds the session above: of a sub-session's budget nobody else can give more.</summary>
    public static NextAction DelegateMore(FlowState flow, long micros) => Offer(OperationNames.Delegate) with
    {
        Body = RawJson.Of(new JsonObject { ["agent_id"] = flow.Session.AgentId, ["scopes"] = new JsonObject { ["budget_limit_cents"] = (decimal)micros / Money.MicrosPerCent } }.ToJsonString(ApiJson.Options)),
        HasSchema = true,
        Description = "With the token of the session above this one: delegate a session with a budget that covers it.",
    };

    /// <summary>The scopes are what is missing, and nothing else.</summary>
    public static bool IsAsked(Rejection refusal) => refusal is { Code: Codes.ValidationFailed, Details: [{ Path: "/scopes/budget_limit_cents", Keyword: "required" }] };

    // Who has no grant must ask; whoever asked for more than a grant allows may leave it to the grant. What no other request would mend is not offered again.
    public static NextAction AuthenticateAfter(Rejection refusal) => refusal.Code switch
    {
        Codes.ValidationFailed => AuthenticateAsking,
        Codes.GrantExceeded => refusal.FactOf("exceeded") switch
        {
            null => NextAction.Start,
            Core.Users.Exceeded.MaxLiveSessions => AuthenticateReplacing,
            _ => NextAction.Authenticate,
        },
        Codes.NotFound => NextAction.Start,
        _ => NextAction.Authenticate,
    };

    private static NextAction Offer(string operation, params ReadOnlySpan<(string Name, string Id)> ids)
    {
        var filled = NextAction.NoParams;
        foreach (var (name, id) in ids)
        {
            filled = filled.Add(name, id);
        }

        return new(operation, filled);
    }
}
