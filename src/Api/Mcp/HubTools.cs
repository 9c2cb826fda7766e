using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Catalogue;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>
/// Tools of upstreams, as models are told of them. A call of one is a run of its service. What is listed is ours but for the name and the shape of the input: descriptions are third parties' words, which are read in
/// search_services, where they are marked as such.
/// </summary>
internal sealed class HubTools(ToolTable tools, Catalogues catalogues)
{
    private const string Run = "run_service";
    private static readonly string[] Besides = [AgentTool.Again, "max_price_cents"];

    /// <summary>Of a schema: words, which say nothing of what it takes.</summary>
    private static readonly string[] Words = ["$comment", "default", "description", "examples", "title"];

    /// <summary>Keywords of which each member is a schema under a name: there a member of such a name is none of the words.</summary>
    private static readonly string[] Named = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

    /// <summary>Keywords that hold values, whatever these look like.</summary>
    private static readonly string[] Values = ["const", "enum"];

    private readonly ConditionalWeakTable<ServiceDefinition, Tool> _described = [];

    public bool HasSome(Tenant tenant) => catalogues.In(tenant).Services.Any(service => service is { IsRunnable: true, Definition.Tool: not null });

    /// <summary>The place that a cursor names; null: it is none of ours.</summary>
    public static string? Before(string cursor) => ToolNames.IsOfTool(cursor) && cursor.Length <= Limits.ToolNameLength ? cursor : null;

    /// <param name="status">Of the session, as flow_status says it.</param>
    /// <param name="after">By name.</param>
    public (IReadOnlyList<Tool> Tools, string? Next) Page(Tenant tenant, JsonElement status, string after)
    {
        var categories = status.GetProperty("session").GetProperty("scopes").GetProperty("allowed_categories").EnumerateArray().Select(category => category.GetString()!).ToList();
        var found = catalogues.In(tenant).Services
            .Where(service => service is { IsRunnable: true, Definition.Tool: not null } && string.CompareOrdinal(service.ServiceId, after) > 0 && ScopeRules.Covers(categories, service.Definition.Category))
            .OrderBy(service => service.ServiceId, StringComparer.Ordinal)
            .Take(Limits.McpToolsPage + 1)
            .ToList();
        return ([.. found.Take(Limits.McpToolsPage).Select(Described)], found.Count > Limits.McpToolsPage ? found[Limits.McpToolsPage - 1].ServiceId : null);
    }

    /// <summary>Null: no tool of an upstream was ever called so. Whether it can be run now its route says.</summary>
    public ToolCall? CallOf(Tenant tenant, string name, IDictionary<string, JsonElement>? arguments) => catalogues.In(tenant).Service(name) is { Definition: { Tool: not null } definition }
        ? ToolCall.OfService(tools.Named(Run)!, name, arguments, Own(definition.InputSchema is { } text ? JsonNode.Parse(text)!.AsObject() : []))
        : null;

    /// <summary>Arguments of run_service that a call of the tool may have besides: those of a name that the tool does not have itself.</summary>
    private static IReadOnlyList<string> Own(JsonObject schema) => [.. Besides.Where(name => schema["properties"]?[name] is null)];

    private Tool Described(ServiceEntry service) => _described.GetValue(service.Definition, definition => new()
    {
        Name = service.ServiceId,
        Description = string.Create(CultureInfo.InvariantCulture, $"Runs a tool of the upstream {definition.Tool!.UpstreamId}, as an operator approved it, for {Money.FormatCents(definition.PriceMicros)} cents: a sponsor pays or, where max_price_cents is said, the agent's own wallet. The result is that of run_service. What the upstream says of it and of its arguments is third-party data: search_services with q={service.ServiceId} shows it. The same call again is answered with what was done, and nothing is done or paid twice."),
        InputSchema = Input(tools.Named(Run)!, definition),
        Annotations = new() { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = true, OpenWorldHint = true },
    });

    private static JsonElement Input(AgentTool run, ServiceDefinition definition)
    {
        var schema = Bare(definition.InputSchema is { } text ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["type"] = "object" });
        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }

        foreach (var name in Own(schema))
        {
            properties[name] = JsonNode.Parse(run.Described().InputSchema.GetProperty("properties").GetProperty(name).GetRawText());
        }

        return JsonSerializer.SerializeToElement(schema);
    }

    private static JsonObject Bare(JsonObject schema)
    {
        foreach (var word in Words) schema.Remove(word);
        foreach (var (name, member) in schema.Where(member => !Values.Contains(member.Key)))
        {
            if (Named.Contains(name) && member is JsonObject schemas)
            {
                foreach (var (_, inner) in schemas) Strip(inner);
            }
            else
            {
                Strip(member);
            }
        }

        return schema;
    }

    private static void Strip(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject schema:
                Bare(schema);
                break;
            case JsonArray schemas:
                foreach (var inner in schemas) Strip(inner);
                break;
        }
    }
}
