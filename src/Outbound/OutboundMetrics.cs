using System.Diagnostics.Metrics;

namespace Agora.Outbound;

/// <summary>Counts attempts by outcome and how long they took. No service ids: they are unbounded, and tenants' own.</summary>
internal sealed class OutboundMetrics : IDisposable
{
    public const string MeterName = "Agora.Outbound";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;

    public OutboundMetrics()
    {
        _attempts = _meter.CreateCounter<long>("agora.outbound.attempts", "{attempt}", "Attempts of outbound calls by outcome.");
        _duration = _meter.CreateHistogram<double>("agora.outbound.attempt.duration", "s", "Time of one outbound attempt.");
        _attempts.Add(0, new KeyValuePair<string, object?>("outcome", "Succeeded"));
        foreach (var kind in Enum.GetNames<OutboundFailure>())
        {
            _attempts.Add(0, new KeyValuePair<string, object?>("outcome", kind));
        }
    }

    public void Attempted(OutboundResult result, TimeSpan elapsed)
    {
        var outcome = new KeyValuePair<string, object?>("outcome", result is OutboundResult.Failed failed ? failed.Kind.ToString() : "Succeeded");
        _attempts.Add(1, outcome);
        _duration.Record(elapsed.TotalSeconds, outcome);
    }

    public void Dispose() => _meter.Dispose();
}
