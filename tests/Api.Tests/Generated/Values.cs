using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Generated;

/// <summary>Values for a JSON Schema: one with all of its members, and those at each of its bounds, beyond them, and of other types. Which of them are right the schema says, not whoever draws them.</summary>
internal static class Values
{
    private const string Letter = "a";

    /// <summary>As strings they break patterns, formats and lists of values.</summary>
    private static readonly string[] Odd = ["", "a b", "\u00e4", "2030-01-31T00:00:00"];

    /// <summary>With each member that the schema names; an example's own value where there is one.</summary>
    /// <param name="fitting">What fits to what is there, by the names of members; null: the member is left out.</param>
    public static JsonNode? Whole(JsonNode schema, JsonNode? example = null, IReadOnlyDictionary<string, string?>? fitting = null)
    {
        if (example is JsonValue or JsonArray { Count: 0 }) return example.DeepClone();
        if ((schema["enum"] as JsonArray)?[0] is { } first) return first.DeepClone();
        if (schema["anyOf"] is JsonArray choices) return Whole(choices[0]!, example, fitting);

        return TypeOf(schema) switch
        {
            "object" => Members(schema, example as JsonObject, fitting),
            "array" => new JsonArray(Whole(schema["items"]!, (example as JsonArray)?[0], fitting)),
            "string" => schema["format"] is not null ? "2030-01-31T00:00:00Z" : Letter,
            "integer" or "number" => Number(schema["minimum"]) + 1,
            "boolean" => true,
            _ => example?.DeepClone() ?? Letter,
        };
    }

    /// <summary>At its bounds, and on either side of them.</summary>
    public static IEnumerable<JsonNode?> Around(JsonNode schema)
    {
        foreach (var other in new JsonNode?[] { null, true, 7, "text", new JsonArray(), new JsonObject() }) yield return other;
        foreach (var choice in schema["anyOf"] as JsonArray ?? [])
        {
            foreach (var value in Around(choice!)) yield return value;
        }

        foreach (var value in TypeOf(schema) switch
        {
            "string" => Texts(schema),
            "integer" or "number" => Numbers(schema),
            "array" => Lists(schema),
            "object" when schema["maxProperties"] is { } most => Sizes(most).Select(size => (JsonNode)new JsonObject(Enumerable.Range(0, size).Select(i => KeyValuePair.Create($"m{i}", Whole(schema["additionalProperties"]!))))),
            _ => [],
        })
        {
            yield return value;
        }
    }

    /// <summary>Which bound a value is beyond, and by what it is: its length, how many there are, itself; null: beyond none.</summary>
    public static (string Bound, string Given)? Beyond(JsonNode schema, JsonNode? value) => value switch
    {
        JsonArray items when schema["items"]?["enum"] is null => Beyond(schema["maxItems"], items.Count),
        JsonObject members => Beyond(schema["maxProperties"], members.Count),
        JsonValue one when one.TryGetValue<string>(out var text) && schema["enum"] is null && schema["pattern"] is null => Beyond(schema["maxLength"], text.Length),
        JsonValue one when one.TryGetValue<decimal>(out var number) && TypeOf(schema) is "integer" or "number" =>
            schema["minimum"] is { } least && number < Number(least) ? (least.ToJsonString(), one.ToJsonString())
            : schema["exclusiveMinimum"] is { } none && number <= Number(none) ? (none.ToJsonString(), one.ToJsonString())
            : Beyond(schema["maximum"], number),
        _ => null,
    };

    private static (string, string)? Beyond(JsonNode? most, decimal given) =>
        most is not null && given > Number(most) ? (most.ToJsonString(), given.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null;

    private static IEnumerable<JsonNode> Texts(JsonNode schema)
    {
        foreach (var value in schema["enum"] as JsonArray ?? []) yield return value!.DeepClone();
        foreach (var odd in Odd) yield return odd;
        foreach (var size in Sizes(schema["maxLength"] ?? (schema["pattern"] is null ? 0 : 128))) yield return new string('a', size);
        if (schema["pattern"] is not null)
        {
            yield return new string('a', 160);
        }

        if (schema["format"] is not null)
        {
            yield return "2030-01-31T01:00:00.123456+01:00";
        }
    }

    private static IEnumerable<JsonNode> Numbers(JsonNode schema)
    {
        var step = TypeOf(schema) is "integer" ? 1m : 0.0001m;
        var (least, most) = (Number(schema["minimum"]), Number(schema["maximum"]));
        foreach (var value in new[] { least - step, least, most, most + step }) yield return value;
        if (step == 1m) yield return least + 0.1m; // how many decimals an amount has the document says in words
    }

    private static IEnumerable<JsonNode> Lists(JsonNode schema)
    {
        yield return new JsonArray(Whole(schema["items"]!), Whole(schema["items"]!));
        foreach (var size in Sizes(schema["maxItems"]!)) yield return new JsonArray([.. Enumerable.Range(0, size).Select(i => Numbered(Whole(schema["items"]!), i))]);
    }

    /// <summary>Distinct from the others.</summary>
    private static JsonNode? Numbered(JsonNode? item, int i) => item is JsonValue value && value.TryGetValue<string>(out var text) ? $"{text}{i}" : item;

    private static IEnumerable<int> Sizes(JsonNode most) => [(int)Number(most), (int)Number(most) + 1];

    private static JsonObject Members(JsonNode schema, JsonObject? example, IReadOnlyDictionary<string, string?>? fitting)
    {
        var whole = new JsonObject();
        foreach (var (name, member) in (schema["properties"] as JsonObject ?? []).Where(member => fitting is null || fitting.GetValueOrDefault(member.Key, "") is not null)) whole[name] = fitting?.GetValueOrDefault(name) ?? Whole(member!, example?[name], fitting);
        if (schema["additionalProperties"] is JsonObject data)
        {
            whole["m0"] = Whole(data);
        }

        return whole;
    }

    private static string? TypeOf(JsonNode schema) => schema["type"] switch { JsonArray types => (string?)types[0], { } type => (string?)type, _ => null };

    private static decimal Number(JsonNode? bound) => bound is null ? 0 : decimal.Parse(bound.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
}
