using System.Text;
using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>A reply as a caller sees it.</summary>
internal sealed record Received(int Status, JsonElement Json, bool Replayed, TimeSpan? RetryAfter)
{
    public JsonElement Data => Json.GetProperty("data");

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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = patience ?? Patience };

    public Task<Received> Get(string path, string key) => Send(HttpMethod.Get, path, key);

    public Task<Received> Post(string path, string key, string json, string? idempotencyKey = null) => Send(HttpMethod.Post, path, key, json, idempotencyKey);

    public Task<Received> Admin(HttpMethod method, string path, string? json = null, string? idempotencyKey = null) =>
        Send(method, path, ServerProcess.AdminKey, json, idempotencyKey);

    public void Dispose() => _http.Dispose();

    private async Task<Received> Send(HttpMethod method, string path, string key, string? json = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        return new(
            (int)response.StatusCode,
            JsonDocument.Parse(body).RootElement,
            response.Headers.TryGetValues("Idempotent-Replayed", out var replayed) && replayed.Single() == "true",
            response.Headers.RetryAfter?.Delta);
    }
}
