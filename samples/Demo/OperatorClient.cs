using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Hosting;

namespace Agora.Samples.Demo;

/// <summary>A server's API with an operator's key; what it refuses is one line.</summary>
internal sealed class OperatorClient(string url, string key) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };

    /// <param name="once">The Idempotency-Key of what moves money.</param>
    /// <returns>The reply's data.</returns>
    public async Task<JsonNode> Send(HttpMethod method, string route, string body, string? once = null) => (await Try(key, method, route, body, "", once))!;

    /// <returns>What is there now; null: nothing.</returns>
    public Task<JsonNode?> Find(string route) => Try(key, HttpMethod.Get, route, null, "not_found");

    /// <param name="expected">The code of a refusal that is no failure.</param>
    /// <returns>The reply's data; null: it was refused as expected.</returns>
    public async Task<JsonNode?> Try(string credential, HttpMethod method, string route, string? body, string expected, string? once = null)
    {
        using var request = new HttpRequestMessage(method, route) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        if (once is not null)
        {
            request.Headers.Add("Idempotency-Key", once);
        }

        using var reply = await Reached(request);
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? JsonNode.Parse(text)!["data"]!
            : JsonNode.Parse(text)?["error"]?["code"]?.ToString() == expected ? null
            : throw new SettingException($"{method} {route} was refused: {text}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Reached(HttpRequestMessage request)
    {
        try
        {
            return await _http.SendAsync(request);
        }
        catch (HttpRequestException e)
        {
            throw new SettingException($"No server answers at {url}: start ./run first, in another terminal, or name where it serves by --urls. ({e.Message})");
        }
    }
}
