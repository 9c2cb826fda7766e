using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Agora.Packaging.Canary;

/// <summary>What a front end does of which a rollout is told: it answers, and its metrics say how, in the words of our own.</summary>
internal sealed class ScriptedVersion : IAsyncDisposable
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(300);
    private readonly WebApplication _application;
    private readonly Fault _fault;
    private readonly int _from;
    private int _asked;
    private int _failed;
    private int _slow;

    /// <param name="fault">What is wrong with it, from its request number <paramref name="from"/> on.</param>
    public ScriptedVersion(Fault fault = Fault.None, int from = 0)
    {
        (_fault, _from) = (fault, from);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _application = builder.Build();
        _application.MapGet("/metrics", Metrics);
        _application.MapGet("/work", Work);
    }

    public string Address { get; } = $"http://127.0.0.1:{FreePort.Next()}";

    public int Asked => Volatile.Read(ref _asked);

    public async Task<ScriptedVersion> Started()
    {
        await _application.StartAsync();
        return this;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task Work(HttpContext http)
    {
        var number = Interlocked.Increment(ref _asked);
        if (_fault == Fault.None || number <= _from) return;

        if (_fault == Fault.Gone)
        {
            _ = _application.StopAsync(); // what is under way is answered, and nothing after it
            return;
        }

        if (_fault == Fault.Errors)
        {
            Interlocked.Increment(ref _failed);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        Interlocked.Increment(ref _slow);
        await Task.Delay(Slow); // the fault itself: it is slow
    }

    private string Metrics()
    {
        var (asked, failed, slow) = (Asked, Volatile.Read(ref _failed), Volatile.Read(ref _slow));
        const string Name = "agora_api_request_duration_seconds";
        return $$"""
            {{Name}}_bucket{operation="get_task",status="200",le="0.2"} {{asked - failed - slow}}
            {{Name}}_bucket{operation="get_task",status="200",le="+Inf"} {{asked - failed}}
            {{Name}}_count{operation="get_task",status="200"} {{asked - failed}}
            {{Name}}_bucket{operation="get_task",status="500",le="0.2"} {{failed}}
            {{Name}}_count{operation="get_task",status="500"} {{failed}}

            """;
    }
}

internal enum Fault
{
    None,
    Errors,
    Slow,
    Gone,
}
