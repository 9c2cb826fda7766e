using Agora.Application.Operations;
using Agora.Application.Services;
using Agora.Web;

namespace Agora.Api.Services;

/// <inheritdoc cref="AgentServices"/>
internal sealed class ServiceEndpoints(AgentServices services) : IFeature
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

    public async Task<Reply> Search(AgentCall call, ServiceSearch search) => (await services.Search(call.Caller, search)).Reply(found =>
        Reply.Ok(new ServicesData([.. found.Services.Select(ServiceData.Of)], found.Total, search.Page.Offset, search.Page.Limit, call.Said(found.EmptyBecause))) with { UntrustedFields = Untrusted });
}
