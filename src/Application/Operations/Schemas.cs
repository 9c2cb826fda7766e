using System.Text.Json.Nodes;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Application.Operations;

/// <summary>JSON Schemas (2020-12) of values on the wire. They are stricter than nothing but the amounts: JSON Schema cannot forbid an exponent.</summary>
internal static class Schemas
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    public static JsonObject Id => new() { ["type"] = "string", ["pattern"] = DisplayText.IdPattern };

    public static JsonObject WalletId => new() { ["type"] = "string", ["pattern"] = DisplayText.WalletIdPattern };

    /// <summary>
    /// An amount in cents. The document says once in words that it has at most 4 decimals. <c>multipleOf</c> cannot say it: validators that compute in floating point (ajv) would refuse a quarter of all amounts with four decimals (ADR 0111).
    /// </summary>
    public static JsonObject Cents => new() { ["type"] = "number", ["minimum"] = 0, ["maximum"] = Limits.MaxMicros / Money.MicrosPerCent };

    /// <summary>More than nothing.</summary>
    public static JsonObject Amount => new() { ["type"] = "number", ["exclusiveMinimum"] = 0, ["maximum"] = Limits.MaxMicros / Money.MicrosPerCent };

    public static JsonObject Time => new() { ["type"] = "string", ["format"] = "date-time" };

    public static JsonObject TimeOrDay => new() { ["anyOf"] = new JsonArray(Time, new JsonObject { ["type"] = "string", ["format"] = "date" }) };

    /// <summary>As replies have it (<see cref="Rfc3339.Format"/>).</summary>
    public static JsonObject ReplyTime => new() { ["type"] = "string", ["format"] = "date-time", ["pattern"] = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$" };

    public static JsonObject Text(int maxLength, int minLength = 1) => new() { ["type"] = "string", ["minLength"] = minLength, ["maxLength"] = maxLength };

    public static JsonObject Formatted(int maxLength, string? pattern)
    {
        var text = Text(maxLength);
        if (pattern is not null)
        {
            text["pattern"] = pattern;
        }

        return text;
    }

    public static JsonObject Words(int maxItems = Limits.ListItems) => Distinct(List(Text(Limits.NameLength), maxItems));

    public static JsonObject Distinct(JsonObject list)
    {
        list["uniqueItems"] = true;
        return list;
    }

    public static JsonObject List(JsonObject items, int maxItems, int minItems = 0)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items, ["maxItems"] = maxItems };
        if (minItems > 0)
        {
            list["minItems"] = minItems;
        }

        return list;
    }

    /// <summary>Some of them, with commas between.</summary>
    public static JsonObject WordsOf(IReadOnlyList<string> values)
    {
        var one = $"({string.Join('|', values.Select(value => value.Replace(".", "[.]", StringComparison.Ordinal)))})";
        return new() { ["type"] = "string", ["maxLength"] = Limits.WordsLength, ["pattern"] = $"^{one}(,{one})*$" };
    }

    public static JsonObject OneOf(IEnumerable<string> values) => new() { ["type"] = "string", ["enum"] = Strings(values) };

    public static JsonObject Flag(bool? absent) => WithDefault(new() { ["type"] = "boolean" }, absent);

    public static JsonObject Integer(int min, int max, int? absent) => WithDefault(new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max }, absent);

    /// <summary>Exactly these members, no other.</summary>
    public static JsonObject Closed(IEnumerable<string> required, JsonObject properties)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        var names = Strings(required);
        if (names.Count > 0)
        {
            schema["required"] = names;
        }

        return schema;
    }

    /// <summary>What may be said to change a value of this schema: of an object with known members each by itself, and null to remove what is optional.</summary>
    public static JsonObject Change(JsonObject schema, bool isRequired)
    {
        if (schema["properties"] is JsonObject properties)
        {
            var required = (schema["required"] as JsonArray)?.Select(name => (string)name!).ToList() ?? [];
            _ = schema.Remove("required");
            foreach (var (name, member) in properties) Change((JsonObject)member!, required.Contains(name));
        }
        else if (schema["additionalProperties"] is JsonObject value)
        {
            Change(value, isRequired: false);
        }

        return isRequired ? schema : OrNull(schema);
    }

    public static JsonObject OrNull(JsonObject schema)
    {
        switch (schema)
        {
            case { } one when one["type"] is JsonValue type:
                schema["type"] = new JsonArray(type.DeepClone(), "null");
                break;
            case { } many when many["type"] is JsonArray types && !types.Any(type => (string?)type == "null"):
                types.Add("null");
                break;
            case { } any when any["anyOf"] is JsonArray choices:
                choices.Add(new JsonObject { ["type"] = "null" });
                break;
        }

        if (schema["enum"] is JsonArray values)
        {
            values.Add(null);
        }

        return schema;
    }

    public static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => JsonValue.Create(value))];

    public static JsonObject Meaning(JsonObject schema, string meaning)
    {
        schema["description"] = meaning;
        return schema;
    }

    /// <summary>One that stands alone.</summary>
    public static RawJson Document(JsonObject schema)
    {
        schema.Insert(0, "$schema", Dialect);
        return RawJson.Of(schema.ToJsonString(ApiJson.Options))!;
    }

    private static JsonObject WithDefault(JsonObject schema, JsonNode? absent)
    {
        if (absent is not null)
        {
            schema["default"] = absent;
        }

        return schema;
    }
}
