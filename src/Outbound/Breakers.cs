using Polly;
using Polly.CircuitBreaker;

namespace Agora.Outbound;

/// <summary>
/// One circuit breaker a service: it opens when at least half of at least 20 attempts within 30 s failed, for 15 s; then one
/// probe decides. At most <see cref="OutboundLimits.MaxBreakers"/> are kept. One that was idle for a window and a break knows
/// nothing any more, so dropping it changes nothing; only when all are busy is the longest unused dropped with what it knew.
/// </summary>
internal sealed class Breakers(TimeProvider time, int capacity = OutboundLimits.MaxBreakers)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (gate)
                return entries.Count;
        }
    }

    public ResiliencePipeline<OutboundResult> For(string serviceId)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(serviceId, out var entry))
            {
                if (entries.Count >= capacity)
                    MakeRoom();
                entries.Add(serviceId, entry = new Entry(Build()));
            }
            entry.LastUsed = time.GetTimestamp();
            return entry.Pipeline;
        }
    }

    private void MakeRoom()
    {
        foreach (var (id, entry) in entries)
            if (time.GetElapsedTime(entry.LastUsed) > Window + Break)
                entries.Remove(id);
        if (entries.Count >= capacity)
            entries.Remove(entries.MinBy(pair => pair.Value.LastUsed).Key);
    }

    private ResiliencePipeline<OutboundResult> Build() =>
        new ResiliencePipelineBuilder<OutboundResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<OutboundResult>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = Window,
                BreakDuration = Break,
                ShouldHandle = static attempt => ValueTask.FromResult(IsUnwell(attempt.Outcome)),
            })
            .Build();

    // A 4xx says that the service lives and disliked the input: were it counted, one agent's bad input would close the service
    // to all others. A cancelled probe (an exception) counts as failed, else it would close the breaker without any answer.
    private static bool IsUnwell(Outcome<OutboundResult> outcome) => outcome.Exception is not null || outcome.Result switch
    {
        OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: < 500 } => false,
        OutboundResult.Failed { Kind: OutboundFailure.Refused } => false,
        OutboundResult.Failed => true,
        _ => false,
    };

    private sealed class Entry(ResiliencePipeline<OutboundResult> pipeline)
    {
        public ResiliencePipeline<OutboundResult> Pipeline { get; } = pipeline;

        public long LastUsed { get; set; }
    }
}
