using System.Globalization;
using System.Net;
using System.Text;

namespace Agora.Benchmarks.Results;

/// <summary>A picture of one table, as SVG that reads in light and in dark.</summary>
/// <param name="File">Its name in <c>bench/</c>.</param>
/// <param name="Title">With the unit.</param>
/// <param name="Table">The title of the table it is made from.</param>
internal abstract record Plot(string File, string Title, string Table)
{
    protected const int Width = 760, Top = 46;

    private const string Style = """
        <style>
        .page{fill:#fff}text{fill:#24292f;font:13px system-ui,sans-serif}.title{font-weight:600;font-size:15px}.small{font-size:12px;fill:#57606a}.grid{stroke:#d0d7de;stroke-width:1}
        .c0{--c:#0969da}.c1{--c:#bc4c00}.c2{--c:#1a7f37}.c3{--c:#8250df}.c4{--c:#bf3989}.other{--c:#8c959f}
        .bar,.dot,.key{fill:var(--c)}.line{fill:none;stroke:var(--c);stroke-width:2}
        @media (prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9198a1}.grid{stroke:#3d444d}.c0{--c:#4493f8}.c1{--c:#f0883e}.c2{--c:#3fb950}.c3{--c:#ab7df8}.c4{--c:#f778ba}.other{--c:#656c76}}
        </style>
        """;

    /// <returns>Null: there is nothing to draw.</returns>
    public string? Draw(Measures measures) => measures.Tables.FirstOrDefault(t => t.Title == Table) is { } table && Content(table) is { } content
        ? $"""
           <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {content.Height}" width="{Width}" height="{content.Height}" role="img" aria-label="{Safe(Title)}">
           {Style}
           <rect class="page" width="{Width}" height="{content.Height}"/>
           {Text(16, 27, Title, "title")}
           {content.Svg}</svg>

           """
        : null;

    protected abstract (string Svg, int Height)? Content(Table table);

    protected static string Text(double x, double y, string text, string style = "", string anchor = "start") =>
        string.Create(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" class=\"{style}\" text-anchor=\"{anchor}\">{Safe(text)}</text>\n");

    protected static string Grid(double x1, double y1, double x2, double y2) =>
        string.Create(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    /// <summary>As short as it can be read: 2.5, 400, 10k, 3M.</summary>
    protected static string Short(double value) => value switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.##}G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##}M"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.##}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:#,0.###}"),
    };

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A bar for each row that has a figure; those whose name has <paramref name="Ours"/> in it stand out.</summary>
internal sealed record Bars(string File, string Title, string Column, string Ours = "Agora", string Table = "") : Plot(File, Title, Table)
{
    private const int Left = 380, Row = 28, Right = 90;

    /// <summary>How the rows begin that have one; none: all.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    protected override (string Svg, int Height)? Content(Table table)
    {
        var at = table.Columns.ToList().IndexOf(Column);
        var rows = at < 0 ? [] : table.Rows.Where(r => Rows.Count == 0 || Rows.Any(name => r[0].StartsWith(name, StringComparison.Ordinal))).Select(r => (Name: r[0], Value: Figures.First(r[at]))).Where(r => r.Value is not null).ToList();
        if (rows.Count == 0) return null;

        var (svg, most) = (new StringBuilder(), Math.Max(rows.Max(r => r.Value!.Value), double.Epsilon));
        foreach (var (n, (name, value)) in rows.Index())
        {
            var (y, width) = (Top + (n * Row), Math.Max(1, (Width - Left - Right) * value!.Value / most));
            svg.Append(Text(Left - 10, y + 17, name, anchor: "end"))
                .Append(CultureInfo.InvariantCulture, $"<rect class=\"bar {(name.Contains(Ours, StringComparison.Ordinal) ? "c0" : "other")}\" x=\"{Left}\" y=\"{y + 4}\" width=\"{width:0.#}\" height=\"{Row - 10}\" rx=\"2\"/>\n")
                .Append(Text(Left + width + 6, y + 17, Short(value.Value)));
        }

        return (svg.ToString(), Top + (rows.Count * Row) + 14);
    }
}

/// <summary>A curve for each of the columns over the first one, which holds numbers. Both axes begin at their least figure where they are logarithmic, and at zero where they are not.</summary>
/// <param name="X">What is along the bottom.</param>
/// <param name="Unit">Of what is up the side.</param>
internal sealed record Curves(string File, string Title, string Table, string X, string Unit, IReadOnlyList<string> Columns, bool LogX = true, bool LogY = true) : Plot(File, Title, Table)
{
    private const int Left = 70, Right = 24, Legend = 50, Line = 20, Letter = 7;

    protected override (string Svg, int Height)? Content(Table table)
    {
        var curves = Columns.Select(name => (Name: name, Points: Points(table, table.Columns.ToList().IndexOf(name)))).Where(c => c.Points.Count > 0).ToList();
        if (curves.Count == 0) return null;

        var (across, up) = (new Axis(curves.SelectMany(c => c.Points).Select(p => p.X), LogX), new Axis(curves.SelectMany(c => c.Points).Select(p => p.Y), LogY));
        var keys = Keys([.. curves.Select(c => c.Name)]);
        var first = Legend + (keys[^1].Line * Line) + 24;
        var (bottom, height) = (first + 218, first + 266);
        double X(double value) => Left + ((Width - Left - Right) * across.Place(value));
        double Y(double value) => bottom - ((bottom - first) * up.Place(value));
        var svg = new StringBuilder();
        foreach (var tick in across.Ticks) svg.Append(Grid(X(tick), first, X(tick), bottom)).Append(Text(X(tick), bottom + 18, Short(tick), "small", "middle"));
        foreach (var tick in up.Ticks) svg.Append(Grid(Left, Y(tick), Width - Right, Y(tick))).Append(Text(Left - 8, Y(tick) + 4, Short(tick), "small", "end"));
        svg.Append(Text((Left + Width - Right) / 2.0, height - 10, this.X, "small", "middle")).Append(Text(Left - 8, first - 12, Unit, "small", "end"));
        foreach (var (n, (name, points)) in curves.Index())
        {
            var at = points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}")).ToList();
            svg.Append(CultureInfo.InvariantCulture, $"<g class=\"c{n % 5}\"><polyline class=\"line\" points=\"{string.Join(' ', at)}\"/>\n");
            if (at.Count <= 40)
            {
                svg.AppendJoin("", at.Select(p => p.Split(',')).Select(p => $"<circle class=\"dot\" cx=\"{p[0]}\" cy=\"{p[1]}\" r=\"3.5\"/>\n"));
            }

            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"key\" x=\"{keys[n].X}\" y=\"{Legend - 9 + (keys[n].Line * Line)}\" width=\"10\" height=\"10\" rx=\"2\"/>{Text(keys[n].X + 15, Legend + (keys[n].Line * Line), name)}</g>\n");
        }

        return (svg.ToString(), height);
    }

    /// <summary>Where each name stands above the curves: one behind the other, in as many lines as it takes.</summary>
    private static List<(int X, int Line)> Keys(IReadOnlyList<string> names)
    {
        var (keys, x, line) = (new List<(int, int)>(), Left, 0);
        foreach (var width in names.Select(name => 15 + (name.Length * Letter)))
        {
            if (x > Left && x + width > Width - Right)
            {
                (x, line) = (Left, line + 1);
            }

            keys.Add((x, line));
            x += width + 25;
        }

        return keys;
    }

    private IReadOnlyList<(double X, double Y)> Points(Table table, int column) => column < 0 ? [] :
    [
        .. from row in table.Rows
           let x = Figures.First(row[0])
           let y = Figures.First(row[column])
           where x is not null && y is not null && (!LogX || x > 0) && (!LogY || y > 0)
           select (x.Value, y.Value),
    ];

    /// <summary>From the first tick to the last is from 0 to 1.</summary>
    private sealed class Axis
    {
        private static readonly double[] Fine = [1, 2, 5];
        private readonly bool _log;

        public Axis(IEnumerable<double> values, bool log)
        {
            _log = log;
            var (least, most) = (values.Min(), values.Max());
            Ticks = log ? Decades(least, most) : Even(least, most);
        }

        public IReadOnlyList<double> Ticks { get; }

        public double Place(double value) => (Scaled(value) - Scaled(Ticks[0])) / (Scaled(Ticks[^1]) - Scaled(Ticks[0]));

        private double Scaled(double value) => _log ? Math.Log10(value) : value;

        private static List<double> Decades(double least, double most)
        {
            var (from, to) = ((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(most)));
            to = Math.Max(to, from + 1);
            return to - from > 3 ? [.. Enumerable.Range(from, to - from + 1).Select(power => Math.Pow(10, power))] : Trimmed([.. Enumerable.Range(from, to - from).SelectMany(power => Fine.Select(f => f * Math.Pow(10, power))), Math.Pow(10, to)], least, most);
        }

        // No empty third of a decade at either end.
        private static List<double> Trimmed(List<double> ticks, double least, double most) =>
            [.. ticks.Where((tick, n) => (n + 1 == ticks.Count || ticks[n + 1] > least) && (n == 0 || ticks[n - 1] < most))];

        private static List<double> Even(double least, double most)
        {
            var from = Math.Min(0, least);
            var rough = Math.Max(most - from, 1e-9) / 5;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
            return [.. Enumerable.Range(0, (int)Math.Ceiling((most - from) / step) + 1).Select(n => from + (n * step))];
        }
    }
}
