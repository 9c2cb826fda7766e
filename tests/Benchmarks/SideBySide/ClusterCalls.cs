using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// What a grain call costs that crosses between silos. <c>GET /admin/campaigns/{id}</c> is exactly one call to a grain, a query of what it
/// has in memory. All grains are brought to life while the first silo is alone, and stay there when the second one joins: a request to the
/// first silo stays in it, the same request to the second crosses. At a rate, a tenth of what both silos answered when they were
/// asked without a pause.
/// </summary>
internal static class ClusterCalls
{
    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var service = stage.Add(await Child.StartServer("serve-bare"));
        var (store, silos) = await stage.Cluster("cluster", SiloPrograms.Own, 1, service);
        await Market.Open(silos.Addresses, 1, stage.Campaigns, new Uri(service.Address, "/service"));
        await silos.Add();
        stage.Settle(store);

        var meter = new Meter(stage.Postgres);
        HttpSubject Subject(string name, string what, IServer asked) => stage.Http(
            name, what, asked, Enumerable.Range(0, stage.Campaigns).Select(n => LoadRequests.Get($"/admin/campaigns/campaign-{n}", Product.AdminKey)), "\"status\":\"success\"");
        var whole = await Subject("both", "", silos).Measure(meter, options.Number("first-warm-up", 10), options.Number("seconds", 10));
        var rate = options.Number("rate", (int)whole.Rate / 10);
        var scores = await new Contest(options, meter).Run(
        [
            Subject("stays", "stays in the silo", silos.At(0)) with { RequestsPerSecond = rate },
            Subject("crosses", "crosses to the other silo", silos.At(1)) with { RequestsPerSecond = rate },
        ]);
        return Contest.Found(scores, [.. await stage.Settings(), $"without a pause, asked at both silos: {Report.Of(whole.Rate)} a second; here {Report.Of(rate)} a second, times counted from when a request was due"], Differences(scores[0].Rounds, scores[1].Rounds));
    }

    // By pairs, since what else the machine does changes from round to round.
    private static Table Differences(IReadOnlyList<Measurement> stays, IReadOnlyList<Measurement> crosses) => new("What crossing adds", ["", "stays, ms", "crosses, ms", "adds, ms: median of the rounds", "goal"],
    [
        .. new[] { ("p50", 0.50, ""), ("p95", 0.95, ""), ("p99", 0.99, "<= 1") }.Select(row => (IReadOnlyList<string>)Difference(stays, crosses, row)),
    ]);

    private static string[] Difference(IReadOnlyList<Measurement> stays, IReadOnlyList<Measurement> crosses, (string Name, double Share, string Goal) row)
    {
        double[] Of(IReadOnlyList<Measurement> rounds) => [.. rounds.Select(r => r.Latencies!.Percentile(row.Share).TotalMilliseconds)];
        var (here, there) = (Of(stays), Of(crosses));
        return [row.Name, Report.Of(Median(here), 2), Report.Of(Median(there), 2), Report.Of(Median([.. there.Zip(here, (a, b) => a - b)]), 2), row.Goal];
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
