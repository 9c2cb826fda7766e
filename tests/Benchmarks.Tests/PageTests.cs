using System.Globalization;
using System.Xml.Linq;
using Agora.Benchmarks.Results;
using Agora.Testing;

namespace Agora.Benchmarks.Tests;

/// <summary><c>bench/</c> is written from what was measured, and from nothing else.</summary>
public sealed class PageTests
{
    private static readonly Run Committed = Run.Read(Repository.File("bench/results.json"));

    /// <summary>Each plot over figures of its own, at sizes that grow tenfold.</summary>
    public static TheoryData<string> AllPlots() => [.. Parts.All.SelectMany(part => part.Plots).Select(plot => plot.File)];

    [Fact]
    public void The_page_that_is_committed_is_the_one_that_its_results_make() => Assert.Equal(Repository.Text("bench/README.md"), RunPage.Markdown(Committed));

    [Fact]
    public void The_plots_that_are_committed_are_those_that_their_results_make()
    {
        var plots = RunPage.Plots(Committed).ToList();
        Assert.NotEmpty(plots);
        Assert.Equal(plots.Select(p => p.File).Order(StringComparer.Ordinal), Directory.EnumerateFiles(Repository.File("bench"), "*.svg").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(plots, plot => Assert.Equal(Repository.Text($"bench/{plot.File}"), plot.Svg));
    }

    /// <summary>docs/scaling.md repeats them in its own words: a new measurement has to change both.</summary>
    [Fact]
    public void The_figures_of_runs_and_transfers_in_the_page_on_scaling_are_the_measured_ones()
    {
        var (page, rows) = (Repository.Text("docs/scaling.md"), Repository.Text("bench/README.md").Split('\n').Where(static line => line.StartsWith('|')).Select(static line => line.Split('|').Select(static cell => cell.Trim()).ToArray()).ToList());
        string[] Row(string name) => rows.First(row => row[1] == name);
        var (spread, one, plain, plainOne) = (Row("(b) Agora, spread"), Row("(b) Agora, all on one"), Row("(a) ASP.NET and Npgsql, spread"), Row("(a) ASP.NET and Npgsql, all on one"));

        Assert.Contains($"| runs a second on the two cores | {spread[2]} | {one[2]} |", page, StringComparison.Ordinal);
        Assert.Contains($"| CPU of the server | {spread[9]} µs | {one[9]} µs |", page, StringComparison.Ordinal);
        Assert.Contains($"| CPU of PostgreSQL | {spread[10]} µs | {one[10]} µs |", page, StringComparison.Ordinal);
        Assert.Contains($"| allocated | {spread[13]} KB | {one[13]} KB |", page, StringComparison.Ordinal);
        Assert.Contains($"| p50, p95, p99 | {spread[4]}, {spread[5]}, {spread[6]} ms | {one[4]}, {one[5]}, {one[6]} ms |", page, StringComparison.Ordinal);
        Assert.Contains($"| the usual design; Agora does | {plain[2]}; {Row("b / a, spread")[2]} times as much | {plainOne[2]}; {Row("b / a, all on one")[2]} times |", page, StringComparison.Ordinal);
        Assert.Contains($"| `-- transfers`: random pairs of 10,000 wallets | {Row("transfers a second, random pairs of 10,000 wallets")[2]} |", page, StringComparison.Ordinal);
        Assert.Contains($"no HTTP | {Row("runs a second through user, grant, session, sub-session and fund")[2]} |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void No_part_failed_in_the_results_that_are_committed() => Assert.DoesNotContain(Committed.Parts, part => part.Failed is not null);

    [Fact]
    public void Each_promise_is_measured_by_a_part_and_has_one_line_on_the_page()
    {
        var lines = RunPage.Markdown(Committed).Split('\n');
        Assert.All(Promises.All, promise =>
        {
            Assert.Contains(Parts.All, part => part.Name == promise.Part);
            Assert.Single(lines, line => line.StartsWith($"| {promise.What} ", StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData("524,176", "met")]
    [InlineData("99,999", "**missed**")]
    [InlineData("none", "not measured")]
    public void A_promise_is_met_missed_or_not_measured_by_its_figure(string figure, string verdict)
    {
        var run = Committed with { Parts = [new("schema", "validations", "abc", 1, "0.1", Measures.Of(("validations a second, one core", figure, "")))] };
        var line = RunPage.Markdown(run).Split('\n').Single(l => l.StartsWith("| validations by JSON Schema", StringComparison.Ordinal));
        Assert.Equal(verdict, line.Split('|')[4].Trim());
    }

    [Theory]
    [InlineData("9.9", false)]
    [InlineData("10.1", true)]
    public void A_machine_that_others_used_is_said_above_all_figures(string load, bool isSaid)
    {
        var run = Committed with { Machine = Committed.Machine with { Cores = 2 }, Parts = [new("schema", "validations", "abc", 1, load, Measures.Of(("validations a second", "1", "")))] };
        Assert.Equal(isSaid, RunPage.Markdown(run).Split("## Promises")[0].Contains("Others used this machine meanwhile", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_that_failed_is_said_and_keeps_no_promise()
    {
        var page = RunPage.Markdown(Committed with { Parts = [new("schema", "validations", "abc", 1, "0.1", null, "Unhandled exception.")] });
        Assert.Contains("**It failed**: Unhandled exception.", page, StringComparison.Ordinal);
        Assert.Contains($"0 met, 0 missed, {Promises.All.Count} not measured", page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllPlots))]
    public void A_plot_is_well_formed_and_all_that_it_draws_is_on_it(string file)
    {
        var plot = Parts.All.SelectMany(part => part.Plots).Single(p => p.File == file);
        var svg = XDocument.Parse(plot.Draw(Example(plot))!);
        var (width, height) = (Number(svg.Root!, "width"), Number(svg.Root!, "height"));
        var drawn = svg.Descendants().Where(e => e.Name.LocalName is "text" or "circle" or "rect").ToList();
        Assert.Contains(svg.Descendants(), e => e.Attribute("class")?.Value is "line" || e.Attribute("class")?.Value.StartsWith("bar", StringComparison.Ordinal) == true);
        Assert.All(drawn, e =>
        {
            Assert.InRange(Number(e, e.Name.LocalName == "circle" ? "cx" : "x"), 0, width);
            Assert.InRange(Number(e, e.Name.LocalName == "circle" ? "cy" : "y"), 0, height);
        });
    }

    [Fact]
    public void A_plot_of_what_was_not_measured_is_none() => Assert.All(Parts.All.SelectMany(part => part.Plots), plot => Assert.Null(plot.Draw(Measures.Of())));

    [Fact]
    public void A_name_with_signs_of_markup_is_drawn_as_text()
    {
        var svg = XDocument.Parse(new Bars("x.svg", "a < b & \"c\"", "figure").Draw(Measures.Of(("<script>", "5", "")))!);
        Assert.Contains(svg.Descendants(), e => e.Name.LocalName == "text" && e.Value == "<script>");
    }

    [Fact]
    public void Results_are_read_as_they_were_written()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("agora-results-").FullName, "results.json");
        Committed.Write(file);
        Assert.Equal(Repository.Text("bench/results.json"), File.ReadAllText(file));
    }

    private static Measures Example(Plot plot) => plot switch
    {
        Bars bars => new([], [new(bars.Table, ["", bars.Column], [.. (bars.Rows.Count > 0 ? bars.Rows : ["(a) others", "(b) Agora", "nothing"]).Select((name, n) => (IReadOnlyList<string>)[name, $"{(n * 1_500) + 1}"])])]),
        Curves curves => new([], [new(curves.Table, ["x", .. curves.Columns], [.. Enumerable.Range(1, 4).Select(n => (IReadOnlyList<string>)[$"{Math.Pow(10, n)}", .. curves.Columns.Select((_, c) => $"{(n * n * 7) + c}")])])]),
        _ => throw new ArgumentOutOfRangeException(nameof(plot)),
    };

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)?.Value ?? "0", CultureInfo.InvariantCulture);
}
