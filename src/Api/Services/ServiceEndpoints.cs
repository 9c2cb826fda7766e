using Agora.Api.Catalogue;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Sessions;
using Agora.Search;

namespace Agora.Api.Services;

/// <summary>GET /agent/services: ranked search, in scope unless asked otherwise; what a sponsor would pay for this user ranks higher and says so.</summary>
internal sealed class ServiceEndpoints(Guide guide, ServiceCatalogue catalogue)
{
    /// <summary>Sponsors listed with one service; their order is that of their ids.</summary>
    private const int MostSponsors = 20;

    public static readonly Operation Find = new("find_services", "GET", "/agent/services", "Find services, ranked", typeof(ServicesData))
    {
        Query = ["q", "category", "max_price_cents", "sponsored", "include_out_of_scope", "offset", "limit"],
        DataExample = """{"services":[{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"metered":false,"relevance_score":0.71,"input_schema":{"type":"object"},"sponsors":[{"campaign_id":"survey","sponsor":"Acme","task_completed":false,"runs_left":3}]}],"total_count":1,"offset":0,"limit":50}""",
    };

    private static readonly IReadOnlyList<string> Untrusted =
        ["data.services[].name", "data.services[].description", "data.services[].category", "data.services[].input_schema", "data.services[].sponsors[].sponsor"];

    public Task<Reply> Search(AgentCall call)
    {
        var search = ServiceSearch.Read(call.Query);
        return guide.Visit(call, flow => Answer(flow, search));
    }

    private async Task<Reply> Answer(FlowState flow, ServiceSearch search)
    {
        var sponsored = flow.Sponsored();
        var found = catalogue.Search(search.Query(flow, sponsored));
        var hits = found.Hits.Select(hit => (hit.Relevance, Service: catalogue.Service(hit.Id))).Where(hit => hit.Service is not null).ToList();
        var data = new ServicesData([.. hits.Select(hit => Describe(flow, hit.Service!, hit.Relevance))], found.TotalCount, search.Page.Offset, search.Page.Limit);
        return Reply.Ok(data) with
        {
            NextActions = await guide.Choose(flow, [.. hits.Select(hit => hit.Service!)]),
            UntrustedFields = Untrusted,
        };
    }

    private ServiceData Describe(FlowState flow, ServiceEntry service, double relevance) => new(
        service.ServiceId,
        service.Definition.Name,
        service.Definition.Description,
        service.Definition.Category,
        new(service.Definition.PriceMicros),
        service.Definition.Metered,
        Math.Round(relevance, 4),
        RawJson.Of(service.Definition.InputSchema),
        [.. catalogue.CampaignsOf(service.ServiceId)
            .Where(campaign => flow.WouldSponsor(campaign, service))
            .Take(MostSponsors)
            .Select(campaign => new SponsorData(campaign.CampaignId, campaign.Definition.Sponsor, flow.Completion(campaign.CampaignId) is not null, flow.RunsLeft(campaign)))]);
}

internal sealed record ServiceSearch(string? Text, string? Category, long? MaxPriceMicros, bool OnlySponsored, bool OutOfScopeToo, Page Page)
{
    public static ServiceSearch Read(QueryFields query)
    {
        var search = new ServiceSearch(
            query.Text("q"), query.Text("category"), query.Cents("max_price_cents"), query.Flag("sponsored"), query.Flag("include_out_of_scope"), query.Page());
        query.Finish();
        return search;
    }

    public SearchQuery Query(FlowState flow, IReadOnlyDictionary<string, int> sponsored) => new()
    {
        Text = Text,
        Category = Category,
        MaxPriceMicros = MaxPriceMicros,
        AllowedCategories = OutOfScopeToo || ScopeRules.IsAll(flow.Session.Scopes.Categories) ? null : flow.Session.Scopes.Categories,
        OnlyIds = OnlySponsored ? sponsored.Keys.ToHashSet(StringComparer.Ordinal) : null,
        Boosts = sponsored,
        Offset = Page.Offset,
        Limit = Page.Limit,
    };
}
