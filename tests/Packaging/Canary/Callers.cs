using System.Diagnostics;

namespace Agora.Packaging.Canary;

/// <summary>Clients that ask without a rest until they are stopped, and keep when they were failed.</summary>
internal sealed class Callers : IAsyncDisposable
{
    private const int AtOnce = 8;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private readonly Task _all;
    private TimeSpan? _first;
    private TimeSpan _last;

    public Callers(int port)
    {
        _http = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
        _all = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Ask()));
    }

    public int Sent { get; private set; }

    public int Failed { get; private set; }

    /// <summary>From the first failure to the last one.</summary>
    public TimeSpan FailedFor => _first is { } first ? _last - first : TimeSpan.Zero;

    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _all;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
        _http.Dispose();
    }

    /// <summary>A connection that is reset, as a worker of nginx that leaves may do to one kept open, is a failure as a 500 is.</summary>
    private async Task<bool> Fails()
    {
        try
        {
            using var reply = await _http.GetAsync(new Uri("/work", UriKind.Relative));
            return !reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private async Task Ask()
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            var failed = await Fails();
            lock (_lock)
            {
                Sent++;
                if (!failed) continue;

                Failed++;
                _last = _clock.Elapsed;
                _first ??= _last;
            }
        }
    }
}
