using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks.Growing;

/// <summary>Runs over HTTP on PostgreSQL, by so many connections at once, each of which asks anew when it is answered.</summary>
internal static class ConnectionGrowth
{
    private const string Title = "Connections", Rate = "runs a second", P50 = "p50 ms", P99 = "p99 ms";

    public static readonly IReadOnlyList<Plot> Plots =
    [
        new Curves("growth-connections.svg", "Runs a second, by so many connections at once", Title, "connections", "/s", [Rate], LogY: false),
        new Curves("growth-connections-latency.svg", "How long a run takes, by so many connections at once, ms", Title, "connections", "ms", [P50, P99]),
    ];

    public static async Task<Table> Measure(IReadOnlyList<int> sizes, Options options)
    {
        await using var stage = new Stage(new(["--sessions", $"{Math.Max(1_000, 2 * sizes.Max())}"])); // none has two runs under way
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        stage.Settle(store);
        var subject = stage.Http("connections", "", agora, sessions.Select(s => LoadRequests.Post(s.Runs, s.Token)), "\"status\":\"posted\"");
        var meter = new Meter(stage.Postgres);
        List<IReadOnlyList<string>> rows = [];
        await subject.Measure(meter, 1, 5); // for the just-in-time compiler
        foreach (var size in sizes)
        {
            await meter.Checkpoint();
            var seen = await (subject with { Connections = size }).Measure(meter, 1, options.Number("seconds", 3));
            rows.Add([Report.Of(size), Report.Of(seen.Rate), Growth.Milliseconds(seen.Latencies!.Percentile(0.5)), Growth.Milliseconds(seen.Latencies.Percentile(0.99))]);
        }

        return new(Title, ["connections", Rate, P50, P99], rows);
    }
}
