using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Differential.Tests.Schemas;

/// <summary>Instances: at random, or led by a schema, so that many are valid and many only just not.</summary>
internal sealed class InstanceGrammar(Draw draw, JsonNode root)
{
    private const int Depth = 3;

    public JsonNode? Next() => draw.OneIn(4) ? Any(Depth) : Toward(root, Depth);

    public static JsonNode? Any(Draw draw, int depth) => new InstanceGrammar(draw, true).Any(depth);

    private JsonNode? Any(int depth) => draw.Below(depth > 0 ? 8 : 5) switch
    {
        0 => null,
        1 => draw.OneIn(2),
        2 => draw.Text(),
        3 or 4 => draw.Number(),
        5 => draw.Array(4, () => Any(depth - 1)),
        _ => draw.Object(4, () => Any(depth - 1)),
    };

    private JsonNode? Toward(JsonNode? schema, int depth)
    {
        if (schema is not JsonObject wanted || depth < 0 || draw.OneIn(12)) return Any(Math.Max(0, depth));

        if (wanted.TryGetPropertyValue("const", out var only)) return only?.DeepClone();
        if (wanted["enum"] is JsonArray { Count: > 0 } some) return draw.Of(some)?.DeepClone();

        var led = wanted.Where(keyword => keyword.Key is "allOf" or "anyOf" or "oneOf" or "$ref" or "then" or "else" or "if").ToList();
        if (led.Count > 0 && !draw.OneIn(3)) return Toward(Of(draw.Of(led)), depth - (draw.OneIn(2) ? 1 : 0));

        return KindOf(wanted) switch
        {
            "object" => Members(wanted, depth),
            "array" => Items(wanted, depth),
            "string" => draw.Text(),
            "integer" or "number" => draw.Number(),
            "boolean" => draw.OneIn(2),
            "null" => null,
            _ => Any(depth),
        };
    }

    private JsonNode? Of(KeyValuePair<string, JsonNode?> keyword) => keyword.Value switch
    {
        JsonArray { Count: > 0 } all => draw.Of(all),
        JsonValue reference when keyword.Key == "$ref" && reference.GetValue<string>().Split('/') is [_, "$defs", var name] => root["$defs"]?[name],
        var one => one,
    };

    private string? KindOf(JsonObject wanted) => wanted["type"] switch
    {
        JsonArray { Count: > 0 } types => draw.Of(types)!.GetValue<string>(),
        JsonValue type => type.GetValue<string>(),
        _ when wanted.Any(k => k.Key.Contains("ropert", StringComparison.Ordinal) || k.Key is "required" || k.Key.StartsWith("dependent", StringComparison.Ordinal)) => "object",
        _ when wanted.Any(k => k.Key.Contains("tems", StringComparison.Ordinal) || k.Key.Contains("ontains", StringComparison.Ordinal)) => "array",
        _ when wanted.Any(k => k.Key.Contains("Length", StringComparison.Ordinal) || k.Key == "pattern") => "string",
        _ when wanted.Any(k => k.Key.Contains("imum", StringComparison.Ordinal) || k.Key == "multipleOf") => "number",
        _ => null,
    };

    private JsonObject Members(JsonObject wanted, int depth)
    {
        var json = draw.Object(2, () => Any(depth - 1));
        foreach (var (name, member) in wanted["properties"] as JsonObject ?? [])
        {
            if (!draw.OneIn(4))
            {
                json[name] = Toward(member, depth - 1);
            }
        }

        foreach (var name in wanted["required"] as JsonArray ?? [])
        {
            if (!draw.OneIn(5))
            {
                json.TryAdd(name!.GetValue<string>(), Any(depth - 1));
            }
        }

        return json;
    }

    private JsonArray Items(JsonObject wanted, int depth)
    {
        var items = new JsonArray();
        foreach (var item in wanted["prefixItems"] as JsonArray ?? [])
        {
            if (!draw.OneIn(6))
            {
                items.Add(Toward(item, depth - 1));
            }
        }

        foreach (var _ in draw.UpTo(3))
        {
            items.Add(Toward(wanted["items"] ?? wanted["contains"] ?? wanted["unevaluatedItems"], depth - 1));
        }

        return items;
    }

    /// <summary>As it is sent: escapes only where they must be.</summary>
    public static readonly JsonSerializerOptions AsIs = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
