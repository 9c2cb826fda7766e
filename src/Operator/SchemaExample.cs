using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Operator;

/// <summary>A value that a JSON Schema gives as an example, else one that is made of it: what somebody begins to write with. It is no promise that the schema allows it.</summary>
public static class SchemaExample
{
    private const int DeepestAt = 6;

    // Lists can nest that deep, and each level multiplies the items below it.
    private const int ItemsAtMost = 3;

    public static string Of(JsonElement schema) => Shown.Json(JsonSerializer.SerializeToElement(Made(schema, 0)));

    private static JsonNode? Made(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > DeepestAt) return new JsonObject();
        if (First(schema, "examples") is { } example) return JsonNode.Parse(example.GetRawText());
        if (schema.TryGetProperty("default", out var usual) || schema.TryGetProperty("const", out usual)) return JsonNode.Parse(usual.GetRawText());
        if (First(schema, "enum") is { } choice) return JsonNode.Parse(choice.GetRawText());

        return TypeOf(schema) switch
        {
            "string" => Text(schema),
            "integer" or "number" => Number(schema),
            "boolean" => false,
            "null" => null,
            "array" => List(schema, depth),
            _ => Members(schema, depth),
        };
    }

    private static JsonObject Members(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        if (schema.TryGetProperty("properties", out var members) && members.ValueKind == JsonValueKind.Object)
        {
            var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array ? names.EnumerateArray().Select(static name => name.ToString()).ToHashSet(StringComparer.Ordinal) : null;
            foreach (var member in members.EnumerateObject().Where(member => required is null || required.Contains(member.Name))) made[member.Name] = Made(member.Value, depth + 1);
        }

        return made;
    }

    private static JsonArray List(JsonElement schema, int depth)
    {
        var least = (int)Math.Clamp(Shown.Number(schema, "minItems") ?? 0, 0, ItemsAtMost);
        return [.. Enumerable.Range(0, schema.TryGetProperty("items", out _) ? least : 0).Select(_ => Made(schema.GetProperty("items"), depth + 1))];
    }

    private static string Text(JsonElement schema) => schema.TryGetProperty("format", out var format) ? format.ToString() switch
    {
        "date" => "2030-01-01",
        "date-time" => "2030-01-01T00:00:00Z",
        "email" => "name@example.com",
        "uri" => "https://example.com/",
        _ => "text",
    }
    : Shown.Number(schema, "maxLength") is < 4 and >= 0 and var most ? new string('a', (int)most) : "text";

    private static decimal Number(JsonElement schema) => Shown.Number(schema, "minimum") ?? Math.Min(1, Shown.Number(schema, "maximum") ?? 1);

    private static string? TypeOf(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? null : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().FirstOrDefault().ToString() : type.ToString();

    private static JsonElement? First(JsonElement schema, string name) => schema.TryGetProperty(name, out var several) && several.ValueKind == JsonValueKind.Array && several.GetArrayLength() > 0 ? several[0] : null;
}
