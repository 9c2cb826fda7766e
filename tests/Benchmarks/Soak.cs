using System.Globalization;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks;

/// <summary>
/// Runs for a long time at a share of what the server does at most, which is measured first: what it takes and how long an answer takes, all the while. What rises is said by how much the last third of the time has more than the first.
/// </summary>
internal static class Soak
{
    private const string OverTime = "Over time", Minute = "minute", Memory = "memory MB", Handles = "handles", Threads = "threads", P50 = "p50 ms", P99 = "p99 ms", Rate = "answered a second";

    public static readonly IReadOnlyList<Plot> Plots =
    [
        new Curves("soak-memory.svg", "Soak: resident memory of the server, MB", OverTime, "minutes", "MB", [Memory], LogX: false, LogY: false),
        new Curves("soak-handles.svg", "Soak: open files and threads of the server", OverTime, "minutes", "", [Handles, Threads], LogX: false, LogY: false),
        new Curves("soak-latency.svg", "Soak: how long a run takes, ms", OverTime, "minutes", "ms", [P50, P99], LogX: false, LogY: false),
    ];

    public static async Task<Measures> Run(Options options)
    {
        var (every, share) = (options.Number("every", 10), options.Number("share", 70));
        var seconds = options.Number("minutes", 0) * 60 is > 0 and var minutes ? minutes : options.Number("seconds", 60);
        await using var stage = new Stage(options);
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        stage.Settle(store);
        var subject = stage.Http("soak", "runs", agora, sessions.Select(s => LoadRequests.Post(s.Runs, s.Token)), "\"status\":\"posted\"");
        var most = await subject.Measure(new(stage.Postgres), options.Number("warm-up", 10), options.Number("most-seconds", 10));
        var asked = options.Number("rate", (int)most.Rate * share / 100);
        subject = subject with { RequestsPerSecond = asked };
        await using var load = subject.Load();
        await subject.Run(load, every); // what waited at full load is over
        var samples = new List<Sample>();
        for (var second = every; second <= seconds; second += every)
        {
            var seen = await subject.Run(load, every);
            var times = Histogram.Restore(seen.Latencies);
            samples.Add(new(second / 60.0, seen.Answers / seen.Seconds, times.Percentile(0.5).TotalMilliseconds, times.Percentile(0.99).TotalMilliseconds, ProcessStatus.Of(agora.Processes[0])));
        }

        return new(
            await stage.Settings(),
            [
                .. Measures.Of(
                    ("at most, a second", Report.Of(most.Rate), ""),
                    ($"asked for a second, {share} % of it", Report.Of(asked), ""),
                    ("answered a second, median", Report.Of(Median(samples, s => s.Rate)), ""),
                    ("p50, median of all", $"{Report.Of(Median(samples, s => s.P50), 2)} ms", ""),
                    ("p99, median of all", $"{Report.Of(Median(samples, s => s.P99), 2)} ms", "goal <= 50 ms"),
                    ("last third / first third: memory", Risen(samples, s => s.Status.MemoryBytes), "flat: about 1"),
                    ("last third / first third: handles", Risen(samples, s => s.Status.Handles), "flat: about 1"),
                    ("last third / first third: p50", Risen(samples, s => s.P50), "flat: about 1"),
                    ("last third / first third: p99", Risen(samples, s => s.P99), "flat: about 1")).Tables,
                new(OverTime, [Minute, Rate, P50, P99, Memory, Handles, Threads], [.. samples.Select(Row)]),
            ]);
    }

    private static IReadOnlyList<string> Row(Sample sample) =>
    [
        Report.Of(sample.Minute, 2), Report.Of(sample.Rate), Report.Of(sample.P50, 2), Report.Of(sample.P99, 2), Report.Of(sample.Status.MemoryBytes / 1_048_576.0),
        sample.Status.Handles.ToString(CultureInfo.InvariantCulture), sample.Status.Threads.ToString(CultureInfo.InvariantCulture),
    ];

    private static string Risen(List<Sample> samples, Func<Sample, double> of)
    {
        var third = Math.Max(1, samples.Count / 3);
        return Report.Of(Median([.. samples.TakeLast(third)], of) / Median([.. samples.Take(third)], of), 2);
    }

    private static double Median(List<Sample> samples, Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Count / 2);

    private sealed record Sample(double Minute, double Rate, double P50, double P99, ProcessStatus Status);
}
