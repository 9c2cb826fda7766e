using System.Globalization;
using System.Text.Json;

namespace Agora.Fuzz.Grammar;

/// <summary>Bodies that satisfy a route's JSON Schema, as far as a generator that knows the words used there can: the start of every mutation.</summary>
internal sealed class Bodies(Known known)
{
    private const int Depth = 6;

    public Json Of(Route route, Random random) =>
        route.Example is { } example && (route.Schema is null || random.Next(3) == 0) ? WithKnown(Json.From(example), random)
        : route.Schema is { } schema ? Of(schema, "", random, Depth)
        : new Json.Members([]);

    private Json Of(JsonElement schema, string name, Random random, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth == 0) return new Json.Raw("1");
        if (schema.TryGetProperty("const", out var only)) return Json.From(only);

        if (schema.TryGetProperty("enum", out var values) && values.GetArrayLength() > 0)
        {
            return Json.From(values[random.Next(values.GetArrayLength())]);
        }

        foreach (var choice in new[] { "oneOf", "anyOf" })
        {
            if (schema.TryGetProperty(choice, out var choices) && !schema.TryGetProperty("properties", out _))
            {
                return Of(choices[random.Next(choices.GetArrayLength())], name, random, depth - 1);
            }
        }

        return Type(schema, random) switch
        {
            "object" => Object(schema, name, random, depth),
            "array" => Array(schema, name, random, depth),
            "string" => Json.String(Text(schema, name, random)),
            "integer" or "number" => new Json.Raw(Number(schema, random)),
            "boolean" => new Json.Raw(random.Next(2) == 0 ? "true" : "false"),
            "null" => new Json.Raw("null"),
            _ => Free(name, random),
        };
    }

    private static string? Type(JsonElement schema, Random random) =>
        !schema.TryGetProperty("type", out var type) ? schema.TryGetProperty("properties", out _) ? "object" : null
        : type.ValueKind == JsonValueKind.Array ? type[random.Next(type.GetArrayLength())].GetString() : type.GetString();

    private Json Object(JsonElement schema, string name, Random random, int depth)
    {
        var members = new List<(string, Json)>();
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (required.Contains(property.Name) || random.Next(3) == 0)
                {
                    members.Add((Json.Quoted(property.Name), Of(property.Value, property.Name, random, depth - 1)));
                }
            }
        }
        else if (name == "attributes")
        {
            members.Add(("\"country\"", Json.String("NO")));
        }

        return new Json.Members(members);
    }

    private Json Array(JsonElement schema, string name, Random random, int depth)
    {
        var least = schema.TryGetProperty("minItems", out var min) ? min.GetInt32() : 0;
        var item = schema.TryGetProperty("items", out var items) ? items : default;
        var of = new List<Json>();
        for (var i = least + random.Next(3); i > 0; i--)
        {
            of.Add(item.ValueKind == JsonValueKind.Object ? Of(item, name, random, depth - 1) : Json.String("*"));
        }

        return name.StartsWith("allowed_", StringComparison.Ordinal) && random.Next(4) > 0 ? new Json.Items([Json.String("*")]) : new Json.Items(of);
    }

    private string Text(JsonElement schema, string name, Random random)
    {
        if (known.Any(name is "payee" or "to" or "provider" ? "wallet_id" : name, random) is { } id) return id;

        var format = schema.TryGetProperty("format", out var said) ? said.GetString() : null;
        return format switch
        {
            "date-time" => DateTimeOffset.UnixEpoch.AddSeconds(random.NextInt64(4_000_000_000)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            "uri" => "http://127.0.0.1:1/nothing", // the outbound guard lets nobody there
            _ when name is "endpoint" => "http://127.0.0.1:1/nothing",
            _ when name is "time_zone" => random.Next(2) == 0 ? "Europe/Oslo" : "UTC",
            _ when name is "provider" or "to" or "payee" => "agent:agent-1",
            _ => random.Next(4) == 0 ? "text" : $"word-{random.Next(40)}",
        };
    }

    private static string Number(JsonElement schema, Random random)
    {
        var min = schema.TryGetProperty("minimum", out var least) ? least.GetDecimal() : 0;
        var max = schema.TryGetProperty("maximum", out var most) ? most.GetDecimal() : 1_000_000;
        var value = random.Next(4) switch { 0 => min, 1 => max, _ => min + random.Next((int)Math.Clamp(max - min, 1, 500)) };
        return value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Where the document leaves all open: a service's input, a task's output, schemas of others.</summary>
    private static Json Free(string name, Random random) => name.EndsWith("schema", StringComparison.Ordinal)
        ? Json.From(JsonElement.Parse(Odd.Schemas[random.Next(Odd.Schemas.Length)]))
        : Json.From(JsonElement.Parse(random.Next(2) == 0
            ? """{"text":"Agora runs services. Sponsors pay for them.","sentences":1}"""
            : """{"cups_per_day":2,"place":"home","favourite_times":["morning"],"comment":"Black."}"""));

    /// <summary>An example with ids that name something here.</summary>
    private Json WithKnown(Json json, Random random) => json is not Json.Members members ? json : new Json.Members(
        [.. members.Of.Select(m => (m.Name, m.Value is Json.Raw && known.Any(m.Name.Trim('"'), random) is { } id ? Json.String(id) : m.Name == "\"endpoint\"" ? Json.String("http://127.0.0.1:1/nothing") : WithKnown(m.Value, random)))]);
}
