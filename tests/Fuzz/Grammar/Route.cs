using System.Text.Json;

namespace Agora.Fuzz.Grammar;

/// <summary>A route as the server's own OpenAPI document has it.</summary>
/// <param name="Scheme">Name of the credential that it wants; null: none.</param>
/// <param name="Query">Names and schemas.</param>
internal sealed record Route(string Method, string Path, string? Scheme, IReadOnlyList<(string Name, JsonElement Schema)> Query, JsonElement? Schema, JsonElement? Example, bool TakesKey)
{
    /// <summary>Of a hundred requests to routes of this kind, how many are sent: a few routes cost a hundred times what others do.</summary>
    public int Weight => Path is "/openapi/v1.json" or "/admin/policies/replay" or "/metrics" or "/admin/trial-balance" ? 2 : Method == "DELETE" ? 20 : 100;

    /// <summary>What the document has, and what it leaves out: documents, and people's pages.</summary>
    public static IReadOnlyList<Route> Of(JsonElement document) =>
    [
        .. Declared(document),
        .. new[] { "/", "/openapi/v1.json", "/gpt/openapi.json", "/gpt/privacy", "/gpt/consent", "/healthz", "/readyz", "/metrics", "/.well-known/jwks.json", "/approvals/{token}" }.Select(path => new Route("GET", path, null, [], null, null, false)),
        new("POST", "/approvals/{token}", null, [], null, JsonElement.Parse("""{"decision":"deny"}"""), false),
    ];

    public static IEnumerable<Route> Declared(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => Of(path.Name, operation.Name.ToUpperInvariant(), operation.Value)));

    private static Route Of(string path, string method, JsonElement operation)
    {
        var body = operation.TryGetProperty("requestBody", out var given) ? given.GetProperty("content").GetProperty("application/json") : (JsonElement?)null;
        var parameters = operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : [];
        return new(
            method,
            path,
            operation.TryGetProperty("security", out var security) && security.GetArrayLength() > 0 ? security[0].EnumerateObject().First().Name : null,
            [.. parameters.Where(p => p.GetProperty("in").GetString() == "query").Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("schema")))],
            body?.GetProperty("schema"),
            body is { } content && content.TryGetProperty("example", out var example) ? example : null,
            parameters.Any(p => p.GetProperty("name").GetString() == "Idempotency-Key"));
    }
}
