using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.JsonSchema;
using Agora.Web;

namespace Agora.Api.Tests.Support;

/// <summary>
/// Holds replies to the OpenAPI document: the operation declares this status, with this code, in this form, with these headers, and the body has the schema that stands there. Members
/// that the schema does not name are faults too. One document serves all tests of a process: it is the same whoever serves it.
/// </summary>
internal sealed class DeclaredReplies(JsonObject document, DeclaredReplies? ofChats = null)
{
    /// <summary>Of HTTP, browsers and caches: said of every reply alike, so no operation declares them.</summary>
    private static readonly string[] Undeclared =
    [
        "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Vary", "Date", "Server", "Connection", "Cache-Control", "Allow", "X-Content-Type-Options", "Content-Security-Policy",
        "X-Frame-Options", "Referrer-Policy", "Strict-Transport-Security", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    ];

    private static readonly string[] OfEach = [RequestIds.Header, Release.Header];

    private static readonly Lock Reading = new();

    private static Task<DeclaredReplies>? _read;

    private readonly PublishedSchemas _schemas = new(document, closed: true);

    /// <summary>As the process at this address publishes them, or an earlier one did.</summary>
    public static Task<DeclaredReplies> At(Uri address)
    {
        lock (Reading)
        {
            return _read ??= Read(address);
        }
    }

    /// <returns>What the document does not say of this reply.</returns>
    public IReadOnlyList<string> Faults(string method, string path, HttpResponseMessage reply, byte[] body)
    {
        if (ofChats?.Operation(method, path) is not null) return ofChats.Faults(method, path, reply, body);

        var operation = Operation(method, path);
        var status = ((int)reply.StatusCode).ToString(CultureInfo.InvariantCulture);
        var type = reply.Content.Headers.ContentType?.MediaType;
        if (operation is null) return IsEnvelope(type) && status[0] >= '4' ? Violations(new JsonObject { ["$ref"] = "#/components/schemas/Error" }, body) : []; // routing's own, and documents
        if (operation["responses"]![status] is not { } found) return [$"{status} is not declared"];

        var declared = _schemas.Resolved(found);
        return [.. Headers(declared["headers"]!.AsObject(), reply), .. Content(declared["content"] as JsonObject, type, method, body)];
    }

    private static async Task<DeclaredReplies> Read(Uri address)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        return new(await Document("/openapi/v1.json"), new(await Document("/gpt/openapi.json")));

        async Task<JsonObject> Document(string path) => JsonNode.Parse(await http.GetStringAsync(path))!.AsObject();
    }

    private IEnumerable<string> Headers(JsonObject declared, HttpResponseMessage reply)
    {
        var sent = reply.Headers.Concat(reply.Content.Headers).ToList();
        foreach (var missing in OfEach.Where(name => !sent.Exists(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            yield return $"the header {missing} is missing";
        }

        foreach (var (name, values) in sent.Where(header => !Undeclared.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (declared.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is not { } header)
            {
                yield return $"the header {name} is not declared";
                continue;
            }

            var schema = _schemas.Resolved(header)["schema"]!;
            var value = string.Join(", ", values);
            var json = schema["type"]?.GetValue<string>() is "integer" or "number" ? value : JsonSerializer.Serialize(value);
            foreach (var violation in Validate(schema, JsonElement.Parse(json)))
            {
                yield return $"the header {name}: {violation}";
            }
        }
    }

    private IReadOnlyList<string> Content(JsonObject? declared, string? type, string method, byte[] body)
    {
        if (declared is null) return body.Length == 0 ? [] : ["a body is not declared"];
        if (type is null || declared[type] is not { } content) return [$"{type} is not declared"];
        if (method == "HEAD") return body.Length == 0 ? [] : ["HEAD has a body"];
        if (!IsEnvelope(type) && type != Problem.ContentType) return [];

        var violations = Violations(content["schema"]!, body);
        if (violations.Count > 0 || content["examples"] is not JsonObject codes) return violations;

        var json = JsonElement.Parse(body);
        var code = (json.TryGetProperty("error", out var error) ? error : json).GetProperty("code").GetString()!;
        return codes.ContainsKey(code) ? [] : [$"{code} is not declared"];
    }

    private List<string> Violations(JsonNode schema, byte[] body) => Validate(schema, JsonElement.Parse(body));

    private List<string> Validate(JsonNode schema, JsonElement value)
    {
        Schema compiled;
        lock (_schemas)
        {
            compiled = _schemas.Of(schema);
        }

        return [.. compiled.Validate(value).Select(violation => violation.ToString())];
    }

    private static bool IsEnvelope(string? type) => type == "application/json";

    /// <summary>Of the paths that fit the one that says most, from its beginning on.</summary>
    private JsonObject? Operation(string method, string path)
    {
        var segments = path.Split('?')[0].Split('/');
        return document["paths"]!.AsObject().Where(known => Fits(known.Key.Split('/'), segments)).OrderBy(known => known.Key.Replace("{", "\uffff", StringComparison.Ordinal), StringComparer.Ordinal)
            .Select(known => known.Value![method == "HEAD" ? "get" : method.ToLowerInvariant()] as JsonObject).FirstOrDefault();
    }

    private static bool Fits(string[] known, string[] segments) =>
        known.Length == segments.Length && known.Zip(segments).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : pair.First == pair.Second);
}
