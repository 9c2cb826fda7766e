using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
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
    private const int WordsOfAName = 3;
    private static readonly string[] Besides = [AgentTool.Again, "max_price_cents"];

    /// <summary>Keywords that are listed. Any other one is words, or somebody's own.</summary>
    private static readonly FrozenSet<string> Shape = FrozenSet.ToFrozenSet(
    [
        "$anchor", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$ref", "additionalProperties", "allOf", "anyOf", "const", "contains", "definitions", "dependentRequired", "dependentSchemas", "else", "enum",
        "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems", "properties", "propertyNames", "readOnly", "required", "then", "type", "unevaluatedItems", "unevaluatedProperties", "uniqueItems",
        "writeOnly",
    ]);

    /// <summary>Keywords of which each member is a schema under a name: there a member of such a name is none of the words.</summary>
    private static readonly string[] Named = ["$defs", "definitions", "dependentRequired", "dependentSchemas", "patternProperties", "properties"];

    /// <summary>Keywords that hold values, whatever these look like, and that nothing else refers to.</summary>
    private static readonly string[] Values = ["const", "enum", "format", "pattern"];

    private readonly ConditionalWeakTable<ServiceDefinition, Tool> _described = [];

    public bool HasSome(Tenant tenant) => catalogues.In(tenant).Services.Any(service => service is { IsRunnable: true, Definition.Tool: not null });

    /// <summary>The place that a cursor names; null: it is none of ours.</summary>
    public static string? Before(string cursor) => ToolNames.IsOfTool(cursor) && cursor.Length <= Limits.ToolNameLength ? cursor : null;

    /// <param name="categories">That the session's scopes allow.</param>
    /// <param name="after">By name.</param>
    public (IReadOnlyList<Tool> Tools, string? Next) Page(Tenant tenant, IReadOnlyList<string> categories, string after)
    {
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
        Description = string.Create(CultureInfo.InvariantCulture, $"Runs a tool of the upstream {definition.Tool!.UpstreamId}, as an operator approved it, at {Money.FormatCents(definition.PriceMicros)} cents a run: a sponsor pays or, where max_price_cents is said, the agent's own wallet. The result is that of run_service. What the upstream says of it and of its arguments is third-party data: search_services with q={service.ServiceId} shows it. The same call again is answered with what was done, and nothing is done or paid twice."),
        InputSchema = Input(tools.Named(Run)!, definition),
        Annotations = new() { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = true, OpenWorldHint = true },
    });

    private static JsonElement Input(AgentTool run, ServiceDefinition definition)
    {
        var said = definition.InputSchema is { } text ? JsonNode.Parse(text)!.AsObject() : [];
        var own = Own(said);
        foreach (var combinator in ToolWarnings.Combinators) said.Remove(combinator);
        var schema = IsBare(said) && (said["properties"] as JsonObject)?.All(static property => ToolWarnings.IsTaken(property.Key)) != false ? said : new JsonObject { ["type"] = "object" };
        if (schema["properties"] is not JsonObject properties)
        {
            schema["properties"] = properties = [];
        }

        foreach (var name in own)
        {
            properties[name] = JsonNode.Parse(run.Described().InputSchema.GetProperty("properties").GetProperty(name).GetRawText());
        }

        return JsonSerializer.SerializeToElement(schema);
    }

    /// <summary>Takes all from a schema but its shape. False: what it calls its members is words, and nothing of it can be listed.</summary>
    private static bool IsBare(JsonObject schema)
    {
        foreach (var name in schema.Where(static member => !Shape.Contains(member.Key) || (Values.Contains(member.Key) && HoldWords(member.Value))).Select(static member => member.Key).ToList())
        {
            schema.Remove(name);
        }

        return schema.All(static member => Values.Contains(member.Key)
            || (Named.Contains(member.Key) && member.Value is JsonObject schemas ? schemas.All(static one => !IsWords(one.Key) && AreBare(one.Value)) : AreBare(member.Value)));
    }

    private static bool AreBare(JsonNode? node) => node switch
    {
        JsonObject schema => IsBare(schema),
        JsonArray schemas => schemas.All(AreBare),
        _ => !HoldWords(node),
    };

    private static bool HoldWords(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(static member => IsWords(member.Key) || HoldWords(member.Value)),
        JsonArray items => items.Any(HoldWords),
        JsonValue value => value.TryGetValue(out string? text) && IsWords(text),
        _ => false,
    };

    /// <summary>A name or a value is short, and no sentence.</summary>
    private static bool IsWords(string text) => text.Length > Limits.IdLength || text.Count(char.IsWhiteSpace) > WordsOfAName - 1;
}
