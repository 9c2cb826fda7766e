using System.Diagnostics;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks;

/// <summary>
/// Sponsored runs over real HTTP on SQLite: every one is authenticated, validated, held, called, settled and durable before its
/// answer. Spread over many campaigns, and all on one. The load comes from the same process, so its cost is in the numbers.
/// </summary>
internal static class Runs
{
    private const int Sessions = 1_000;

    public static async Task<Measures> Run(Options options)
    {
        var lines = new List<(string, string, string)>();
        foreach (var campaigns in options.Number("campaigns", 0) is > 0 and var only ? [only] : new[] { Sessions, 1 })
        {
            lines.AddRange(Lines(campaigns == 1 ? "all on one campaign" : $"spread over {Report.Of(campaigns)} campaigns", await Measure(options, campaigns)));
        }

        return Measures.Of([.. lines]);
    }

    /// <summary>The same load, looked at for what it writes.</summary>
    public static async Task<Measures> Rows(Options options)
    {
        var spread = await Measure(options, campaigns: Sessions);
        var hot = await Measure(options, campaigns: 1);
        return Measures.Of([.. RowLines("spread over 1,000 campaigns", spread, 8), .. RowLines("all on one campaign", hot, 5)]);
    }

    private static async Task<Measured> Measure(Options options, int campaigns)
    {
        var (seconds, connections) = (options.Number("seconds", 10), options.Number("connections", 128));
        using var directory = new ScratchDirectory();
        await using var product = await Product.Start(directory.Path, counts: true);
        var runners = (await Market.Open(product.Address, Sessions, campaigns)).Select(s => LoadRequests.Post(s.Runs, s.Token)).ToList();
        await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(options.Number("warm-up", 15)));

        var (rows, commits) = (product.Journal.Rows, product.Journal.Commits);
        var (allocated, cpu) = (GC.GetTotalAllocatedBytes(), Process.GetCurrentProcess().TotalProcessorTime);
        var seen = await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(seconds));
        if (seen.Statuses.Keys.Any(status => status != 200))
        {
            throw new InvalidOperationException($"Not every run succeeded: {string.Join(", ", seen.Statuses)}");
        }

        return new(
            seen,
            product.Journal.Rows.ToDictionary(r => r.Key, r => (r.Value - rows.GetValueOrDefault(r.Key)) / (double)seen.Answers),
            seen.Answers / (double)(product.Journal.Commits - commits),
            (GC.GetTotalAllocatedBytes() - allocated) / (double)seen.Answers,
            (Process.GetCurrentProcess().TotalProcessorTime - cpu) / seen.Answers);
    }

    private static IEnumerable<(string, string, string)> Lines(string how, Measured measured) =>
    [
        ($"runs a second, {how}", Report.Of(measured.Seen.Answers / measured.Seen.Took.TotalSeconds), "goal 3,000"),
        ("  p50", Report.Milliseconds(Report.Percentile(measured.Seen.Ticks, 0.50)), ""),
        ("  p99", Report.Milliseconds(Report.Percentile(measured.Seen.Ticks, 0.99)), ""),
        ("  runs a commit", Report.Of(measured.RunsACommit, 1), ""),
        ("  rows a run", Report.Of(measured.Rows.Values.Sum(), 2), ""),
        ("  CPU a run, with the load's", $"{Report.Of(measured.Cpu.TotalMicroseconds)} us", ""),
        ("  allocated a run, with the load's", $"{Report.Of(measured.Allocated / 1024, 1)} KB", ""),
    ];

    private static IEnumerable<(string, string, string)> RowLines(string how, Measured measured, int goal) =>
    [
        ($"rows a run, {how}", Report.Of(measured.Rows.Values.Sum(), 2), $"goal <= {goal}"),
        .. measured.Rows.Where(r => r.Value >= 0.005).Select(r => ($"  {r.Key}", Report.Of(r.Value, 2), "")),
        ("  runs a second meanwhile", Report.Of(measured.Seen.Answers / measured.Seen.Took.TotalSeconds), ""),
        ("  runs a commit", Report.Of(measured.RunsACommit, 1), ""),
    ];

    private sealed record Measured(Seen Seen, IReadOnlyDictionary<string, double> Rows, double RunsACommit, double Allocated, TimeSpan Cpu);
}
