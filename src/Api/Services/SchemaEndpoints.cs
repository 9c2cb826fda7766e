using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Services;

/// <summary>Schemas of bodies with what a sponsor or a provider asks for in them: where <c>schema_ref</c> of a next action leads, within the tenant.</summary>
internal sealed class SchemaEndpoints(Guide guide, Catalogues catalogues, OfferedBodies bodies) : IFeature
{
    public static readonly Operation<SchemaAsked> OfRun = new(Audience.Agents, "get_run_schema", $"GET {PublishedSchema.Root}/run_service/{{service_id}}", "JSON Schema of the body of a run of this service")
    {
        Read = static call => SchemaAsked.Read(call, "service_id"),
        Data = typeof(SchemaData),
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    public static readonly Operation<SchemaAsked> OfTask = new(Audience.Agents, "get_task_schema", $"GET {PublishedSchema.Root}/complete_task/{{campaign_id}}", "JSON Schema of the body that completes this task")
    {
        Read = static call => SchemaAsked.Read(call, "campaign_id"),
        Data = typeof(SchemaData),
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    private const string Example = """{"schema":{"type":"object"},"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""";

    private static readonly IReadOnlyList<(string, string)> ForEver = [("Cache-Control", "private, max-age=31536000, immutable")];
    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such schema.");
    private static readonly Rejection Replaced = new(Codes.NotFound, "Another schema has taken the place of this one: read it without sha256.");

    public void Map(Routes routes) => routes
        .Map(OfRun, (call, asked) => Shown(call, asked, catalogues.In(call.Tenant).Active(asked.Id) is { } service ? bodies.Of(service) : null))
        .Map(OfTask, (call, asked) => Shown(call, asked, catalogues.In(call.Tenant).Campaign(asked.Id) is { Definition.Active: true } campaign ? bodies.Of(campaign) : null));

    private Task<Reply> Shown(AgentCall call, SchemaAsked asked, PublishedSchema? schema) => guide.Visit(
        call,
        _ => Task.FromResult(Reply.Ok(SchemaData.Of(schema!)) with
        {
            Headers = asked.Sha256 is null ? [] : ForEver,
            UntrustedFields = schema!.HoldsForeign ? ["data.schema"] : [],
        }),
        schema is null ? NotFound : asked.Sha256 is { } wanted && wanted != schema.Sha256 ? Replaced : null);
}

/// <param name="Sha256">Of the schema that is wanted, and no other.</param>
internal sealed record SchemaAsked(string Id, string? Sha256)
{
    public static SchemaAsked Read(Call call, string id) => new(
        call.Id(id), call.Query.Text("sha256", "Of the schema that is wanted, as schema_ref says it: the reply may then be kept for ever. Another schema is not found."));
}
