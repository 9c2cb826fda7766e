using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Search;

namespace Agora.Api.Services;

/// <summary>GET /agent/services: ranked search, in scope unless asked otherwise; what a sponsor would pay for this user ranks higher and says so.</summary>
internal sealed class ServiceEndpoints(Guide guide) : IFeature
{
    public static readonly Operation<ServiceSearch> Find = new(Audience.Agents, OperationNames.SearchServices, "GET /agent/services", "Find services, ranked")
    {
        ListsIds = ["service_id"],
        Tool = new("search_services"),
        StoredName = "find_services",
        Advice = "Find services; q searches.",
        Read = ServiceSearch.Read,
        Data = typeof(ServicesData),
        DataExample = """{"services":[{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","provider":"text-provider","price_cents":25,"metered":false,"relevance_score":0.71,"input_schema":{"type":"object"},"sponsors":[{"campaign_id":"survey","sponsor":"Acme","task_completed":false,"runs_left":3}]}],"total_count":1,"offset":0,"limit":50,"empty_because":null}""",
    };

    private static readonly IReadOnlyList<string> Untrusted =
        ["data.services[].name", "data.services[].description", "data.services[].category", "data.services[].input_schema", "data.services[].sponsors[].sponsor"];

    public void Map(Routes routes) => routes.Map(Find, Search);

    public Task<Reply> Search(AgentCall call, ServiceSearch search) => guide.Visit(call, flow => Answer(call, flow, search));

    private async Task<Reply> Answer(AgentCall call, FlowState flow, ServiceSearch search)
    {
        var found = flow.Catalogue.Search(search.Query(flow));
        var (services, shown) = (new List<ServiceEntry>(found.Hits.Count), new List<ServiceData>(found.Hits.Count));
        foreach (var hit in found.Hits)
        {
            if (flow.Catalogue.Service(hit.Id) is { } service)
            {
                services.Add(service);
                shown.Add(Describe(flow, service, hit.Relevance));
            }
        }

        var data = new ServicesData(shown, found.TotalCount, search.Page.Offset, search.Page.Limit, shown.Count == 0 ? call.Said(WhyEmpty(flow, search, found.TotalCount)) : null);
        return Reply.Ok(data) with
        {
            NextActions = shown.Count == 0 ? search.IsNarrowed ? [Actions.FindServices] : [] : await guide.Choose(flow, services),
            UntrustedFields = Untrusted,
        };
    }

    private static ServiceData Describe(FlowState flow, ServiceEntry service, double relevance) => new(
        service.ServiceId,
        service.Definition.Name,
        service.Definition.Description,
        service.Definition.Category,
        service.Definition.Provider,
        new(service.Definition.PriceMicros),
        service.Definition.Metered,
        Math.Round(relevance, 4),
        RawJson.Of(service.Definition.InputSchema),
        Sponsors(flow, service));

    /// <summary>In the order of their ids.</summary>
    private static IReadOnlyList<SponsorData> Sponsors(FlowState flow, ServiceEntry service)
    {
        var (campaigns, shown) = (flow.Catalogue.SponsorsOf(service), new List<SponsorData>());
        for (var i = 0; i < campaigns.Count && shown.Count < Limits.SponsorsShown; i++)
        {
            if (flow.WouldSponsor(campaigns[i], service))
            {
                shown.Add(new(campaigns[i].CampaignId, campaigns[i].Definition.Sponsor, flow.Completion(campaigns[i].CampaignId) is not null, flow.RunsLeft(campaigns[i])));
            }
        }

        return shown;
    }

    private static string WhyEmpty(FlowState flow, ServiceSearch search, long total) => total > 0 ? EmptyBecause.PastTheEnd
        : flow.Catalogue.Search(new() { Limit = 1 }).TotalCount == 0 ? EmptyBecause.NoServices
        : !ScopeRules.IsAll(flow.Session.Scopes.Categories) && !search.OutOfScopeToo && !flow.Runnable(long.MaxValue).Any() ? EmptyBecause.NoneInScope
        : EmptyBecause.NoneMatch;
}

internal sealed record ServiceSearch(string? Text, string? Category, string? Provider, long? MaxPriceMicros, bool OnlySponsored, bool OnlyPreferred, bool OutOfScopeToo, Page Page)
{
    public static ServiceSearch Read(Call call) => new(
        call.Query.Text("q", "Words to search for; absent or empty: all services."),
        call.Query.Text("category", "Only services of this category."),
        call.Query.WalletId("provider", "Only services of this provider."),
        call.Query.Cents("max_price_cents", "At most this price."),
        call.Query.Flag("sponsored", "Only what a sponsor would pay for."),
        call.Query.Flag("preferred", "Only what the user prefers, by category or provider; nothing, where the session may not use the data type preferences."),
        call.Query.Flag("include_out_of_scope", "Also services of categories that the session may not use."),
        call.Query.Page());

    /// <summary>Without it more may be found.</summary>
    public bool IsNarrowed => this is not { Text: null or "", Category: null, MaxPriceMicros: null, OnlySponsored: false, Page.Offset: 0 };

    public SearchQuery Query(FlowState flow) => new()
    {
        Text = Text,
        Category = Category,
        Provider = Provider,
        Preferred = flow.Preferred,
        OnlyPreferred = OnlyPreferred,
        MaxPriceMicros = MaxPriceMicros,
        AllowedCategories = OutOfScopeToo || ScopeRules.IsAll(flow.Session.Scopes.Categories) ? null : flow.Session.Scopes.Categories,
        Boosts = flow.Lifted(),
        IsLifted = group => flow.IsLiftedLater((SponsorGroup)group),
        OnlyLifted = OnlySponsored,
        Offset = Page.Offset,
        Limit = Page.Limit,
    };
}
