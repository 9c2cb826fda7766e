using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Api.Runs;
using Agora.Api.Services;
using Agora.Api.Sessions;
using Agora.Api.Tasks;
using Agora.Api.Wallets;
using Agora.Core.Kernel;

namespace Agora.Api.Flow;

/// <summary>
/// Every action that a reply may offer: an operation, with its ids filled in, and its body narrowed to what would now succeed. Descriptions are server text: a name
/// that a third party chose never stands in one.
/// </summary>
internal static class Actions
{
    public static readonly ImmutableSortedDictionary<string, string> NoParams = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static NextAction Start { get; } = new("start", "GET", "/", NoParams, "See what this is and how to begin.");

    /// <summary>Within the user's grant: what is not asked for is all of the grant.</summary>
    public static NextAction Authenticate { get; } = Offer(AuthEndpoints.Auth) with { Schema = AuthEndpoints.Auth.Published };

    /// <summary>By whoever signs: it needs no key.</summary>
    public static NextAction AuthenticateSigned { get; } = Authenticate with
    {
        Description = "Open a session with a request that the card's key signs, without Agora-Session; then name its session_id in the header Agora-Session of each request within it, and sign that too.",
    };

    /// <summary>With the platform's key and no grant: scopes and budget are asked for.</summary>
    public static NextAction AuthenticateAsking { get; } = Authenticate with { Body = OfferedBodies.AskingScopes, Narrowed = () => OfferedBodies.AuthAsking };

    /// <summary>The agent has as many live sessions as it may, and perhaps lost their tokens.</summary>
    public static NextAction AuthenticateReplacing { get; } = Authenticate with
    {
        Body = RawJson.Of("""{"end_oldest":true}"""),
        Narrowed = () => OfferedBodies.AuthReplacing,
        Description = "Open a session in place of the agent's oldest one, which ends; or end one of them first with its own token.",
    };

    /// <summary>The session's own budget is spent, and the grant has room.</summary>
    public static NextAction AuthenticateAgain { get; } = Authenticate with { Description = "Open another session within the user's grant, which has room; this one's budget is used up." };

    /// <summary>The session may talk to no agent, or not to these.</summary>
    public static NextAction AuthenticateForPeers { get; } = Authenticate with
    {
        Description = "Open another session whose scopes name the agents to talk to in allowed_peers, once the user's grant allows them. An agent's own key needs no such scope.",
    };

    public static NextAction FindServices { get; } = Offer(ServiceEndpoints.Find);

    public static NextAction ListTasks { get; } = Offer(TaskEndpoints.List);

    public static NextAction FlowStatus { get; } = Offer(SessionEndpoints.Status);

    public static NextAction GetWallet { get; } = Offer(WalletEndpoints.Get);

    public static NextAction SessionTree { get; } = Offer(DelegationEndpoints.Tree);

    public static NextAction EndSession { get; } = Offer(SessionEndpoints.End);

    public static NextAction GetTask(string campaignId) => Offer(TaskEndpoints.Get, ("campaign_id", campaignId));

    public static NextAction GetRun(Guid runId) => Offer(RunEndpoints.Get, ("run_id", runId.ToString()));

    /// <summary>Consents are left to the agent: only its principal can mean them, so they are asked for and never prefilled.</summary>
    public static NextAction CompleteTask(FlowState flow, CampaignEntry campaign) => Offer(TaskEndpoints.Complete, ("campaign_id", campaign.CampaignId)) with
    {
        Schema = campaign.CompleteSchema,
        IdempotencyKey = flow.OfferKey(TaskEndpoints.Complete.Name, campaign.CampaignId),
    };

    public static NextAction ClaimTask(FlowState flow, CampaignEntry campaign) => Offer(TaskEndpoints.Claim, ("campaign_id", campaign.CampaignId)) with
    {
        IdempotencyKey = flow.OfferKey(TaskEndpoints.Claim.Name, campaign.CampaignId),
    };

    /// <summary>Offered where a sponsor pays, so only a sponsor shall; today's price is the most that is accepted: one that rises meanwhile refuses the run.</summary>
    public static NextAction RunService(FlowState flow, ServiceEntry service) => Offer(RunEndpoints.Run, ("service_id", service.ServiceId)) with
    {
        Body = RawJson.Of($"{{\"max_price_cents\":{Money.FormatCents(service.Definition.PriceMicros)},\"pay_with\":\"sponsor\"}}"),
        Schema = service.RunSchema,
        IdempotencyKey = flow.OfferKey(RunEndpoints.Run.Name, service.ServiceId),
    };

    /// <summary>Out of the agent's own wallet: its money is the last that is offered.</summary>
    public static NextAction RunFromWallet(FlowState flow, ServiceEntry service) => RunService(flow, service) with
    {
        Body = RawJson.Of($"{{\"max_price_cents\":{Money.FormatCents(service.Definition.PriceMicros)},\"pay_with\":\"wallet\"}}"),
        IdempotencyKey = flow.OfferKey(RunEndpoints.Run.Name, $"{service.ServiceId} wallet"),
        Description = "Run the service with your input; the agent's own wallet pays.",
    };

    public static NextAction FindServicesUpTo(long micros) => FindServices with
    {
        Params = NoParams.Add("max_price_cents", Money.FormatCents(micros)),
        Description = "Find services that cost no more than is left.",
    };

    public static NextAction DelegateSession(FlowState flow) => Offer(DelegationEndpoints.Delegate) with 
    {
        Schema = DelegationEndpoints.Delegate.Published,
        Narrowed = () => OfferedBodies.Of(flow),
        IdempotencyKey = flow.OfferKey(DelegationEndpoints.Delegate.Name),
    };

    /// <summary>By whoever holds the session above: of a sub-session's budget nobody else can give more.</summary>
    public static NextAction DelegateMore(FlowState flow, long micros) => Offer(DelegationEndpoints.Delegate) with
    {
        Body = RawJson.Of(new JsonObject { ["agent_id"] = flow.Session.AgentId, ["scopes"] = new JsonObject { ["budget_limit_cents"] = (decimal)micros / Money.MicrosPerCent } }.ToJsonString(ApiJson.Options)),
        Schema = DelegationEndpoints.Delegate.Published,
        Description = "With the token of the session above this one: delegate a session with a budget that covers it.",
    };

    /// <summary>An operator's, with all that its body may have.</summary>
    public static NextAction Of(Operation operation, IEnumerable<string> ids) =>
        Offer(operation, [.. operation.Sheet.Ids.Zip(ids)]) with { Schema = operation.Published };

    /// <summary>The same, by whoever signs.</summary>
    public static NextAction SignAnew(Operation operation, IEnumerable<string> ids) =>
        Of(operation, ids) with { Description = "Send it again, signed anew by the key of the agent's card: over all that Accept-Signature names, with the time of now, and a nonce of its own." };

    /// <summary>The scopes are what is missing, and nothing else.</summary>
    public static bool IsAsked(Rejection refusal) => refusal is { Code: Codes.ValidationFailed, Details: [{ Path: "/scopes/budget_limit_cents", Keyword: "required" }] };

    // Who has no grant must ask; whoever asked for more than a grant allows may leave it to the grant. What no other request would mend is not offered again.
    public static NextAction AuthenticateAfter(Rejection refusal) => refusal.Code switch
    {
        Codes.ValidationFailed => AuthenticateAsking,
        Codes.GrantExceeded => refusal.FactOf("exceeded") switch
        {
            null => Start,
            Core.Users.Exceeded.MaxLiveSessions => AuthenticateReplacing,
            _ => Authenticate,
        },
        Codes.NotFound => Start,
        _ => Authenticate,
    };

    private static NextAction Offer(Operation operation, params ReadOnlySpan<(string Name, string Id)> ids)
    {
        var filled = NoParams;
        foreach (var (name, id) in ids)
        {
            filled = filled.Add(name, id);
        }

        return new(operation.Name, operation.Method, operation.Route, filled, operation.Advice);
    }
}
