using Polly;
using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>
/// Opens when at least half of at least 20 attempts within 30 s failed, for 15 s; then one probe decides. Of one user's failures, and
/// of one agent's, within 30 s <see cref="OutboundLimits.FailuresOfOneCaller"/> count; further attempts of either go past the breaker as long as that is
/// closed, so that what one of them sends cannot close a service, or a provider of models, to all. Thread-safe.
/// </summary>
/// <typeparam name="T">The result of an attempt.</typeparam>
public sealed class Breaker<T>
{
    private readonly TimeProvider _time;
    private readonly Func<T, bool?> _isUnwell;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<Attempted> _pipeline;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byAgent = new(StringComparer.Ordinal);
    private long _since;

    /// <param name="isUnwell">Whether a result shows that the other side is unhealthy. An error that the request itself causes does not. Null: nothing reached the other side, so the attempt counts as neither good nor failed.</param>
    public Breaker(TimeProvider time, Func<T, bool?> isUnwell)
    {
        (_time, _isUnwell) = (time, isUnwell);
        _since = time.GetTimestamp();
        _pipeline = Build(time, _state);
    }

    /// <summary>Whether all attempts are let through.</summary>
    public bool IsClosed => _state.CircuitState == CircuitState.Closed;

    /// <param name="caller">Null if the attempt has no particular caller: each failure counts then.</param>
    /// <exception cref="BrokenCircuitException">It is open; nothing was tried.</exception>
    public async ValueTask<T> Execute(OutboundCaller? caller, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellation)
    {
        if (!IsClosed)
        {
            var probed = await _pipeline.ExecuteAsync(static (call, token) => call.Self.Probe(call.Caller, call.Attempt, token), (Self: this, Caller: caller, Attempt: attempt), cancellation);
            return probed.Result;
        }

        var counts = caller is null || !HasSpent(caller);
        var result = await attempt(cancellation);
        if (counts && _isUnwell(result) is { } isUnwell)
        {
            await Count(Judged(caller, result, isUnwell));
        }

        return result;
    }

    // A probe that reached nothing counts as failed, or it would close the breaker without an answer.
    private async ValueTask<Attempted> Probe(OutboundCaller? caller, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellation)
    {
        var result = await attempt(cancellation);
        return _isUnwell(result) is { } isUnwell ? Judged(caller, result, isUnwell) : new(result, CountsAsFailed: true);
    }

    // Judged at its end and not at its start, because many attempts of one caller can be under way at once.
    private Attempted Judged(OutboundCaller? caller, T result, bool isUnwell) => new(result, isUnwell && (caller is null || Spend(caller)));

    // The pipeline counts each attempt that runs in it as a success or a failure. An attempt that its caller cancels is neither, so attempts run outside, and only their results go through the pipeline.
    private async ValueTask Count(Attempted attempted)
    {
        try
        {
            await _pipeline.ExecuteAsync(static (attempted, _) => ValueTask.FromResult(attempted), attempted, CancellationToken.None);
        }
        catch (BrokenCircuitException)
        {
            // The breaker opened while the attempt was under way. It counts nothing until its probe.
        }
    }

    private bool HasSpent(OutboundCaller caller)
    {
        lock (_gate)
        {
            return _byUser.Count > 0 && _time.GetElapsedTime(_since) < OutboundLimits.BreakerWindow && !(IsLeft(_byUser, caller.UserId) && IsLeft(_byAgent, caller.AgentId));
        }
    }

    // A window begins with its first failure; callers that are too many to remember count in full, and so does the probe of a breaker that is not closed.
    private bool Spend(OutboundCaller caller)
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_since) >= OutboundLimits.BreakerWindow)
            {
                _byUser.Clear();
                _byAgent.Clear();
                _since = _time.GetTimestamp();
            }

            var counts = IsLeft(_byUser, caller.UserId) && IsLeft(_byAgent, caller.AgentId);
            if (counts)
            {
                Remember(_byUser, caller.UserId);
                Remember(_byAgent, caller.AgentId);
            }

            return counts || !IsClosed;
        }
    }

    private static bool IsLeft(Dictionary<string, int> failures, string who) => failures.GetValueOrDefault(who) < OutboundLimits.FailuresOfOneCaller;

    private static void Remember(Dictionary<string, int> failures, string who)
    {
        if (failures.TryGetValue(who, out var before) || failures.Count < OutboundLimits.CallersRemembered)
        {
            failures[who] = before + 1;
        }
    }

    // An attempt throws only if its caller cancels it, and only a probe runs in the pipeline. A cancelled probe counts as failed, or it would close the breaker without an answer.
    private static ResiliencePipeline<Attempted> Build(TimeProvider time, CircuitBreakerStateProvider state) =>
        new ResiliencePipelineBuilder<Attempted> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempted>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = OutboundLimits.BreakerWindow,
                BreakDuration = OutboundLimits.BreakerBreak,
                StateProvider = state,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is not null || attempt.Outcome.Result.CountsAsFailed),
            })
            .Build();

    private readonly record struct Attempted(T Result, bool CountsAsFailed);
}
