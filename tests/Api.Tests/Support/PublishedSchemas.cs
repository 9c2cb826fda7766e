using System.Text;
using System.Text.Json.Nodes;
using Agora.JsonSchema;

namespace Agora.Api.Tests.Support;

/// <summary>Schemas of an OpenAPI document, compiled with those that they refer to: the whole document is longer than a schema may be.</summary>
/// <param name="closed">Members that an object's schema does not name are violations.</param>
internal sealed class PublishedSchemas(JsonObject document, bool closed = false)
{
    private const string Place = "#/components/schemas/";
    private readonly Dictionary<string, Schema> _compiled = new(StringComparer.Ordinal);

    public Schema Of(JsonNode schema)
    {
        var key = schema.ToJsonString();
        if (_compiled.TryGetValue(key, out var known)) return known;

        var (whole, needed) = (JsonNode.Parse(key)!.AsObject(), new JsonObject());
        Need(whole, needed);
        whole["components"] = new JsonObject { ["schemas"] = needed };
        if (closed)
        {
            Close(whole);
        }

        var compiled = Schema.Compile(Encoding.UTF8.GetBytes(whole.ToJsonString()));
        Assert.True(compiled.Succeeded, string.Join("; ", compiled.Errors));
        return _compiled[key] = compiled.Schema;
    }

    /// <summary>What stands at the reference, where it is one.</summary>
    public JsonNode Resolved(JsonNode node) =>
        node["$ref"] is { } reference ? reference.GetValue<string>().Split('/').Skip(1).Aggregate((JsonNode)document, (found, name) => found[name]!) : node;

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items) Close(item);
        }
        else if (node is JsonObject members)
        {
            foreach (var (_, member) in members) Close(member);
            if (members["properties"] is JsonObject && members["additionalProperties"] is null && members["type"] is not null)
            {
                members["additionalProperties"] = false;
            }
        }
    }

    private void Need(JsonNode? node, JsonObject needed)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items) Need(item, needed);
        }
        else if (node is JsonObject members)
        {
            if (members["$ref"] is JsonValue value && value.GetValue<string>() is var reference && reference.StartsWith(Place, StringComparison.Ordinal) && !needed.ContainsKey(reference[Place.Length..]))
            {
                var found = Resolved(members).DeepClone();
                needed[reference[Place.Length..]] = found;
                Need(found, needed);
            }

            foreach (var (_, member) in members) Need(member, needed);
        }
    }
}
