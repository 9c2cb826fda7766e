using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Crash.Support;

/// <summary>
/// A provider's service: real HTTP, a small delay that differs from call to call, and a memory of every key and body it saw.
/// It outlives the server's deaths, as a provider does.
/// </summary>
internal sealed class TextProvider : IAsyncDisposable
{
    private readonly int _mostDelayMs;
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Key, string Body)> _calls = new();
    private volatile TaskCompletionSource? _gate;

    private TextProvider(IPAddress address, int mostDelayMs)
    {
        _mostDelayMs = mostDelayMs;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}:0");
        _app = builder.Build();
        _app.MapPost("/upper", Answer);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>What the server's guard has to let through.</summary>
    public string Allowed => $"{Address.Host}:{Address.Port}";

    public IReadOnlyCollection<(string Key, string Body)> Calls => _calls;

    public static async Task<TextProvider> Start(IPAddress? address = null, int mostDelayMs = 20)
    {
        var provider = new TextProvider(address ?? IPAddress.Loopback, mostDelayMs);
        await provider._app.StartAsync();
        provider.Address = new(provider._app.Urls.Single());
        return provider;
    }

    /// <summary>From now on calls are remembered, but not answered until what this returns is completed.</summary>
    public TaskCompletionSource Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Those that were held are answered, and so is whoever comes.</summary>
    public void Release(TaskCompletionSource held)
    {
        _gate = null;
        held.TrySetResult();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        _calls.Enqueue((http.Request.Headers["Idempotency-Key"].ToString(), body));
        await (_gate?.Task ?? Task.Delay(RandomNumberGenerator.GetInt32(_mostDelayMs), http.RequestAborted));
        await Results.Content($$"""{"echo":{{body}}}""", "application/json").ExecuteAsync(http);
    }
}
