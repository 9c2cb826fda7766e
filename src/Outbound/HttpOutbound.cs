using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>Waits for one of the connections to the call's server. Dispose the result to give it back.</summary>
public delegate Task<IDisposable> TakeConnection(OutboundCall call, CancellationToken cancel);

/// <summary>
/// The policy around an attempt: retries with the same key for what may pass by itself, jittered pauses, one deadline for all,
/// one breaker a service. Thread-safe; one instance a process.
/// </summary>
public sealed class HttpOutbound : IOutbound, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time;
    private readonly Func<double> _jitter;
    private readonly Breakers _breakers;
    private readonly HttpAttempt _attempt;
    private readonly OutboundMetrics _metrics = new();

    /// <param name="allowed">Addresses let through besides public ones.</param>
    /// <param name="time">Of deadlines, pauses and breakers.</param>
    /// <param name="resolve">How names are looked up; DNS when null.</param>
    /// <param name="jitter">Uniform in [0, 1): which part of a pause's upper bound is waited; random when null.</param>
    /// <param name="signer">Signs the calls that want it; null: none is signed.</param>
    /// <param name="connections">Awaited before each attempt, within its time; the result is disposed of after the attempt. Null if connections are not shared.</param>
    public HttpOutbound(AllowList allowed, TimeProvider time, Resolve? resolve = null, Func<double>? jitter = null, ICallSigner? signer = null, TakeConnection? connections = null)
    {
        _time = time;
        _jitter = jitter ?? Random.Shared.NextDouble;
        _breakers = new Breakers(time);
        _attempt = new HttpAttempt(new GuardedConnector(allowed, resolve ?? System.Net.Dns.GetHostAddressesAsync, time), time, signer, connections);
    }

    public async Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
    {
        call.ThrowIfMalformed();
        if (EndpointRules.Check(call.Endpoint) is not null)
            return new OutboundResult.Failed(OutboundFailure.Refused, null, 0);

        if (call.OnceForBytes is not null || call.Listens)
            return await Measured(call, call.AttemptTimeout, cancellation);

        var started = _time.GetTimestamp();
        var breaker = _breakers.For(call.ServiceId);
        var sent = 0;
        for (var number = 1; ; number++)
        {
            var left = call.Deadline - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return new OutboundResult.Failed(OutboundFailure.Timeout, null, number - 1) { Sent = sent };
            var timeout = left < call.AttemptTimeout ? left : call.AttemptTimeout;
            if (await TryOnce(breaker, call, timeout, cancellation) is not { } result)
                return new OutboundResult.Failed(OutboundFailure.BreakerOpen, null, number - 1) { Sent = sent };
            sent += result.Sent;
            result = result with { Attempts = number, Sent = sent };
            if (number >= call.MaxAttempts || !MayPassByItself(result))
                return result;

            var pause = FirstPause * (1 << (number - 1)) * _jitter();
            if (pause >= call.Deadline - _time.GetElapsedTime(started))
                return result;
            await Task.Delay(pause, _time, cancellation);
            if (call.Unwanted.IsCancellationRequested)
                return result;
        }
    }

    public void Dispose()
    {
        _attempt.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Null when the breaker is open and nothing was sent.</summary>
    private async Task<OutboundResult?> TryOnce(
        Breaker<OutboundResult> breaker, OutboundCall call, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return await breaker.Execute(call.Caller, token => Measured(call, timeout, token), cancellation);
        }
        catch (BrokenCircuitException)
        {
            return null;
        }
    }

    private async ValueTask<OutboundResult> Measured(OutboundCall call, TimeSpan timeout, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        using var span = CallSpan.Begin(call);
        var result = await _attempt.Send(call, timeout, span?.Id ?? call.Traceparent, cancellation);
        CallSpan.End(span, result);
        _metrics.Attempted(result, _time.GetElapsedTime(started));
        return result;
    }

    private static bool MayPassByItself(OutboundResult result) => result is OutboundResult.Failed
    {
        Kind: OutboundFailure.Connection or OutboundFailure.Timeout,
    }
    or OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: 502 or 503 or 504 }
    or OutboundResult.Failed { Kind: OutboundFailure.NoRoom, Sent: 0 };
}
