using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Admin.Services;

/// <summary>The catalogue's services, as operators keep them.</summary>
internal sealed class ServiceAdminEndpoints(IEntities entities, ServiceCatalogue catalogue, TableReader tables)
{
    private const string Example = """{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"metered":false,"endpoint":"https://text.example/summary","provider":"text-provider","owner":null,"input_schema":{"type":"object"},"output_schema":null,"auth_header":null,"timeout_ms":10000,"active":true,"disabled":false,"retry_at":null,"overcharges":0,"updated_at":"2030-01-01T00:00:00Z"}""";

    public static readonly Operation Put = new("put_service", "PUT", "/admin/services/{service_id}", "Put a service; putting it enables it again", typeof(ServiceDefinitionData))
    {
        Body = Takes.Members,
        BodySchema = ServiceRequest.Schema,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","input_schema":{"type":"object"}}""",
        DataExample = Example,
    };

    public static readonly Operation List = new("list_all_services", "GET", "/admin/services", "List all services, active or not", typeof(ServiceDefinitionsData))
    {
        Query = ["offset", "limit"],
        DataExample = $$"""{"services":[{{Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public async Task<Reply> PutService(OperatorCall call)
    {
        var serviceId = call.PathId("service_id");
        var request = ServiceRequest.Read(call.Body, call.Findings);
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<ServiceCommand, ServiceView>(
                entities.Service(serviceId), new ServiceCommand.PutService(request.Definition, request.Secret is { } secret ? Personal.Of(secret) : null), (view, _) => Stored(view));
    }

    public Task<Reply> ListServices(OperatorCall call) => AdminFlow.Listed(
        call, tables, ServiceTables.Services, "service_id", ServiceDefinitionData.Of, (services, total, page) => new ServiceDefinitionsData(services, total, page.Offset, page.Limit));

    private Reply Stored(ServiceView view)
    {
        catalogue.Put(view);
        return Reply.Ok(ServiceDefinitionData.Of(ServiceEntry.Of(view)));
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
