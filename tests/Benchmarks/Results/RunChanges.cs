using System.Globalization;
using System.Text;

namespace Agora.Benchmarks.Results;

/// <summary>What differs between two runs by more than chance does: each figure by at least <c>--noise</c> percent, and by more than its own rounds differed. Parts that were measured in other ways are not compared.</summary>
internal static class RunChanges
{
    private const string Spread = "least–most";

    public static string Of(Run before, Run now, int noisePercent)
    {
        var text = new StringBuilder($"\nFrom {before.Commit} ({before.At:yyyy-MM-dd}, {before.Mode}) to {now.Commit}: figures that differ by more than {noisePercent} % and than their own rounds do\n\n");
        if (before.Machine != now.Machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"Another machine: {before.Machine}\n\n");
        }

        List<IReadOnlyList<string>> changes = [];
        foreach (var part in now.Parts)
        {
            if (before.Parts.FirstOrDefault(p => p.Name == part.Name) is not { Measures: { } then } earlier || part.Measures is null) continue;

            if (earlier.Arguments == part.Arguments)
                changes.AddRange(Changes(part.Name, then, part.Measures, noisePercent / 100.0));
            else
                text.Append(CultureInfo.InvariantCulture, $"{part.Name} was called otherwise: {earlier.Arguments}\n\n");
        }

        return text.Append(changes.Count == 0 ? "None.\n" : new Table("", ["", "before", "now", "change"], changes).Markdown()).ToString();
    }

    private static IEnumerable<IReadOnlyList<string>> Changes(string part, Measures before, Measures now, double noise) =>
        from table in now.Tables
        let then = before.Tables.FirstOrDefault(t => t.Title == table.Title)
        where then is not null && then.Columns.SequenceEqual(table.Columns)
        from row in table.Rows.Index()
        let old = Same(then, table, row.Index)
        where old is not null
        let own = Math.Max(noise, Math.Max(Differed(table, row.Item), Differed(then, old)))
        from column in Enumerable.Range(1, table.Columns.Count - 1)
        where table.Columns[column] is not (Spread or "goal")
        let figures = (Before: Figures.First(old[column]), Now: Figures.First(row.Item[column]))
        where figures is { Before: > 0, Now: not null } && Math.Abs((figures.Now.GetValueOrDefault() / figures.Before.GetValueOrDefault()) - 1) > own
        select (IReadOnlyList<string>)[$"{part}: {row.Item[0]}, {table.Columns[column]}", old[column], row.Item[column], string.Create(CultureInfo.InvariantCulture, $"{(100 * figures.Now.GetValueOrDefault() / figures.Before.GetValueOrDefault()) - 100:+0;-0} %")];

    // Lines of one name, such as p50, are told apart by how many of it there were before.
    private static IReadOnlyList<string>? Same(Table before, Table now, int row) =>
        before.Rows.Where(r => r[0] == now.Rows[row][0]).ElementAtOrDefault(now.Rows.Take(row).Count(r => r[0] == now.Rows[row][0]));

    /// <summary>Between its least round and its most, as a part of the least; 0: it does not say.</summary>
    private static double Differed(Table table, IReadOnlyList<string> row)
    {
        if (table.Columns.ToList().IndexOf(Spread) is not (>= 0 and var at) || row[at].Split('–') is not [var low, var high]) return 0;

        return Figures.First(low) is { } least and > 0 && Figures.First(high) is { } most ? (most / least) - 1 : 0;
    }
}
