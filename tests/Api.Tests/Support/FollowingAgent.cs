using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Support;

/// <summary>
/// A program that knows the address, its key, and what it is; it takes the first action of each reply and generates bodies from
/// what <c>schema_ref</c> leads to. It knows no route, no member and no order of ours.
/// </summary>
/// <param name="times">How often each request is sent: whoever got no answer sends it again.</param>
internal sealed class FollowingAgent(Client client, string key, JsonObject known, int times = 1)
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

    private async Task<Received> Take(JsonElement action)
    {
        var path = action.GetProperty("endpoint").GetString()!;
        foreach (var parameter in action.TryGetProperty("params", out var named) ? named.EnumerateObject().ToList() : [])
        {
            path = path.Replace($"{{{parameter.Name}}}", parameter.Value.GetString(), StringComparison.Ordinal);
        }

        var body = action.TryGetProperty("schema_ref", out var reference) ? Body(await Schema(reference), action.TryGetProperty("body", out var prefilled) ? prefilled : default) : null;
        (string, string)[] headers = action.TryGetProperty("idempotency_key", out var once) ? [("Idempotency-Key", once.GetString()!)] : [];
        var received = new List<Received>();
        for (var i = 0; i < times; i++)
        {
            received.Add(await client.Send(new HttpMethod(action.GetProperty("method").GetString()!), path, _key, body?.ToJsonString(), headers));
        }

        return received[^1];
    }

    /// <summary>It is what the reference says, byte for byte.</summary>
    private async Task<JsonElement> Schema(JsonElement reference)
    {
        var data = (await client.Get(reference.GetProperty("url").GetString()!, _key)).Expect(200).Data;
        Assert.Equal(reference.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data.GetProperty("schema").GetRawText()))));
        return data.GetProperty("schema");
    }

    private JsonObject Body(JsonElement schema, JsonElement prefilled)
    {
        var body = (JsonObject)Generate(schema, schema)!;
        foreach (var member in prefilled.ValueKind == JsonValueKind.Object ? prefilled.EnumerateObject().ToList() : [])
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
