using System.Text.Json;

namespace Agora.Operator.Reference;

/// <summary>What a JSON Schema says of one value, in a few words.</summary>
public static class SchemaWords
{
    // In the order in which they are read; what is a range of two keywords is one phrase.
    private static readonly (string Least, string Most, string Unit)[] Ranges =
        [("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"), ("minProperties", "maxProperties", " members")];

    public static string Meaning(JsonElement schema) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("description", out var text) ? text.GetString()! : "";

    public static string Type(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return "any";
        if (SchemaRows.ShapeOf(schema) is { } shape && schema.TryGetProperty("$ref", out _)) return shape;
        if (schema.TryGetProperty("anyOf", out var any)) return Either(any.EnumerateArray().Select(Type));
        if (schema.TryGetProperty("const", out var only)) return only.GetRawText();
        if (!schema.TryGetProperty("type", out var type)) return schema.TryGetProperty("enum", out _) ? "one of" : "any";

        var name = type.ValueKind == JsonValueKind.Array ? Either(type.EnumerateArray().Select(static one => one.GetString()!)) : type.GetString()!;
        return name.StartsWith("array", StringComparison.Ordinal) && schema.TryGetProperty("items", out var items) ? $"{name} of {Type(items)}" : name;
    }

    public static string Bounds(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return "";

        var said = new List<string>();
        if (schema.TryGetProperty("enum", out var values))
        {
            said.Add(string.Join(" · ", values.EnumerateArray().Select(Plain)));
        }

        if (schema.TryGetProperty("exclusiveMinimum", out var above))
        {
            said.Add($"above {above.GetRawText()}");
        }

        foreach (var (least, most, unit) in Ranges)
        {
            var (from, to) = (Of(schema, least), Of(schema, most));
            if (from is not null || to is not null)
            {
                said.Add($"{(from, to) switch { (null, _) => $"at most {to}", (_, null) => $"at least {from}", _ => $"{from} to {to}" }}{unit}");
            }
        }

        if (schema.TryGetProperty("multipleOf", out var step) && step.GetRawText() != "1")
        {
            said.Add($"in steps of {step.GetRawText()}");
        }

        if (schema.TryGetProperty("uniqueItems", out var unique) && unique.ValueKind == JsonValueKind.True)
        {
            said.Add("none twice");
        }

        if (schema.TryGetProperty("format", out var format))
        {
            said.Add(format.GetString()!);
        }

        if (schema.TryGetProperty("pattern", out var pattern))
        {
            said.Add($"/{pattern.GetString()}/");
        }

        if (schema.TryGetProperty("default", out var otherwise))
        {
            said.Add($"else {Plain(otherwise)}");
        }

        if (schema.TryGetProperty("items", out var items) && Bounds(items) is { Length: > 0 } each)
        {
            said.Add($"each {each}");
        }

        if (schema.TryGetProperty("anyOf", out var any))
        {
            said.AddRange(any.EnumerateArray().Select(Bounds).Where(static one => one.Length > 0).Distinct(StringComparer.Ordinal));
        }

        return string.Join(", ", said);
    }

    private static string Either(IEnumerable<string> names) => string.Join(" or ", names.Distinct(StringComparer.Ordinal));

    private static string? Of(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetRawText() : null;

    private static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
