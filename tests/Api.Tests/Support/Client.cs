using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Agora.Api.Tests.Support;

/// <summary>A reply as a caller sees it.</summary>
internal sealed record Received(int Status, JsonElement Json, HttpResponseHeaders Headers)
{
    public JsonElement Data => Json.GetProperty("data");

    public JsonElement Error => Json.GetProperty("error");

    public string Code => Error.GetProperty("code").GetString()!;

    public string Message => Error.GetProperty("message").GetString()!;

    public IReadOnlyList<JsonElement> NextActions =>
        [.. (Json.TryGetProperty("error", out var error) ? error : Json).GetProperty("next_actions").EnumerateArray()];

    public IReadOnlyList<string> ActionNames => [.. NextActions.Select(a => a.GetProperty("action").GetString()!)];

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public Received Expect(int status)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Json}");
        return this;
    }

    public Received Refused(int status, string code)
    {
        Assert.True((status, code) == (Status, Json.TryGetProperty("error", out _) ? Code : null), $"{Status} instead of {status} {code}: {Json}");
        return this;
    }
}

/// <summary>Sends requests to a base address, and holds each reply to what the OpenAPI document declares of it.</summary>
internal sealed class Client(Uri address, DeclaredReplies declared) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = address };

    public Uri Address { get; } = address;

    public Task<Received> Get(string path, string? key = null) => Send(HttpMethod.Get, path, key);

    public Task<Received> Post(string path, string? key, string? json, params (string Name, string Value)[] headers) => Send(HttpMethod.Post, path, key, json, headers);

    public Task<Received> Admin(HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers) =>
        Send(method, path, RunningApi.AdminKey, json, headers);

    public async Task<Received> Send(HttpMethod method, string path, string? key, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, new UTF8Encoding(false), "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Send(request, key);
    }

    public async Task<Received> Send(HttpRequestMessage request, string? key)
    {
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        using var response = await _http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var faults = declared.Faults(request.Method.Method, request.RequestUri!.IsAbsoluteUri ? request.RequestUri.AbsolutePath : request.RequestUri.OriginalString, response, bytes);
        Assert.True(faults.Count == 0, $"{request.Method} {request.RequestUri}: {response.StatusCode}: {string.Join("; ", faults)}: {Encoding.UTF8.GetString(bytes)}");
        var json = response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(bytes).RootElement : default;
        return new((int)response.StatusCode, json, response.Headers);
    }

    public async Task<string> Text(string path, string? key = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", key is null ? "" : $"Bearer {key}");
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "*/*");
        using var response = await _http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    public void Dispose() => _http.Dispose();
}
