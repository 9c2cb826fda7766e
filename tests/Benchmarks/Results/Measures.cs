using System.Globalization;
using System.Text;

namespace Agora.Benchmarks.Results;

/// <summary>What a benchmark has found, as people read it and as plots and promises are made from it.</summary>
/// <param name="Notes">What the tables' reader must know: settings, and what was held beside what.</param>
internal sealed record Measures(IReadOnlyList<string> Notes, IReadOnlyList<Table> Tables)
{
    /// <summary>One figure a line, some with a goal. A line that begins with spaces says more of the one above it.</summary>
    public static Measures Of(params IReadOnlyList<(string What, string Value, string Goal)> lines) =>
        new([], [new("", ["", "figure", "goal"], [.. lines.Select(line => (IReadOnlyList<string>)[line.What.StartsWith(' ') ? "· " + line.What.Trim() : line.What, line.Value, line.Goal])])]);

    public Measures Noting(params IReadOnlyList<string> notes) => this with { Notes = [.. Notes, .. notes] };

    /// <summary>Markdown, in columns that a terminal shows as such.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        foreach (var table in Tables) text.Append(table.Markdown()).Append('\n');
        foreach (var note in Notes) text.Append("* ").Append(note).Append('\n');
        return text.ToString();
    }
}

/// <summary>Cells are text, as shown; <see cref="Figures"/> reads their numbers.</summary>
/// <param name="Title">Empty, where there is one table.</param>
internal sealed record Table(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>The first number of a cell; null: there is no such cell, or no number in it.</summary>
    /// <param name="row">How the row begins; after <c> // </c>, how the first row below it does.</param>
    public double? Find(string row, string column)
    {
        var (at, from) = (Columns.ToList().IndexOf(column), -1);
        foreach (var part in row.Split(" // "))
        {
            from = Enumerable.Range(from + 1, Rows.Count - from - 1).FirstOrDefault(n => Name(Rows[n]).StartsWith(part, StringComparison.Ordinal), -1);
            if (from < 0) return null;
        }

        return at < 0 ? null : Figures.First(Rows[from][at]);
    }

    public string Markdown()
    {
        var widths = Columns.Index().Select(c => Rows.Select(r => r[c.Index].Length).Append(c.Item.Length).Max()).ToList();
        var right = Columns.Index().Select(c => c.Index > 0 && Rows.All(r => r[c.Index] is var cell && (cell.Length == 0 || char.IsAsciiDigit(cell[0])))).ToList();
        var text = new StringBuilder(Title.Length == 0 ? "" : $"**{Title}**\n\n");
        Line(Columns);
        text.Append('|').AppendJoin('|', widths.Index().Select(w => new string('-', w.Item + 1) + (right[w.Index] ? ':' : '-'))).Append("|\n");
        foreach (var row in Rows) Line(row);
        return text.ToString();

        void Line(IReadOnlyList<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Index().Select(c => right[c.Index] ? c.Item.PadLeft(widths[c.Index]) : c.Item.PadRight(widths[c.Index]))).Append(" |\n");
    }

    private static string Name(IReadOnlyList<string> row) => row[0].StartsWith("· ", StringComparison.Ordinal) ? row[0][2..] : row[0];
}

/// <summary>Numbers as cells show them: <c>1,234.5 ms</c>.</summary>
internal static class Figures
{
    /// <summary>The number that a cell begins with, words before it passed over; null: none.</summary>
    public static double? First(string cell)
    {
        var text = cell.AsSpan();
        var from = text.IndexOfAnyInRange('0', '9');
        if (from < 0) return null;

        var length = text[from..].IndexOfAnyExcept("0123456789,.");
        var number = (length < 0 ? text[from..] : text.Slice(from, length)).TrimEnd(",.");
        return double.Parse(number, CultureInfo.InvariantCulture) * (from > 0 && text[from - 1] == '-' ? -1 : 1);
    }
}
