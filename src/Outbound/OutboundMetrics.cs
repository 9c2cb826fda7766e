using System.Diagnostics.Metrics;

namespace Agora.Outbound;

/// <summary>Counts attempts by outcome and how long they took. No service ids: they are unbounded, and tenants' own.</summary>
internal sealed class OutboundMetrics : IDisposable
{
    public const string MeterName = "Agora.Outbound";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> attempts;
    private readonly Histogram<double> duration;

    public OutboundMetrics()
    {
        attempts = meter.CreateCounter<long>("agora.outbound.attempts", "{attempt}", "Attempts of outbound calls by outcome.");
        duration = meter.CreateHistogram<double>("agora.outbound.attempt.duration", "s", "Time of one outbound attempt.");
    }

    public void Attempted(OutboundResult result, TimeSpan elapsed)
    {
        var outcome = new KeyValuePair<string, object?>("outcome", result is OutboundResult.Failed failed ? failed.Kind.ToString() : "Succeeded");
        attempts.Add(1, outcome);
        duration.Record(elapsed.TotalSeconds, outcome);
    }

    public void Dispose() => meter.Dispose();
}
