using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Support;

/// <summary>What a POST to /mcp was answered: HTTP's status and headers, and the JSON-RPC message.</summary>
internal sealed record McpAnswer(int Status, JsonElement Message, HttpResponseHeaders Headers)
{
    public JsonElement Result => Message.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{Status}: {Message}");

    public JsonElement Error => Message.TryGetProperty("error", out var error) ? error : throw new InvalidOperationException($"{Status}: {Message}");

    public JsonElement Structured => Result.GetProperty("structuredContent");

    public JsonElement Data => Structured.TryGetProperty("data", out var data) ? data : throw new InvalidOperationException($"{Message}");

    public string Code => Structured.GetProperty("error").GetProperty("code").GetString()!;

    public bool IsError => Result.TryGetProperty("isError", out var failed) && failed.GetBoolean();

    public bool IsAlreadyDone => Structured.TryGetProperty("already_done", out var done) && done.GetBoolean();

    public string Text => Result.GetProperty("content")[0].GetProperty("text").GetString()!;

    public IReadOnlyList<string> NextTools => [.. Structured.GetProperty("next_actions").EnumerateArray().Select(action => action.GetProperty("tool").GetString()!)];

    public McpAnswer Refused(string code)
    {
        Assert.True(IsError && Code == code, $"{Message}");
        return this;
    }
}

/// <summary>A client of /mcp that keeps nothing: each of its messages has an id of its own.</summary>
internal sealed class McpCaller(Uri address, string bearer) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    private int _id;

    /// <summary>Null: the revision with a handshake.</summary>
    public string? Revision { get; init; } = "2026-07-28";

    /// <summary>The POST of a body; null: as it stands, with the bearer.</summary>
    public Func<string, HttpRequestMessage>? Signs { get; init; }

    public Task<McpAnswer> Call(string tool, string arguments = "{}", CancellationToken cancel = default) =>
        Ask("tools/call", new() { ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments) }, cancel);

    public Task<McpAnswer> Read(string uri) => Ask("resources/read", new() { ["uri"] = uri });

    public Task<McpAnswer> Ask(string method, JsonObject? parameters = null, CancellationToken cancel = default)
    {
        parameters ??= [];
        if (Revision == "2026-07-28")
        {
            parameters["_meta"] = Meta();
        }

        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Interlocked.Increment(ref _id), ["method"] = method, ["params"] = parameters };
        return Post(message.ToJsonString(), cancel, Headers(method, (string?)parameters["name"] ?? (string?)parameters["uri"]));
    }

    /// <summary>All that comes of a call whose client wants to know how far it is: the last message is the answer.</summary>
    public async Task<IReadOnlyList<JsonElement>> Messages(string tool, string arguments, string progressToken)
    {
        var meta = Revision == "2026-07-28" ? Meta() : [];
        meta["progressToken"] = progressToken;
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Interlocked.Increment(ref _id), ["method"] = "tools/call", ["params"] = new JsonObject { ["name"] = tool, ["arguments"] = JsonNode.Parse(arguments), ["_meta"] = meta } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(message.ToJsonString(), new UTF8Encoding(false), "application/json") };
        foreach (var (name, value) in new[] { ("Accept", "application/json, text/event-stream"), ("Authorization", $"Bearer {bearer}") }.Concat(Headers("tools/call", tool))) request.Headers.TryAddWithoutValidation(name, value);

        using var response = await _http.SendAsync(request);
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..]))];
    }

    public static JsonObject Meta() => new()
    {
        ["io.modelcontextprotocol/protocolVersion"] = "2026-07-28",
        ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "tests", ["version"] = "1" },
        ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
    };

    public (string Name, string Value)[] Headers(string method, string? name) =>
        Revision is null ? [] : Revision == "2026-07-28" ? [("MCP-Protocol-Version", Revision), ("Mcp-Method", method), .. name is null ? [] : new[] { ("Mcp-Name", name) }] : [("MCP-Protocol-Version", Revision)];

    /// <summary>The body as it stands. A header that is given replaces one that is usual; empty, it is left out.</summary>
    public async Task<McpAnswer> Post(string body, CancellationToken cancel = default, params (string Name, string Value)[] headers)
    {
        using var request = Signs?.Invoke(body) ?? new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body, new UTF8Encoding(false), "application/json") };
        foreach (var (name, value) in new[] { ("Accept", "application/json, text/event-stream"), ("Authorization", bearer.Length == 0 ? "" : $"Bearer {bearer}") }.Where(usual => !headers.Any(given => given.Name == usual.Item1)).Concat(headers))
        {
            if (value.Length > 0 && !request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        var json = response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? text.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]
            : text;
        return new((int)response.StatusCode, json.Length == 0 ? default : JsonElement.Parse(json, new() { MaxDepth = 128 }), response.Headers);
    }

    public void Dispose() => _http.Dispose();
}
