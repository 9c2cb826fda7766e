using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Fuzz.Servers;

/// <summary>Services, webhook endpoints and a provider of models as attackers have them: large, endless, failing or odd. Each is a path, and each model of the provider is a behaviour.</summary>
internal sealed class OddServices : IAsyncDisposable
{
    public const string Quick = "quick", Failing = "failing", TooLarge = "too-large", Endless = "endless";
    private const int Large = 1_000_000, Pieces = 200, PieceBytes = 10_000;
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _together;
    private int _waiting;

    private OddServices(WebApplication app, int together)
    {
        (_app, _together) = (app, together);
        app.MapPost("/short", static http => http.Response.WriteAsync("""{"summary":"Short."}"""));
        app.MapPost("/fail", static http => { http.Response.StatusCode = 500; return Task.CompletedTask; });
        app.MapPost("/hook", static _ => Task.CompletedTask);
        app.MapPost("/large", LargeOutput);
        app.MapPost("/odd", static http => http.Response.WriteAsync("""[{"a":1},5,null,{"links":{"a":5}},{"x_cents":1e300},{"href":[]},{"surrogate":"\ud83d\ude00"}]"""));
        app.MapPost("/v1/chat/completions", Complete);
    }

    public Uri Address { get; private set; } = null!;

    /// <param name="together">So many large outputs are answered at the same moment.</param>
    public static async Task<OddServices> Start(int together = 1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var services = new OddServices(builder.Build(), together);
        await services._app.StartAsync();
        services.Address = new(services._app.Urls.Single());
        return services;
    }

    /// <summary>The provider as AGORA_MODEL_PROVIDERS names it: <c>odd</c>.</summary>
    public string Provider => $$"""[{"name":"odd","wire":"compatible","url":"{{Address}}v1","keys":["key-of-the-odd-provider"]}]""";

    /// <summary>What puts one of its models as a service.</summary>
    public static string Model(string name) => $$$"""
        {"name":"{{{name}}}","description":"A model","category":"model","provider":"odd","max_price_cents":500,"endpoint":"model:odd","model":{"name":"{{{name}}}","max_output_tokens":8192,"default_output_tokens":64,"prices":[{"version":1,"from":"2026-01-01T00:00:00Z","rates":[{"input_cents":1,"output_cents":1}]}]}}
        """;

    /// <summary>What puts one of its paths as a service that costs nothing.</summary>
    public string Service(string path) => $$"""{"name":"{{path}}","description":"A service","category":"text","price_cents":0,"endpoint":"{{new Uri(Address, path)}}","provider":"odd"}""";

    public async ValueTask DisposeAsync()
    {
        _all.TrySetResult();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task LargeOutput(HttpContext http)
    {
        if (Interlocked.Increment(ref _waiting) >= _together)
        {
            _all.TrySetResult();
        }

        await Task.WhenAny(_all.Task, Task.Delay(TimeSpan.FromSeconds(5), http.RequestAborted)); // a server that calls fewer at once is answered too
        await http.Response.WriteAsync($"\"{new string('a', Large)}\"");
    }

    private static async Task Complete(HttpContext http)
    {
        using var asked = await JsonDocument.ParseAsync(http.Request.Body);
        switch (asked.RootElement.GetProperty("model").GetString())
        {
            case Failing:
                http.Response.StatusCode = 500;
                break;
            case TooLarge:
                http.Response.StatusCode = 429;
                await http.Response.WriteAsJsonAsync(new { error = new { message = "Request too large for this model.", type = "tokens", code = "rate_limit_exceeded" } });
                break;
            case Endless:
                await Stream(http, Enumerable.Repeat(new string('a', PieceBytes), Pieces));
                break;
            default:
                await (asked.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean() ? Stream(http, ["Short."]) : http.Response.WriteAsJsonAsync(new
                {
                    id = "c", @object = "chat.completion", created = 1, model = Quick,
                    choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = "Short." } } },
                    usage = new { prompt_tokens = 3, completion_tokens = 2, total_tokens = 5 },
                }));
                break;
        }
    }

    private static async Task Stream(HttpContext http, IEnumerable<string> pieces)
    {
        http.Response.ContentType = "text/event-stream";
        foreach (var piece in pieces)
        {
            await Say(http, $$$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"{{{piece}}}"}}]}""");
        }

        await Say(http, """{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":64,"total_tokens":67}}""");
        await Say(http, "[DONE]");
    }

    private static Task Say(HttpContext http, string data) => http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data}\n\n"), http.RequestAborted).AsTask();
}
