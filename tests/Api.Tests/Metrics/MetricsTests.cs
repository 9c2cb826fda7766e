using System.Diagnostics.Metrics;
using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Web;

namespace Agora.Api.Tests.Metrics;

public sealed class MetricsTests
{
    [Fact]
    public void Counters_gauges_and_histograms_are_rendered_as_Prometheus_reads_them()
    {
        using var meter = new Meter("Agora.Tests.Rendering");
        using var text = new MetricsText();
        var runs = meter.CreateCounter<long>("tests.runs", "{run}", "Runs");
        var open = meter.CreateUpDownCounter<int>("tests.open");
        meter.CreateObservableGauge("tests.depth", () => 7);
        var took = meter.CreateHistogram<double>("tests.took", "s");
        runs.Add(2, new KeyValuePair<string, object?>("state", "a \"b\"\n"));
        open.Add(3);
        open.Add(-1);
        took.Record(0.002);
        took.Record(30);

        var lines = text.Render().Split('\n');

        Assert.Contains("# TYPE tests_runs_total counter", lines);
        Assert.Contains("""tests_runs_total{state="a \"b\"\n"} 2""", lines);
        Assert.Contains("tests_open 2", lines);
        Assert.Contains("tests_depth 7", lines);
        Assert.Contains("# TYPE tests_took_seconds histogram", lines);
        Assert.Contains("""tests_took_seconds_bucket{le="0.001"} 0""", lines);
        Assert.Contains("""tests_took_seconds_bucket{le="0.0025"} 1""", lines);
        Assert.Contains("""tests_took_seconds_bucket{le="+Inf"} 2""", lines);
        Assert.Contains("tests_took_seconds_sum 30.002", lines);
        Assert.Contains("tests_took_seconds_count 2", lines);
    }

    [Fact]
    public void Tags_that_read_the_same_are_one_series_and_others_are_not()
    {
        using var meter = new Meter("Agora.Tests.Tags");
        using var text = new MetricsText();
        var seen = meter.CreateCounter<long>("tests.seen");
        seen.Add(1, new("code", 1), new("kind", "a"));
        seen.Add(2, new("code", "1"), new("kind", "a"));
        seen.Add(4, new("code", 1), new("kind", "b"));
        seen.Add(8, new KeyValuePair<string, object?>("code", 1));

        var lines = text.Render().Split('\n').Where(line => line.StartsWith("tests_seen_total", StringComparison.Ordinal));

        Assert.Equal(["""tests_seen_total{code="1",kind="a"} 3""", """tests_seen_total{code="1",kind="b"} 4""", """tests_seen_total{code="1"} 8"""], lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_two_of_a_kind_count_is_one_series()
    {
        using var first = new Meter("Agora.Tests.Twice");
        using var second = new Meter("Agora.Tests.Twice");
        using var text = new MetricsText();
        first.CreateCounter<long>("tests.twice").Add(1);
        second.CreateCounter<long>("tests.twice").Add(2);

        Assert.Equal(["tests_twice_total 3"], text.Render().Split('\n').Where(line => line.StartsWith("tests_twice_total", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(200, "served")]
    [InlineData(499, "served")]
    [InlineData(500, "failed")]
    [InlineData(502, "served")]
    [InlineData(503, "failed")]
    [InlineData(504, "served")]
    public void Of_all_statuses_500_and_503_alone_are_counted_as_failed(int status, string outcome)
    {
        var (thread, counted) = (Environment.CurrentManagedThreadId, new List<object?>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, to) =>
        {
            if (instrument.Name == "agora.api.requests")
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            // Others' requests are counted meanwhile, on other threads.
            if (count == 1 && Environment.CurrentManagedThreadId == thread)
            {
                counted.Add(tags[0].Value);
            }
        });
        listener.Start();

        ApiMetrics.Counted(status);

        Assert.Equal([outcome], counted);
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using var meter = new Meter("Other.Tests");
        using var text = new MetricsText();
        meter.CreateCounter<long>("other.things").Add(1);

        Assert.DoesNotContain("other_things", text.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_by_operation_and_status_and_refusals_by_code_are_counted_and_no_secret_is()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();
        (await api.Client.Get("/agent/tasks/none", token)).Refused(404, "not_found");

        var metrics = await api.Client.Text("/metrics");

        Assert.Contains("""agora_api_request_duration_seconds_count{operation="get_task",status="404"}""", metrics, StringComparison.Ordinal);
        Assert.Contains("""agora_api_rejections_total{code="not_found"}""", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(token, metrics, StringComparison.Ordinal);
    }
}
