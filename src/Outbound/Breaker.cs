using Polly;
using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>
/// Opens when at least half of at least 20 attempts within 30 s failed, for 15 s; then one probe decides. Of one user's failures, and
/// of one agent's, within 30 s <see cref="OutboundLimits.FailuresOfOneCaller"/> count; further attempts of either go past the breaker as long as that is
/// closed, so that what one of them sends cannot close a service to all. Thread-safe.
/// </summary>
internal sealed class Breaker
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<Attempted> _pipeline;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byAgent = new(StringComparer.Ordinal);
    private long _since;

    public Breaker(TimeProvider time)
    {
        _time = time;
        _since = time.GetTimestamp();
        _pipeline = Build(time, _state);
    }

    /// <exception cref="BrokenCircuitException">It is open; nothing was tried.</exception>
    public async ValueTask<OutboundResult> Execute(
        OutboundCaller? caller, Func<CancellationToken, ValueTask<OutboundResult>> attempt, CancellationToken cancellation)
    {
        if (caller is not null && _state.CircuitState == CircuitState.Closed && HasSpent(caller))
            return await attempt(cancellation);
        var attempted = await _pipeline.ExecuteAsync(static (call, token) => call.Self.Attempt(call.Caller, call.Attempt, token), (Self: this, Caller: caller, Attempt: attempt), cancellation);
        return attempted.Result;
    }

    // Counted when it has failed, not when it begins: many attempts of one caller may be under way at once.
    private async ValueTask<Attempted> Attempt(OutboundCaller? caller, Func<CancellationToken, ValueTask<OutboundResult>> attempt, CancellationToken cancellation)
    {
        var result = await attempt(cancellation);
        return new(result, IsUnwell(result) && (caller is null || Spend(caller)));
    }

    private bool HasSpent(OutboundCaller caller)
    {
        lock (_gate)
            return _byUser.Count > 0 && _time.GetElapsedTime(_since) < Window && !(IsLeft(_byUser, caller.UserId) && IsLeft(_byAgent, caller.AgentId));
    }

    // A window begins with its first failure; callers that are too many to remember count in full, and so does the probe of a breaker that is not closed.
    private bool Spend(OutboundCaller caller)
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_since) >= Window)
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
            return counts || _state.CircuitState != CircuitState.Closed;
        }
    }

    private static bool IsLeft(Dictionary<string, int> failures, string who) => failures.GetValueOrDefault(who) < OutboundLimits.FailuresOfOneCaller;

    private static void Remember(Dictionary<string, int> failures, string who)
    {
        if (failures.TryGetValue(who, out var before) || failures.Count < OutboundLimits.CallersRemembered)
            failures[who] = before + 1;
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
        OutboundResult.Failed { Kind: OutboundFailure.Refused or OutboundFailure.Unsigned } => false,
        OutboundResult.Failed => true,
        _ => false,
    };

    private readonly record struct Attempted(OutboundResult Result, bool CountsAsFailed);
}
