using System.Diagnostics.Metrics;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

[Collection(nameof(MetricsTests))]
[CollectionDefinition(nameof(MetricsTests), DisableParallelization = true)]
public sealed class MetricsTests : CommitterFixture
{
    [Fact]
    public void Batches_outcomes_latency_and_depth_are_measured()
    {
        var measured = new Dictionary<string, List<double>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Agora.Journal")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        void Add(Instrument instrument, double value) => (measured.TryGetValue(instrument.Name, out var list) ? list : measured[instrument.Name] = []).Add(value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();

        var committer = Committer();
        var writer = committer.Open("s/1", StreamHead.Empty);
        _ = writer.Append(Pending("a"));
        _ = writer.Append(Pending("b"));
        _ = committer.Open("s/2", StreamHead.Empty).Append(Pending("c"));
        Turns.Run();
        Time.Advance(TimeSpan.FromSeconds(3));
        Answer();

        Assert.Equal([2.0], measured["agora.journal.batch.rows"]);
        Assert.Equal([3.0], measured["agora.journal.batch.entries"]);
        Assert.Equal([3.0], measured["agora.journal.commit.duration"]);
        Assert.Equal(0, measured["agora.journal.queue.entries"].Sum());
        Assert.Equal(2, measured["agora.journal.outcomes"].Sum());
    }
}
