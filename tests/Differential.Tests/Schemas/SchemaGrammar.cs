using System.Globalization;
using System.Text.Json.Nodes;

namespace Agora.Differential.Tests.Schemas;

/// <summary>
/// Schemas of draft 2020-12: every keyword of its vocabularies but <c>$id</c>, formats and content, which the official suite holds (Conformance). Valid by construction, and none leads to itself on the
/// same value: a reference in place goes to a later definition only.
/// </summary>
internal sealed class SchemaGrammar(Draw draw)
{
    private const int Depth = 3;
    private static readonly string[] Types = ["null", "boolean", "object", "array", "number", "integer", "string"];
    private readonly PatternGrammar _patterns = new(draw);
    private int _definitions;

    public JsonNode Next()
    {
        _definitions = draw.Below(3);
        var schema = Keywords(Depth, from: 0);
        if (draw.OneIn(3))
        {
            schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        }

        if (draw.OneIn(4))
        {
            schema["$anchor"] = "top";
        }

        if (_definitions > 0)
        {
            schema["$defs"] = new JsonObject(Enumerable.Range(0, _definitions).Select(i => KeyValuePair.Create<string, JsonNode?>(Name(i), Schema(Depth - 1, i + 1))));
        }

        return schema;
    }

    private static string Name(int definition) => $"d{definition.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="from">The first definition that may be referred to in place.</param>
    private JsonNode Schema(int depth, int from) => draw.Below(14) switch
    {
        0 => true,
        1 => draw.OneIn(2),
        _ => Keywords(depth, from),
    };

    private JsonNode Child(int depth) => draw.OneIn(10) ? new JsonObject { ["$ref"] = draw.Of(["#", "#/"])[..1] } : Schema(depth - 1, from: 0);

    private JsonObject Keywords(int depth, int from)
    {
        var schema = new JsonObject();
        for (var left = 1 + draw.Below(3); left > 0; left--)
        {
            Add(schema, depth, from);
        }

        return schema;
    }

    private void Add(JsonObject schema, int depth, int from)
    {
        switch (draw.Below(depth > 0 ? 32 : 14))
        {
            case 0 or 1: schema["type"] = draw.OneIn(3) ? new JsonArray([.. Types.Where(_ => draw.OneIn(3)).DefaultIfEmpty("array").Select(t => (JsonNode?)t)]) : draw.Of(Types); break;
            case 2: schema["enum"] = new JsonArray([.. draw.UpTo(3).Select(_ => InstanceGrammar.Any(draw, 2)).Append(draw.Text())]); break;
            case 3: schema["const"] = InstanceGrammar.Any(draw, 2); break;
            case 4: schema[draw.Of(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])] = draw.Number(); break;
            case 5: schema["multipleOf"] = JsonNode.Parse(draw.Of(["1", "2", "3", "0.5", "0.25", "1.0", "1e1"])); break;
            case 6: schema[draw.Of(["minLength", "maxLength"])] = Count(); break;
            case 7: schema["pattern"] = _patterns.Next(); break;
            case 8: schema[draw.Of(["minItems", "maxItems"])] = Count(); break;
            case 9: schema["uniqueItems"] = !draw.OneIn(5); break;
            case 10: schema[draw.Of(["minProperties", "maxProperties"])] = Count(); break;
            case 11: schema["required"] = Names(); break;
            case 12: schema["dependentRequired"] = draw.Object(2, Names); break;
            case 13 when from < _definitions: schema["$ref"] = $"#/$defs/{Name(from + draw.Below(_definitions - from))}"; break;
            case 13: schema[draw.Of(["title", "description", "x-unknown", "format", "default"])] = draw.Text(); break;
            case 17: schema["patternProperties"] = Patterns(depth); break;
            case 18: schema["additionalProperties"] = Child(depth); break;
            case 19: schema["propertyNames"] = Schema(0, from); break;
            case 20: schema["items"] = Child(depth); break;
            case 21: schema["prefixItems"] = AtLeastOne(() => Child(depth)); break;
            case 22 when draw.OneIn(2):
                schema["contains"] = Child(depth);
                if (draw.OneIn(3))
                {
                    schema["minContains"] = Count();
                }

                if (draw.OneIn(3))
                {
                    schema["maxContains"] = Count();
                }

                break;
            case 24: schema["allOf"] = AtLeastOne(() => Schema(depth - 1, from)); break;
            case 25: schema["anyOf"] = AtLeastOne(() => Schema(depth - 1, from)); break;
            case 26: schema["oneOf"] = AtLeastOne(() => Schema(depth - 1, from)); break;
            case 27: schema["not"] = Schema(depth - 1, from); break;
            case 28 or 29:
                if (!draw.OneIn(6))
                {
                    schema["if"] = Schema(depth - 1, from);
                }

                if (!draw.OneIn(3))
                {
                    schema["then"] = Schema(depth - 1, from);
                }

                if (!draw.OneIn(3))
                {
                    schema["else"] = Schema(depth - 1, from);
                }

                break;
            case 30: schema["dependentSchemas"] = draw.Object(2, () => Schema(depth - 1, from)); break;
            case 31 when draw.OneIn(2): schema[draw.Of(["unevaluatedProperties", "unevaluatedItems"])] = Child(depth); break;
            default: schema["properties"] = draw.Object(3, () => Child(depth)); break;
        }
    }

    private JsonNode Count() => draw.OneIn(8) ? JsonNode.Parse("2.0")! : draw.Below(4);

    private JsonArray Names() => [.. draw.UpTo(2).Select(_ => draw.Name()).Distinct().Select(n => (JsonNode?)n)];

    private JsonObject Patterns(int depth)
    {
        var json = new JsonObject();
        foreach (var _ in draw.UpTo(2)) json[_patterns.Next()] = Child(depth);
        return json;
    }

    private JsonArray AtLeastOne(Func<JsonNode> schema) => [.. draw.UpTo(2).Select(_ => schema()).Append(schema())];
}
