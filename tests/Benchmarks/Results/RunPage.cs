using System.Globalization;
using System.Text;

namespace Agora.Benchmarks.Results;

/// <summary><c>bench/README.md</c> and its plots, from a run alone: the same run gives the same bytes.</summary>
internal static class RunPage
{
    private const int ManyRows = 12, MuchLoad = 5;

    public static void Write(Run run, string folder)
    {
        foreach (var old in Directory.EnumerateFiles(folder, "*.svg")) File.Delete(old);
        foreach (var (file, svg) in Plots(run)) File.WriteAllText(Path.Combine(folder, file), svg);
        File.WriteAllText(Path.Combine(folder, "README.md"), Markdown(run));
    }

    public static IEnumerable<(string File, string Svg)> Plots(Run run) =>
        from part in Parts.All from plot in part.Plots let svg = run.Of(part.Name) is { } measures ? plot.Draw(measures) : null where svg is not null select (plot.File, svg);

    public static string Markdown(Run run)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # What Agora does a second, and what it costs

            Written by `{Report.Command($"all --{run.Mode}")}`: {run.At:yyyy-MM-dd HH:mm} UTC, commit {run.Commit}, in {Report.Of(run.Parts.Sum(p => p.Seconds) / 60)} minutes.
            {run.Machine}. All processes of a comparison, load included, share these cores; they take turns within one run, so read the ratios: absolute figures are this machine's.{Disturbed(run)}

            ## Promises

            {Verdicts(run)}

            ## How to read it

            * *A second* is the median of the rounds, with the least and the most of them beside it. *p50* to *mean* are how long an answer took, from when its request was sent, or was due where requests come at a rate.
            * *CPU* is processor time that the kernel counted for these processes, divided by the answers: the server's, all of PostgreSQL's, that of the service which is run, and that of the program which makes the load. *Elsewhere* is the
              share of all cores that went to processes which take no part: where it is above a few per cent read ratios only.
            * *Allocated* is what the server's collector handed out. *Write transactions* and *WAL bytes* are PostgreSQL's own counts, by answer.
            * Servers were warm: compiling takes a fifth of a new server's time for the first quarter of a minute under such load.

            """);
        foreach (var part in Parts.All)
        {
            if (run.Parts.FirstOrDefault(p => p.Name == part.Name) is { } result)
            {
                Section(text, part, result, run.Commit);
            }
        }

        var left = Parts.All.Where(part => run.Parts.All(p => p.Name != part.Name)).Select(part => part.Name).ToList();
        if (left.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNot measured in this run: {string.Join(", ", left)} (`--full` does).\n");
        }

        return text.ToString();
    }

    /// <summary>A part leaves some load behind for the next one, but not that of many.</summary>
    private static string Disturbed(Run run) => run.Parts.Max(p => Figures.First(p.LoadBefore) ?? 0) is var most && most > MuchLoad * run.Machine.Cores
        ? $"\n\n**Others used this machine meanwhile** (load average up to {Report.Of(most)} on {run.Machine.Cores} cores): these figures say that the measurements run, and little of Agora. Measure anew where nothing else runs."
        : "";

    private static string Verdicts(Run run)
    {
        var judged = Promises.All.Select(promise => (promise, promise.Judge(run))).ToList();
        var table = new Table("", ["promise", "goal", "figure", "", "measured by"],
        [
            .. judged.Select(j => (IReadOnlyList<string>)[j.promise.What, j.promise.Goal, j.Item2.Figures, j.Item2.IsMet switch { true => "met", false => "**missed**", null => "not measured" }, $"`{j.promise.Part}`"]),
        ]);
        int Count(bool? met) => judged.Count(j => j.Item2.IsMet == met);
        return $"{Count(true)} met, {Count(false)} missed, {Count(null)} not measured in this run.\n\n{table.Markdown().TrimEnd()}";
    }

    private static void Section(StringBuilder text, Part part, PartResult result, string commit)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {part.Title}\n\n{part.What}\n\n`{Report.Command(result.Arguments)}` ({Report.Of(result.Seconds)} s; load average {result.LoadBefore} when it began{(result.Commit == commit ? "" : $"; commit {result.Commit}")})\n\n");
        if (result.Measures is not { } measures)
        {
            text.Append(CultureInfo.InvariantCulture, $"**It failed**: {result.Failed}\n");
            return;
        }

        foreach (var plot in part.Plots.Where(plot => plot.Draw(measures) is not null)) text.Append(CultureInfo.InvariantCulture, $"![{plot.Title}]({plot.File})\n\n");
        var isLong = measures.Tables.Sum(t => t.Rows.Count) > ManyRows;
        text.Append(isLong ? $"<details><summary>{measures.Tables.Sum(t => t.Rows.Count)} rows</summary>\n\n" : "").Append(measures.Markdown()).Append(isLong ? "\n</details>\n" : "");
    }
}
