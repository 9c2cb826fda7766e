using Agora.Benchmarks.Growing;

namespace Agora.Benchmarks.Results;

/// <param name="Table">Its title.</param>
/// <param name="Least">The figure must be so much at least, or else at most <paramref name="Most"/>.</param>
internal sealed record Check(string Row, string Column, string Unit, double? Least = null, double? Most = null, string Table = "")
{
    public double? Figure(Measures measures) => measures.Tables.FirstOrDefault(t => t.Title == Table)?.Find(Row, Column);

    public bool Holds(double figure) => figure >= (Least ?? double.MinValue) && figure <= (Most ?? double.MaxValue);
}

/// <summary>What is promised of speed and size, each with the figures that say whether it is kept.</summary>
/// <param name="Part">By which it is measured.</param>
internal sealed record Promise(string What, string Goal, string Part, params IReadOnlyList<Check> Checks)
{
    /// <returns>Figures, and whether all are as promised; null: not measured.</returns>
    public (string Figures, bool? IsMet) Judge(Run run)
    {
        var figures = Checks.Select(check => (check, Figure: run.Of(Part) is { } measures ? check.Figure(measures) : null)).ToList();
        return figures.All(f => f.Figure is not null)
            ? (string.Join(", ", figures.Select(f => Shown(f.Figure!.Value) + f.check.Unit)), figures.All(f => f.check.Holds(f.Figure!.Value)))
            : ("", null);
    }

    private static string Shown(double figure) => Report.Of(figure, figure < 10 ? 2 : figure < 100 ? 1 : 0);
}

internal static class Promises
{
    private const string Rate = "a second, median", Beside = "Side by side", Agora = "(b) Agora, spread", Figure = "figure";

    public static readonly IReadOnlyList<Promise> All =
    [
        new("runs, spread, beside ASP.NET and Npgsql", "≥ 1.3 ×", "runs", new Check("b / a, spread", "ratio", " ×", Least: 1.3, Table: Beside)),
        new("runs, all on one campaign, beside the same", "≥ 7 ×", "runs", new Check("b / a, all on one", "ratio", " ×", Least: 7, Table: Beside)),
        new("processor time of a run: the server", "≤ 130 µs", "runs", new Check(Agora, "server CPU µs", " µs", Most: 130)),
        new("processor time of a run: PostgreSQL", "≤ 60 µs", "runs", new Check(Agora, "PostgreSQL CPU µs", " µs", Most: 60)),
        new("allocated by a run", "≤ 20 KB", "runs", new Check(Agora, "allocated KB", " KB", Most: 20)),
        new("p99 of a run when nothing is left idle", "≤ 120 ms", "runs", new Check(Agora, "p99 ms", " ms", Most: 120)),
        new("p99 of a run at 70 % of that", "≤ 50 ms", "soak", new Check("p99, median of all", Figure, " ms", Most: 50)),
        new("runs on SQLite, spread", "≥ 5,000/s", "runs-sqlite", new Check(Agora, Rate, "/s", Least: 5_000)),
        new("wrk says what this program's load says", "within 20 %", "wrk", new Check("wrk / this program's load", "ratio", " ×", Least: 0.8, Most: 1.2, Table: Beside)),
        new("10,000 requests a second, mixed: p95 and mean", "< 100 ms", "mixed", new Check("at 10,000 a second", Rate, "/s", Least: 9_900), new Check("at 10,000 a second", "p95 ms", " ms p95", Most: 100), new Check("at 10,000 a second", "mean ms", " ms mean", Most: 100)),
        new("searches", "≥ 15,000/s", "reads", new Check("GET /agent/services", Rate, "/s", Least: 15_000)),
        new("one run, read", "≥ 15,000/s", "reads", new Check("GET /agent/runs", Rate, "/s", Least: 15_000)),
        new("where an agent stands (`flow/status`)", "≥ 20,000/s", "reads", new Check("GET /agent/flow/status", Rate, "/s", Least: 20_000)),
        new("a search with 100,000 campaigns and services, beside 1,000", "≤ 1.5 ×", "growth", new Check("a search that finds what one has", "last / first", " ×", Most: 1.5, Table: Growth.Flat)),
        new("transfers between random wallets, beside the two-row SQL in pgbench", "≥ 1 ×", "transfers", new Check("transfers a second, random // ratio", Figure, " ×", Least: 1)),
        new("three silos on these cores, processor time of a run beside one silo's", "≤ 2 ×", "cluster", new Check("3 silos", "server CPU a run", " ×", Most: 2, Table: "Beside the first")),
        new("runs through user, grant, session, sub-session and fund", "≥ 5,000/s", "tree", new Check("runs a second", Figure, "/s", Least: 5_000)),
        new("p95 of a search in the index of 100,000 services", "< 10 ms", "search", new Check("p95 a query", Figure, " ms", Most: 10)),
        new("validations by JSON Schema, one core", "≥ 100,000/s", "schema", new Check("validations a second", Figure, "/s", Least: 100_000)),
        new("from a start to the first answer", "< 2 s", "cold-start", new Check("to the first answered request", Figure, " s", Most: 2)),
        new("100,000 sockets that listen, none of which ends", "all live", "sockets", new Check("Agora: with 100,000", Figure, " MB"), new Check("Agora: sockets that ended", Figure, " ended", Most: 0)),
    ];
}
