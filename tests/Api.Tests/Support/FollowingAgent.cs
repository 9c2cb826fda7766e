using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Support;

/// <summary>
/// A program that knows the address, its key, and what it is; it takes the first action of each reply and generates bodies from
/// <c>body_schema</c>. It knows no route, no member and no order of ours.
/// </summary>
internal sealed class FollowingAgent(Client client, string key, JsonObject known)
{
    private const int MostSteps = 20;

    private string _key = key;

    public Received Last { get; private set; } = null!;

    public string Token => _key;

    public async Task<IReadOnlyList<string>> Until(string goal)
    {
        var steps = new List<string>();
        Last = await client.Get("/");
        while (steps.Count < MostSteps && !steps.Contains(goal))
        {
            var action = Last.NextActions[0];
            steps.Add(action.GetProperty("action").GetString()!);
            Last = await Take(action);
            Assert.True(Last.Status is >= 200 and < 300, $"{steps[^1]}: {Last.Json}");
            _key = Last.Data.TryGetProperty("token", out var token) ? token.GetString()! : _key;
        }

        return steps;
    }

    private Task<Received> Take(JsonElement action)
    {
        var path = action.GetProperty("endpoint").GetString()!;
        foreach (var parameter in action.GetProperty("params").EnumerateObject())
        {
            path = path.Replace($"{{{parameter.Name}}}", parameter.Value.GetString(), StringComparison.Ordinal);
        }

        var body = action.GetProperty("body_schema") is { ValueKind: JsonValueKind.Object } schema ? Body(schema, action.GetProperty("body")) : null;
        return client.Send(new HttpMethod(action.GetProperty("method").GetString()!), path, _key, body?.ToJsonString());
    }

    private JsonObject Body(JsonElement schema, JsonElement prefilled)
    {
        var body = (JsonObject)Generate(schema, schema)!;
        foreach (var member in prefilled.EnumerateObject())
        {
            body[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        }

        foreach (var property in schema.GetProperty("properties").EnumerateObject().Where(p => known.ContainsKey(p.Name)))
        {
            body[property.Name] = known[property.Name]!.DeepClone();
        }

        return body;
    }

    /// <summary>The least that satisfies the keywords met here; local references resolve within the nearest <c>$id</c>.</summary>
    private static JsonNode? Generate(JsonElement schema, JsonElement root)
    {
        root = schema.TryGetProperty("$id", out _) ? schema : root;
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Generate(reference.GetString()!.Split('/').Skip(1).Aggregate(root, (at, name) => at.GetProperty(name)), root);
        }

        if (schema.TryGetProperty("const", out var constant)) return JsonNode.Parse(constant.GetRawText());

        return schema.TryGetProperty("type", out var type) ? Typed(type.GetString()!, schema, root) : new JsonObject();
    }

    private static JsonNode? Typed(string type, JsonElement schema, JsonElement root)
    {
        switch (type)
        {
            case "object":
                var generated = new JsonObject();
                foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(n => n.GetString()!) : [])
                {
                    generated[name] = Generate(schema.GetProperty("properties").GetProperty(name), root);
                }

                return generated;
            case "array":
                return new JsonArray([.. schema.TryGetProperty("prefixItems", out var items) ? items.EnumerateArray().Select(item => Generate(item, root)) : []]);
            case "integer" or "number":
                return schema.TryGetProperty("minimum", out var minimum) ? JsonNode.Parse(minimum.GetRawText()) : 0;
            case "boolean":
                return true;
            default:
                return "a text";
        }
    }
}
