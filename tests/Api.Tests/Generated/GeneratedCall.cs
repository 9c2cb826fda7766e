using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.JsonSchema;

namespace Agora.Api.Tests.Generated;

/// <summary>One call of an operation, made from what the document says of it.</summary>
/// <param name="At">What was changed: a JSON Pointer into the body, or a parameter's name.</param>
/// <param name="IsRight">The document allows it.</param>
internal sealed record GeneratedCall(string Operation, string Method, string Path, string At, string? Body, IReadOnlyList<(string Name, string Value)> Headers, bool IsRight)
{
    /// <summary>The bound that it is beyond, and what of it is sent.</summary>
    public (string Bound, string Given)? Beyond { get; init; }

    public override string ToString() => $"{Operation} {Method} {Path} [{At}] {string.Join(' ', Headers)} {Shortened(Body ?? "")}";

    private static string Shortened(string text) => text.Length > 300 ? text[..300] : text;
}

/// <summary>The calls of one operation of the document: every parameter and every member of the body at, within and beyond its bounds.</summary>
/// <param name="fitting">What stands in paths, and members that fit to what is there, by their names; null: the member is left out.</param>
internal sealed class GeneratedCalls(PublishedSchemas schemas, string path, string method, JsonObject operation, IReadOnlyDictionary<string, string?> fitting)
{
    /// <summary>Under these stand objects whose names are data: there a null is a value.</summary>
    private static readonly string[] Named = ["attributes", "targeting", "per_service", "per_category"];

    private static int _number;

    private readonly string _name = (string)operation["operationId"]!;
    private readonly IReadOnlyList<JsonNode> _parameters = [.. operation["parameters"]!.AsArray()!];

    public override string ToString() => _name;

    private JsonNode? Content => operation["requestBody"]?["content"]?.AsObject().First().Value;

    /// <summary>As the document shows it.</summary>
    public GeneratedCall Shown(params IEnumerable<(string Name, string Value)> headers)
    {
        var call = Call("", Content?["example"]?.ToJsonString(), isRight: true);
        return call with { Headers = [.. call.Headers, .. headers] };
    }

    public IEnumerable<GeneratedCall> All()
    {
        var content = Content;
        var whole = content is null ? null : Right(content);
        foreach (var parameter in _parameters)
        {
            foreach (var call in Around(parameter, whole?.ToJsonString())) yield return call;
        }

        yield return Call("", whole?.ToJsonString(), isRight: true);
        if (content is null) yield break;

        if (operation["requestBody"]!["required"]!.GetValue<bool>())
        {
            yield return Call("", null, isRight: false);
        }

        var schema = schemas.Of(content["schema"]!);
        foreach (var (at, body, beyond) in Variants.Of(content["schema"]!, whole)) yield return Call(at, body?.ToJsonString() ?? "null", Allows(schema, at, body, method == "patch")) with { Beyond = beyond };
    }

    /// <summary>A null is as good as an absent member; a schema that said so of each would say it three hundred times.</summary>
    private static bool Allows(Schema schema, string at, JsonNode? body, bool isPatch)
    {
        if (schema.IsValid(Element(body))) return true;
        if (at.Length == 0 || body is null || (isPatch && !at.Contains("/0/", StringComparison.Ordinal))) return false;

        var (without, names) = (body.DeepClone(), at.Split('/')[1..]);
        var parent = names[..^1].Aggregate((JsonNode?)without, (node, name) => node is JsonArray items ? items[0] : node![name]);
        return parent is JsonObject members && (names.Length < 2 || !Named.Contains(names[^2])) && members.ContainsKey(names[^1]) && members[names[^1]] is null && members.Remove(names[^1]) && schema.IsValid(Element(without));
    }

    /// <summary>With as much as the rules between members allow: else as the example has it.</summary>
    private JsonNode Right(JsonNode content)
    {
        var whole = Values.Whole(content["schema"]!, content["example"], fitting)!;
        return schemas.Of(content["schema"]!).IsValid(Element(whole)) ? whole : content["example"]!.DeepClone();
    }

    private IEnumerable<GeneratedCall> Around(JsonNode parameter, string? body)
    {
        var (name, place, schema) = ((string)parameter["name"]!, (string)parameter["in"]!, parameter["schema"]!);
        var compiled = schemas.Of(schema);
        if (parameter["required"]!.GetValue<bool>() && place == "header")
        {
            yield return Call(name, body, isRight: false, without: name);
        }

        foreach (var value in Values.Around(schema).Where(value => value is JsonValue).Select(Text).Distinct(StringComparer.Ordinal))
        {
            if (place != "query" && (value.Length == 0 || !value.All(char.IsAscii))) continue; // another route, or no header

            var isRight = compiled.IsValid(Element(value)) || (IsRead(value) is { } read && compiled.IsValid(read));
            yield return Call(name, body, isRight, place, value) with { Beyond = place == "query" ? Values.Beyond(schema, IsNumber(schema) ? JsonNodeOf(value) : value) : null };
        }
    }

    private GeneratedCall Call(string at, string? body, bool isRight, string place = "", string value = "", string without = "")
    {
        var filled = _parameters.Where(parameter => (string)parameter["in"]! == "path").Select(parameter => (string)parameter["name"]!)
            .Aggregate(path, (route, name) => route.Replace($"{{{name}}}", place == "path" && name == at ? Uri.EscapeDataString(value) : fitting[name], StringComparison.Ordinal));
        var headers = new Dictionary<string, string>();
        if (_parameters.Any(parameter => (string)parameter["name"]! == "Idempotency-Key"))
        {
            headers["Idempotency-Key"] = $"generated-{Interlocked.Increment(ref _number)}";
        }

        if (place == "header")
        {
            headers[at] = value;
        }

        _ = headers.Remove(without);
        var query = _parameters.Where(parameter => (string)parameter["in"]! == "query" && ((string)parameter["name"]! == at ? place == "query" : parameter["required"]!.GetValue<bool>()))
            .Select(parameter => (string)parameter["name"]!).Select(name => $"{name}={Uri.EscapeDataString(name == at ? value : "summary")}");
        return new(_name, method.ToUpperInvariant(), $"{filled}?{string.Join('&', query)}".TrimEnd('?'), at, body, [.. headers.Select(header => (header.Key, header.Value))], isRight);
    }

    private static string Text(JsonNode? value) => value!.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static bool IsNumber(JsonNode schema) => (string?)schema["type"] is "integer" or "number";

    private static JsonElement? IsRead(string value) => JsonNodeOf(value) is { } read ? Element(read) : null;

    /// <summary>Numbers, true and false stand in a query as they stand in JSON.</summary>
    private static JsonNode? JsonNodeOf(string value) => value is "true" or "false" ? value == "true" : decimal.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    private static JsonElement Element(JsonNode? value) => JsonElement.Parse(value?.ToJsonString() ?? "null");
}
