using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Samples.Tests;

/// <summary>What the API saw of one request.</summary>
internal sealed record ApiCall(string Line, string? Authorization, string? IdempotencyKey, string Body);

/// <summary>An API that answers each request line with what a test wrote down, in turn when there are several answers.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly Dictionary<string, Queue<(int Status, string Json)>> _answers = [];
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private readonly WebApplication _app;

    public FakeApi()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Run(Answer);
    }

    public ApiCall[] Calls => [.. _calls];

    public FakeApi On(string line, int status, string json)
    {
        if (!_answers.TryGetValue(line, out var queue))
            _answers.Add(line, queue = new());
        queue.Enqueue((status, json));
        return this;
    }

    public async Task<string> Start()
    {
        await _app.StartAsync();
        return _app.Urls.First();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static string Success(string data, params string[] actions) =>
        $$"""{"status":"success","data":{{data}},"next_actions":[{{string.Join(',', actions)}}]}""";

    public static string Action(string name, string method, string endpoint, string parameters = "{}", string body = "{}", string bodySchema = "{}") =>
        new JsonObject
        {
            ["action"] = name,
            ["method"] = method,
            ["endpoint"] = endpoint,
            ["params"] = JsonNode.Parse(parameters),
            ["body"] = JsonNode.Parse(body),
            ["body_schema"] = JsonNode.Parse(bodySchema),
            ["description"] = $"Does {name}.",
        }.ToJsonString();

    private async Task Answer(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var line = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}";
        _calls.Enqueue(new ApiCall(line, http.Request.Headers.Authorization, http.Request.Headers["Idempotency-Key"], await reader.ReadToEndAsync()));
        var (status, json) = _answers.TryGetValue(line, out var queue) && queue.Count > 0 ? queue.Dequeue() : (404, """{"status":"error","error":{"code":"not_found","next_actions":[]}}""");
        http.Response.StatusCode = status;
        http.Response.Headers.RetryAfter = status is 503 or 429 ? "0" : default;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json);
    }
}
