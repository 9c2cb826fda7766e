using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Admin.Services;

/// <summary>The catalogue's services, as operators keep them.</summary>
internal sealed class ServiceAdminEndpoints(IEntities entities, Catalogues catalogues, TableReader tables) : IFeature
{
    private const string Example = """{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"metered":false,"endpoint":"https://text.example/summary","provider":"text-provider","owner":null,"input_schema":{"type":"object"},"output_schema":null,"auth_header":null,"timeout_ms":10000,"active":true,"disabled":false,"retry_at":null,"overcharges":0,"updated_at":"2030-01-01T00:00:00Z"}""";

    public static readonly Operation<ServiceRequest> Put = new(Audience.Operators, "put_service", "PUT /admin/services/{service_id}", "Put a service; putting it enables it again")
    {
        Read = ServiceRequest.Read,
        Data = typeof(ServiceDefinitionData),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","input_schema":{"type":"object"}}""",
        DataExample = Example,
    };

    public static readonly Operation<Page> List = new(Audience.Operators, "list_all_services", "GET /admin/services", "List all services, active or not")
    {
        Read = static call => call.Query.Page(),
        Data = typeof(ServiceDefinitionsData),
        DataExample = $$"""{"services":[{{Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public void Map(Routes routes) => routes.Map(Put, PutService).Map(List, ListServices);

    private Task<Reply> PutService(OperatorCall call, ServiceRequest request) => call.Send<ServiceCommand, ServiceView>(
        entities.In(call.Tenant).Service(request.ServiceId), new ServiceCommand.PutService(request.Definition, request.Secret is { } secret ? Personal.Of(secret) : null), view => Stored(call.Tenant, view));

    private Task<Reply> ListServices(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, ServiceTables.Services, "service_id", ServiceDefinitionData.Of, (services, total) => new ServiceDefinitionsData(services, total, page.Offset, page.Limit));

    private ServiceDefinitionData Stored(Tenant tenant, ServiceView view)
    {
        catalogues.In(tenant).Put(view);
        return ServiceDefinitionData.Of(ServiceEntry.Of(view));
    }
}

internal sealed record ServiceDefinitionsData(IReadOnlyList<ServiceDefinitionData> Services, long TotalCount, int Offset, int Limit);

/// <summary>All but the secret, which nobody ever reads back.</summary>
/// <param name="PriceCents">Of a metered service: the most that a run may cost.</param>
/// <param name="Disabled">Runs of several users failed in a row.</param>
/// <param name="RetryAt">When a disabled service is enabled again by itself, within seconds.</param>
/// <param name="Overcharges">Runs for which a metered service asked more than was held; it got what was held.</param>
internal sealed record ServiceDefinitionData(
    string ServiceId,
    string Name,
    string Description,
    string Category,
    Cents PriceCents,
    bool Metered,
    string Endpoint,
    string Provider,
    string? Owner,
    RawJson? InputSchema,
    RawJson? OutputSchema,
    string? AuthHeader,
    int TimeoutMs,
    bool Active,
    bool Disabled,
    DateTimeOffset? RetryAt,
    long Overcharges,
    DateTimeOffset UpdatedAt)
{
    public static ServiceDefinitionData Of(NamedRow row) => Of(CatalogueFeed.Service(row));

    public static ServiceDefinitionData Of(ServiceEntry entry) => new(
        entry.ServiceId,
        entry.Definition.Name,
        entry.Definition.Description,
        entry.Definition.Category,
        new(entry.Definition.PriceMicros),
        entry.Definition.Metered,
        entry.Definition.Endpoint,
        entry.Definition.Provider,
        entry.Definition.Owner,
        RawJson.Of(entry.Definition.InputSchema),
        RawJson.Of(entry.Definition.OutputSchema),
        entry.Definition.AuthHeader,
        entry.Definition.TimeoutMs,
        entry.Definition.Active,
        entry.Disabled,
        entry.Disabled ? entry.RetryAt : null,
        entry.Overcharges,
        entry.UpdatedAt);
}
