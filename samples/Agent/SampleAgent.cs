using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Agora.Samples.Agent;

/// <summary>
/// An agent that knows a base URL, its key and nothing else: it starts at GET /, does the first of next_actions each time, and
/// writes bodies by the schemas that they refer to. At most 20 steps; exit code 0 only when a service's real output came back.
/// </summary>
public static class SampleAgent
{
    public static Task<int> Main(string[] args) => Run(args, Console.Out, CancellationToken.None);

    public static async Task<int> Run(string[] args, TextWriter print, CancellationToken cancellation)
    {
        var key = Environment.GetEnvironmentVariable("AGENT_API_KEY");
        var fills = new Dictionary<string, string> { ["agent_id"] = "sample-agent", ["user_id"] = $"user-{Guid.CreateVersion7():N}" };
        var isUsable = args.Length > 0 && Uri.TryCreate(args[0], UriKind.Absolute, out _);
        foreach (var pair in args.Skip(1).Chunk(2))
            switch (pair)
            {
                case ["--key", var secret]: key = secret; break;
                case ["--agent", var agent]: fills["agent_id"] = agent; break;
                case ["--user", var user]: fills["user_id"] = user; break;
                case ["--goal", var goal]: fills["q"] = goal; break;
                case ["--fill", var fill] when fill.Split('=', 2) is [var name, var value]: fills[name] = value; break;
                default: isUsable = false; break;
            }
        if (!isUsable || string.IsNullOrEmpty(key))
        {
            print.WriteLine("Usage: Agent BASE_URL [--key KEY] [--agent ID] [--user ID] [--goal TEXT] [--fill NAME=VALUE]...; AGENT_API_KEY may hold the key.");
            return 2;
        }
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(args[0]) };
        try
        {
            return await new Walk(http, key, new BodyWriter(fills), print).ToTheEnd(cancellation) ? 0 : 1;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested) // a reply can be anything: it ends the walk, not the process
        {
            print.WriteLine($"Stopped: {failure.Message}");
            return 1;
        }
    }
}

/// <summary>The loop: do the first next action, print it, take the reply's next actions. A service that refuses the input is left: this writes the same one again.</summary>
internal sealed class Walk(HttpClient http, string credential, BodyWriter bodies, TextWriter print)
{
    private static readonly JsonSerializerOptions Flat = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Readable = new(Flat) { WriteIndented = true };
    private readonly Dictionary<string, JsonNode?> _schemas = [];

    public async Task<bool> ToTheEnd(CancellationToken cancellation)
    {
        var refused = new HashSet<string>();
        JsonNode? output = null;
        JsonNode? action = new JsonObject { ["action"] = "enter", ["method"] = "GET", ["endpoint"] = "/", ["description"] = "The only address known beforehand." };
        for (var step = 1; step <= 20 && action is not null; step++)
        {
            var (method, target) = (new HttpMethod((string)action["method"]!), Target(action));
            print.WriteLine($"{step,2}. {action["action"]}: {method} {target}\n    {action["description"]}");
            var body = method.Method is "POST" or "PUT" ? bodies.Write(await Schema(action, cancellation), action["body"]) : null;
            var (status, reply) = await Send(method, target, body, (string?)action["idempotency_key"], cancellation);
            var data = reply?["data"] ?? reply?["error"];
            print.WriteLine($"    -> {status} {Essence(data)}");
            credential = (string?)data?["token"] ?? credential;
            output = status < 300 ? data?["output"] ?? output : output;
            if (((string?)data?["code"], (string?)data?["retry"]) is ("upstream_failed", "never"))
                refused.Add(target);
            action = (string?)data?["step"] == "done" ? null : ((reply?["next_actions"] ?? data?["next_actions"]) as JsonArray)?.FirstOrDefault(next => !refused.Contains(Target(next!)));
        }
        print.WriteLine(output is null ? "No service gave an output." : $"The service's output:\n{output.ToJsonString(Readable)}");
        return output is not null;
    }

    /// <summary>Where schema_ref leads; what was read before is known by its hash.</summary>
    private async Task<JsonNode?> Schema(JsonNode action, CancellationToken cancellation)
    {
        if (action["schema_ref"] is not { } reference)
            return action["body_schema"];
        var (url, hash) = ((string)reference["url"]!, (string)reference["sha256"]!);
        if (!_schemas.TryGetValue(hash, out var schema))
            _schemas[hash] = schema = (await Send(HttpMethod.Get, Local(url), null, null, cancellation)).Reply?["data"]?["schema"] ?? throw new InvalidDataException($"There is no schema at {url}.");
        return schema;
    }

    /// <summary>params fill the placeholders, the rest is the query.</summary>
    private string Target(JsonNode action)
    {
        var (path, query) = ((string)action["endpoint"]!, new List<string>());
        foreach (var (name, value) in action["params"] as JsonObject ?? [])
        {
            if ((value?.ToString() ?? bodies.Fill(name)) is not { } text)
                continue;
            if (path.Contains($"{{{name}}}"))
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(text));
            else
                query.Add($"{name}={Uri.EscapeDataString(text)}");
        }
        return query.Count == 0 ? Local(path) : $"{Local(path)}?{string.Join('&', query)}";
    }

    /// <summary>The key goes to paths of the base only.</summary>
    private static string Local(string path) => !path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal) || path.AsSpan().ContainsAny("\\{}")
        ? throw new InvalidDataException($"The action leads to {path}, which is not a complete path of this API.")
        : path;

    /// <summary>An overloaded server is asked again when it says so, up to 5 times, with the same key: it happens only once.</summary>
    private async Task<(int Status, JsonNode? Reply)> Send(HttpMethod method, string target, JsonNode? body, string? key, CancellationToken cancellation)
    {
        var idempotencyKey = key ?? Guid.CreateVersion7().ToString();
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, target) { Content = body is null ? null : new StringContent(body.ToJsonString(), null, "application/json") };
            request.Headers.Add("Authorization", $"Bearer {credential}");
            if (method != HttpMethod.Get)
                request.Headers.Add("Idempotency-Key", idempotencyKey);
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if ((int)response.StatusCode is not (429 or 503) || attempt == 5)
                return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
            await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 1, 0, 60)), cancellation);
        }
    }

    public static string Essence(JsonNode? data) => string.Join(", ", (data as JsonObject ?? [])
        .Where(one => one.Key is not ("token" or "output" or "next_actions"))
        .Select(one => one.Value is JsonArray list ? $"{one.Key}[{list.Count}]" : $"{one.Key}={string.Concat((one.Value?.ToJsonString(Flat) ?? "null").Take(200))}"));
}

/// <summary>Writes a body that a JSON Schema (2020-12) accepts: required members, and others that it was given a value for.</summary>
internal sealed class BodyWriter(Dictionary<string, string> fills)
{
    private const string Sentence = "The trains run on time and the staff are friendly. ";
    private const string Paragraph = "A small town replaced its street lamps with lamps that dim when nobody passes. The first winter was hard, as drivers "
        + "complained that dark roads felt unsafe. The town then moved the sensors and let residents choose the brightness of their own street. "
        + "Complaints fell to almost none, and the town now spends half as much on electricity. Other towns have started to copy the lamps. ";

    public string? Fill(string name) => fills.GetValueOrDefault(name);
    public JsonNode Write(JsonNode? schema, JsonNode? prefilled) => Overlay(schema is null ? null : Make(schema, "", 0, 0), prefilled) ?? new JsonObject();

    private static JsonNode? Overlay(JsonNode? made, JsonNode? prefilled)
    {
        if (made is not JsonObject target || prefilled is not JsonObject source)
            return prefilled?.DeepClone() ?? made?.DeepClone();
        foreach (var (name, value) in source)
            target[name] = Overlay(target[name], value);
        return target.DeepClone();
    }

    private JsonNode? Make(JsonNode? schema, string name, int index, int depth)
    {
        var parts = depth > 32 ? throw new InvalidDataException("The schema asks for endless nesting.") : Parts(schema, 0).ToList();
        JsonNode? Get(string keyword) => parts.Select(part => part[keyword]).FirstOrDefault(value => value is not null);
        int Number(string keyword, int otherwise) => Get(keyword) is { } value ? (int)Math.Clamp((double)value, int.MinValue + 1, int.MaxValue - 1) : otherwise;
        if (parts.Find(part => part.ContainsKey("const")) is { } settled)
            return settled["const"]?.DeepClone();
        var (type, first) = (TypeOf(parts), Get("prefixItems") as JsonArray ?? []);
        if (Fill(name) is { } fill)
            return type == "string" ? fill : JsonNode.Parse(fill);
        return (Get("default") ?? At(Get("examples"), index) ?? At(Get("enum"), index))?.DeepClone() ?? type switch
        {
            "object" => MakeObject(parts, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, Math.Max(first.Count, Number("minItems", 0)))
                .Select(i => Make(i < first.Count ? first[i] : Get("items"), name, i, depth + 1))]),
            "integer" or "number" => Math.Min(Number("minimum", Number("exclusiveMinimum", 0) + 1), Number("maximum", Number("exclusiveMaximum", int.MaxValue) - 1)),
            "boolean" => name != "granted", // only the user can mean a consent: --fill granted=true says that the user does
            "null" => null,
            _ => Text((string?)Get("format"), (string?)Get("pattern"), Number("minLength", 0), Number("maxLength", int.MaxValue)),
        };
    }

    private JsonObject MakeObject(List<JsonObject> parts, int depth)
    {
        var required = parts.SelectMany(part => part["required"] as JsonArray ?? []).Select(name => (string)name!).Concat(fills.Keys).ToHashSet();
        var members = parts.SelectMany(part => part["properties"] as JsonObject ?? []).Where(member => required.Contains(member.Key)).DistinctBy(member => member.Key);
        return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Make(member.Value, member.Key, 0, depth + 1))));
    }

    private static string Text(string? format, string? pattern, int least, int most) => (format, pattern) switch
    {
        ("date-time", _) => "2026-01-15T09:30:00Z", ("date", _) => "2026-01-15", ("time", _) => "09:30:00Z",
        ("email", _) => "agent@example.com", ("uri", _) => "https://example.com/", ("uuid", _) => Guid.CreateVersion7().ToString(),
        ("ipv4", _) => "192.0.2.1", ("ipv6", _) => "2001:db8::1", ("hostname", _) => "example.com",
        (_, not null) => string.Concat(Regex.Matches(pattern, @"(\[[^\]]+\]|\\.|[^\^$])(?:\{(\d+)[^}]*\}|([*?])|\+)?").Select(Repeated)),
        _ => string.Concat(string.Concat(Enumerable.Repeat(least >= 40 || most >= 1000 ? Paragraph : Sentence, 1 + least / 40)).Trim().Take(most)),
    };

    /// <summary>One character of a simple pattern, as often as it must stand: no groups, no alternatives.</summary>
    private static string Repeated(Match match)
    {
        var (one, times) = (match.Groups[1].Value.TrimStart('['), match.Groups[3].Success ? 0 : match.Groups[2].Success ? int.Parse(match.Groups[2].Value, null) : 1);
        return new string(one is ['\\', var escaped, ..] ? escaped switch { 'd' => '1', 'w' => 'a', 's' => ' ', _ => escaped } : one is "." ? 'a' : one[0], times);
    }

    /// <summary>The schema with all that it refers to or is made of; of alternatives the first.</summary>
    private static IEnumerable<JsonObject> Parts(JsonNode? schema, int depth) => schema is not JsonObject own || depth > 10 ? []
        : new[] { own["$ref"] is { } reference ? Resolve(own, (string)reference!) : null, At(own["oneOf"], 0), At(own["anyOf"], 0) }
            .Concat(own["allOf"] as JsonArray ?? []).SelectMany(other => Parts(other, depth + 1)).Prepend(own);

    /// <summary>A reference inside the document counts from the nearest enclosing schema with an $id.</summary>
    private static JsonNode? Resolve(JsonObject from, string reference)
    {
        JsonNode root = from;
        while (root.Parent is { } parent && (root as JsonObject)?.ContainsKey("$id") != true)
            root = parent;
        return reference.TrimStart('#').Split('/').Skip(1).Select(part => Uri.UnescapeDataString(part).Replace("~1", "/").Replace("~0", "~"))
            .Aggregate((JsonNode?)root, (node, part) => node is JsonArray list ? list[int.Parse(part, null)] : node?[part]);
    }

    private static string TypeOf(List<JsonObject> parts) => parts.Select(part => part["type"]).FirstOrDefault(type => type is not null) is { } type
        ? (string)(type is JsonArray several ? several[0] : type)! : parts.Count == 0 || parts.Any(part => part.ContainsKey("properties")) ? "object" : "string";

    private static JsonNode? At(JsonNode? list, int index) => list is JsonArray { Count: > 0 } array ? array[index % array.Count] : null;
}
