using Polly;
using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>
/// Opens when at least half of at least 20 attempts within 30 s failed, for 15 s; then one probe decides. Of one caller's failures within
/// 30 s <see cref="OutboundLimits.FailuresOfOneCaller"/> count; its further attempts go past the breaker as long as that is closed, so that what one
/// caller sends cannot close a service to all. Thread-safe.
/// </summary>
internal sealed class Breaker
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    private readonly TimeProvider time;
    private readonly CircuitBreakerStateProvider state = new();
    private readonly ResiliencePipeline<Attempted> pipeline;
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> failures = new(StringComparer.Ordinal);
    private long since;

    public Breaker(TimeProvider time)
    {
        this.time = time;
        since = time.GetTimestamp();
        pipeline = Build(time, state);
    }

    /// <exception cref="BrokenCircuitException">It is open; nothing was tried.</exception>
    public async ValueTask<OutboundResult> Execute(
        string? caller, Func<CancellationToken, ValueTask<OutboundResult>> attempt, CancellationToken cancellation)
    {
        if (caller is not null && state.CircuitState == CircuitState.Closed && HasSpent(caller))
            return await attempt(cancellation);
        var attempted = await pipeline.ExecuteAsync(static (call, token) => call.Self.Attempt(call.Caller, call.Attempt, token), (Self: this, Caller: caller, Attempt: attempt), cancellation);
        return attempted.Result;
    }

    // Counted when it has failed, not when it begins: many attempts of one caller may be under way at once.
    private async ValueTask<Attempted> Attempt(string? caller, Func<CancellationToken, ValueTask<OutboundResult>> attempt, CancellationToken cancellation)
    {
        var result = await attempt(cancellation);
        return new(result, IsUnwell(result) && (caller is null || Spend(caller)));
    }

    private bool HasSpent(string caller)
    {
        lock (gate)
            return failures.Count > 0 && time.GetElapsedTime(since) < Window && failures.GetValueOrDefault(caller) >= OutboundLimits.FailuresOfOneCaller;
    }

    // A window begins with its first failure; callers that are too many to remember count in full, and so does the probe of a breaker that is not closed.
    private bool Spend(string caller)
    {
        lock (gate)
        {
            if (time.GetElapsedTime(since) >= Window)
            {
                failures.Clear();
                since = time.GetTimestamp();
            }
            var before = failures.GetValueOrDefault(caller);
            if (before > 0 || failures.Count < OutboundLimits.CallersRemembered)
                failures[caller] = before + 1;
            return before < OutboundLimits.FailuresOfOneCaller || state.CircuitState != CircuitState.Closed;
        }
    }

    private static ResiliencePipeline<Attempted> Build(TimeProvider time, CircuitBreakerStateProvider state) =>
        new ResiliencePipelineBuilder<Attempted> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempted>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = Window,
                BreakDuration = Break,
                StateProvider = state,
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Exception is not null || attempt.Outcome.Result.CountsAsFailed),
            })
            .Build();

    // A 4xx says that the service lives and disliked the input: were it counted, one agent's bad input would close the service
    // to all others. A cancelled probe (an exception) counts as failed, else it would close the breaker without any answer.
    private static bool IsUnwell(OutboundResult result) => result switch
    {
        OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: < 500 } => false,
        OutboundResult.Failed { Kind: OutboundFailure.Refused } => false,
        OutboundResult.Failed => true,
        _ => false,
    };

    private readonly record struct Attempted(OutboundResult Result, bool CountsAsFailed);
}
