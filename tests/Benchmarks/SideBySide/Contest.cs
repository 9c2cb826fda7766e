using Agora.Benchmarks.Results;
namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// Measures its subjects in turn, round after round, so that what changes on the machine meanwhile meets all of them alike. A
/// first round is for warming up alone.
/// </summary>
internal sealed class Contest(Options options, Meter meter)
{
    private readonly int _seconds = options.Number("seconds", 10);
    private readonly int _rounds = options.Number("rounds", 3);
    private readonly int _warmUp = options.Number("warm-up", 6);
    private readonly int _firstWarmUp = options.Number("first-warm-up", 10);

    public async Task<IReadOnlyList<Score>> Run(IReadOnlyList<Subject> subjects)
    {
        var scores = subjects.Select(s => new Score(s)).ToList();
        foreach (var score in scores)
        {
            Console.Error.WriteLine(score.Subject.Server is { } server ? $"{score.Subject.Name}: {string.Join(", ", server.Processes.Zip(server.Addresses, (process, address) => $"process {process}, {address}"))}" : $"{score.Subject.Name}: no server");
            score.Warm(await score.Subject.Measure(meter, 1, _firstWarmUp));
        }

        for (var round = 1; round <= _rounds; round++)
        {
            foreach (var score in scores)
            {
                await meter.Checkpoint();
                var measured = await score.Subject.Measure(meter, _warmUp, _seconds);
                score.Add(measured);
                Console.Error.WriteLine($"round {round}, {score.Subject.Name}: {Report.Of(measured.Rate)}/s");
            }
        }

        return scores;
    }

    private static readonly string[] Columns =
    [
        "", "a second, median", "least–most", "p50 ms", "p95 ms", "p99 ms", "max ms", "mean ms", "server CPU µs", "PostgreSQL CPU µs", "service CPU µs", "load CPU µs", "allocated KB", "write transactions", "WAL bytes", "answer bytes",
        "CPU elsewhere",
    ];

    private const string Answers = "CPU, allocations, transactions, WAL and bytes are an answer's, over all rounds; every answer was 200, and one in 64 was looked at. "
        + "Elsewhere: the part of all cores that went to processes which take no part.";

    public static Measures Found(IReadOnlyList<Score> scores, IReadOnlyList<string> settings, Table? beside = null, string meaning = Answers) =>
        new([.. settings, meaning], [new("", Columns, [.. scores.Select(score => (IReadOnlyList<string>)[score.Subject.What, .. Cells(score)])]), .. beside is { Rows.Count: > 0 } ? new[] { beside } : []]);

    /// <param name="ratios">Of which subject's rate to which other's; those that did not take part are left out.</param>
    public static Table Ratios(IReadOnlyList<Score> scores, params IReadOnlyList<(string What, string Of, string To, string Goal)> ratios) => new(
        "Side by side",
        ["", "ratio", "goal"],
        [.. ratios.Select(r => (r.What, Ratio: Rate(scores, r.Of) / Rate(scores, r.To), r.Goal)).Where(r => r.Ratio is not null).Select(r => (IReadOnlyList<string>)[r.What, Report.Of(r.Ratio!.Value, 2), r.Goal])]);

    private static double? Rate(IReadOnlyList<Score> scores, string name) => scores.FirstOrDefault(s => s.Subject.Name == name)?.MedianRate;

    private static IEnumerable<string> Cells(Score score)
    {
        var (used, answers) = (score.Used, (double)score.Answers);
        string Micros(TimeSpan time) => time == default ? "" : Report.Of(time.TotalMicroseconds / answers);
        string Each(double sum, int digits) => sum == 0 ? "" : Report.Of(sum / answers, digits);
        return
        [
            Report.Of(score.MedianRate),
            $"{Report.Of(score.Rates.Least)}–{Report.Of(score.Rates.Most)}",
            .. Latencies(score),
            Micros(used.Server),
            Micros(used.Postgres),
            Micros(used.Service),
            Micros(used.Load),
            Each(used.Allocated / 1024.0, 1),
            Each(used.Writes, 3),
            Each(used.WalBytes, 0),
            score.BodyBytes == 0 ? "" : Report.Of(score.BodyBytes),
            $"{Report.Of(100 * score.Elsewhere)} %",
        ];
    }

    private static IEnumerable<string> Latencies(Score score) => score.Latencies is { } seen
        ? [.. new[] { 0.50, 0.95, 0.99 }.Select(p => Millis(seen.Percentile(p).TotalMilliseconds)), Millis(seen.Max / 1000.0), Millis(seen.Mean.TotalMilliseconds)]
        : ["", "", "", "", Millis(score.Mean!.Value.TotalMilliseconds)];

    private static string Millis(double milliseconds) => Report.Of(milliseconds, milliseconds < 10 ? 2 : 1);
}
