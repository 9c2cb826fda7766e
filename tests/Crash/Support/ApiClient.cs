using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>A reply as a caller sees it.</summary>
internal sealed record Received(int Status, JsonElement Json, bool Replayed, TimeSpan? RetryAfter)
{
    public JsonElement Data => Json.GetProperty("data");

    public override string ToString() => $"{Status} {Json}";

    public string Code => Json.GetProperty("error").GetProperty("code").GetString()!;

    public Received Expect(int status)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Json}");
        return this;
    }
}

/// <summary>Sends requests; a connection that fails is an exception, whatever came over it before.</summary>
internal sealed class ApiClient(Uri address, TimeSpan? patience = null) : IDisposable
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = patience ?? Patience };

    public Task<Received> Get(string path, string key) => Send(HttpMethod.Get, path, key);

    public Task<Received> Post(string path, string key, string json, string? idempotencyKey = null) => Send(HttpMethod.Post, path, key, json, idempotencyKey);

    public Task<Received> Admin(HttpMethod method, string path, string? json = null, string? idempotencyKey = null) =>
        Send(method, path, ServerProcess.AdminKey, json, idempotencyKey);

    /// <summary>A tool's call at /mcp; the reply's JSON is the tool's structured result.</summary>
    public async Task<Received> Mcp(string key, string tool, string arguments)
    {
        var body = $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";
        var reply = await Send(HttpMethod.Post, "/mcp", key, body, more: [("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2025-11-25")]);
        return reply.Json.TryGetProperty("result", out var result) ? reply with { Json = result.GetProperty("structuredContent") } : reply;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>With a key of another kind than those of the tests' tenant.</summary>
    public async Task<Received> Send(HttpMethod method, string path, string key, string? json = null, string? idempotencyKey = null, params (string Name, string Value)[] more)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        foreach (var (name, value) in more)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Answer(request);
        var body = await response.Content.ReadAsStringAsync();
        return new(
            (int)response.StatusCode,
            JsonElement.Parse(response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? body.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..] : body),
            response.Headers.TryGetValues("Idempotent-Replayed", out var replayed) && replayed.Single() == "true",
            response.Headers.RetryAfter?.Delta);
    }

    // A server that is killed while the connection to it is made: what the handler tells of the socket then is not wrapped, as all else is.
    private async Task<HttpResponseMessage> Answer(HttpRequestMessage request)
    {
        try
        {
            return await _http.SendAsync(request);
        }
        catch (SocketException closed)
        {
            throw new HttpRequestException(closed.Message, closed);
        }
    }
}
