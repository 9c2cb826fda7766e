using System.Text.Json.Serialization;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Services;

/// <summary>The catalogue's services, as operators keep them.</summary>
internal sealed class ServiceAdminEndpoints(IEntities entities, Catalogues catalogues, TableReader tables) : IFeature
{
    private const string Example = """{"service_id":"summary","name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"max_price_cents":null,"metered":false,"endpoint":"https://text.example/summary","provider":"text-provider","owner":null,"input_schema":{"type":"object"},"output_schema":null,"auth_header":null,"auth":null,"timeout_ms":10000,"model":null,"routes":null,"cache_seconds":0,"cache_hit_basis_points":0,"active":true,"disabled":false,"retry_at":null,"overcharges":0,"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly Operation<ServiceRequest> Put = new(Audience.Operators, "put_service", "PUT /admin/services/{service_id}", "Put a service; putting it enables it again")
    {
        Read = ServiceRequest.Read,
        Data = typeof(ServiceDefinitionData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","input_schema":{"type":"object"}}""",
        DataExample = Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_service", "A service as it is now, all but its secret", static call => call.Id("service_id"));

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_service", "Change a service: what is not named stays; like putting it, this enables it again", static call => call.Id("service_id"), """{"price_cents":30,"timeout_ms":null}""");

    public static readonly Operation<Page> List = new(Audience.Operators, "list_all_services", "GET /admin/services", "List all services, active or not")
    {
        ListsIds = ["service_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(ServiceDefinitionsData),
        DataExample = $$"""{"services":[{{Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    private readonly Editing<string, ServiceRequest, ServiceCommand, ServiceView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Service(id),
        Find = async (call, id) =>
        {
            var answer = await entities.In(call.Tenant).Service(id).Send(new ServiceCommand.Get(), call.Fresh());
            var provider = answer.Reply is ServiceView { Definition.Provider: { } paid } ? await Links.ToWallet(tables.In(call.Tenant), paid, call.Cancel) : null;
            return Found.Of<ServiceView>(answer, view => Shown(view) with { Links = Links.Of([.. Links.Lists("service_id", id, "runs", "payments", "approvals", "refusals"), ("provider", provider), Links.Acts(id)]) });
        },
        IdOf = static put => put.ServiceId,
        Path = static id => [id],
        Command = static (put, replacing) => new ServiceCommand.PutService(put.Definition, put.Secret is { } secret ? Personal.Of(secret) : null, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => Shown(view),
        Beside = static view => view.Definition.Metered ? "price_cents" : null,
        Wrong = (tenant, put) => RouteRule.Named(put.Definition.Routes ?? []).FirstOrDefault(named => catalogues.In(tenant).Service(named.Model)?.Definition.Routes is not null) is { Path: { } path } ? ServiceRejection.RouteToRouter(path) : null,
        Heard = (tenant, view) => catalogues.In(tenant).Put(view),
    };

    public void Map(Routes routes) => routes.Map(Put, _edits.Replace).Map(Get, _edits.Read).Map(Patch, PatchService).Map(List, ListServices);

    // Else it would be told that the address of a tool is none, which it cannot change.
    private Task<Reply> PatchService(OperatorCall call, Change<string> change) =>
        catalogues.In(call.Tenant).Service(change.Id)?.Definition.Tool is null ? _edits.Merge(call, change) : Task.FromResult(Reply.Refused(ServiceRejection.ToolOfAnUpstream));

    private Task<Reply> ListServices(OperatorCall call, Page page) => AdminFlow.Listed(
        call, page, tables, ServiceTables.Services, "service_id", ServiceDefinitionData.Of, (services, total) => new ServiceDefinitionsData(services, total.Number, total.Unknown(call.Words), page.Offset, page.Limit));

    private static ServiceDefinitionData Shown(ServiceView view) => ServiceDefinitionData.Of(ServiceEntry.Of(view)) with { Dropped = view.Dropped };
}

internal sealed record ServiceDefinitionsData(IReadOnlyList<ServiceDefinitionData> Services, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <summary>All but the secret, which nobody ever reads back.</summary>
/// <param name="PriceCents">Of a metered service: the most that a run may cost, as <paramref name="MaxPriceCents"/>.</param>
/// <param name="MaxPriceCents">Null: the service is not metered.</param>
/// <param name="Disabled">Runs of several users failed in a row.</param>
/// <param name="RetryAt">When a disabled service is enabled again by itself, within seconds.</param>
/// <param name="Overcharges">Runs for which a metered service asked more than was held; it got what was held.</param>
internal sealed record ServiceDefinitionData(
    string ServiceId,
    string Name,
    string Description,
    string Category,
    Cents PriceCents,
    Cents? MaxPriceCents,
    bool Metered,
    string Endpoint,
    string Provider,
    string? Owner,
    RawJson? InputSchema,
    RawJson? OutputSchema,
    string? AuthHeader,
    ServiceAuthData? Auth,
    int TimeoutMs,
    ModelOfferData? Model,
    IReadOnlyList<RouteRuleData>? Routes,
    int CacheSeconds,
    int CacheHitBasisPoints,
    bool Active,
    bool Disabled,
    DateTimeOffset? RetryAt,
    long Overcharges,
    DateTimeOffset UpdatedAt)
{
    /// <summary>Members that lost their values to a put that did not name them; absent where none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dropped { get; init; }

    /// <summary>Where it was read: what hangs on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    public static ServiceDefinitionData Of(NamedRow row) => Of(CatalogueFeed.Service(row));

    public static ServiceDefinitionData Of(ServiceEntry entry) => new(
        entry.ServiceId,
        entry.Definition.Name,
        entry.Definition.Description,
        entry.Definition.Category,
        new(entry.Definition.PriceMicros),
        entry.Definition.Metered ? new(entry.Definition.PriceMicros) : null,
        entry.Definition.Metered,
        entry.Definition.Endpoint,
        entry.Definition.Provider,
        entry.Definition.Owner,
        RawJson.Of(entry.Definition.InputSchema),
        RawJson.Of(entry.Definition.OutputSchema),
        entry.Definition.AuthHeader,
        entry.Definition.AuthHeader is { } header ? new(header) : null,
        entry.Definition.TimeoutMs,
        ModelOfferData.Of(entry.Definition.Model),
        RouteRuleData.Of(entry.Definition.Routes),
        entry.Definition.CacheSeconds,
        entry.Definition.CacheHitBasisPoints,
        entry.Definition.Active,
        entry.Disabled,
        entry.Disabled ? entry.RetryAt : null,
        entry.Overcharges,
        entry.UpdatedAt);
}

/// <summary>The header that carries the secret; as a put takes it, which keeps the secret that is there.</summary>
internal sealed record ServiceAuthData(string Header);
