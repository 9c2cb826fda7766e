using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Models;
using Spectre.Console;

namespace Agora.Cli.Output;

/// <param name="Width">In the terminal's cells, of which some characters take two.</param>
/// <param name="IsNumber">Whatever stands in it is a number: its digits stand below each other.</param>
internal sealed record GridColumn(string Name, int Width, bool IsNumber);

/// <summary>
/// Which columns of a list a terminal shows, and how wide: the first, which says which item it is, whole; what it costs, how it is and what was done; those that are short as they are; then, as long as there is room, longer ones, cut. So each item is one line, however narrow the terminal is.
/// Where nobody looks, all of them.
/// </summary>
internal sealed partial record Grid(IReadOnlyList<GridColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Left)
{
    /// <summary>What the table puts before and after a line, and between two columns.</summary>
    public const int Edge = 4, Between = 3;

    private const int Short = 24, CutLeast = 12, CutMost = 40;

    /// <summary>Of a list that has one of them it is what people look for.</summary>
    private static readonly string[] SaysMost = ["amount_cents", "price_cents", "balance_cents", "state", "operation"];

    public static Grid Of(IReadOnlyList<JsonElement> items, int? width)
    {
        var all = Output.Rows.Columns(items).Where(column => items.Any(item => FitsCell(Output.Rows.Cell(item, column)))).ToList();
        var cells = items.Select(item => all.ToDictionary(column => column, column => Shown(Output.Rows.Cell(item, column)), StringComparer.Ordinal)).ToList();
        var widths = all.ToDictionary(column => column, column => Math.Max(Math.Max(1, column.GetCellWidth()), cells.Max(row => row[column].GetCellWidth())), StringComparer.Ordinal);
        if (width is { } most)
        {
            widths = Fitting(all, widths, most - Edge);
        }

        var columns = all.Where(widths.ContainsKey).Select(column => new GridColumn(column, widths[column], items.All(item => Output.Rows.Cell(item, column).ValueKind is JsonValueKind.Number or JsonValueKind.Null or JsonValueKind.Undefined))).ToList();
        return new(columns, [.. cells.Select(row => (IReadOnlyList<string>)[.. columns.Select(column => Cut(row[column.Name], column.Width))])], [.. all.Where(column => !widths.ContainsKey(column))]);
    }

    public static string Cut(string text, int width)
    {
        if (text.GetCellWidth() <= width) return text;

        return $"{text[..Graphemes.Fit(text, width - 1, static grapheme => grapheme.GetCellWidth())]}…";
    }

    private static Dictionary<string, int> Fitting(IReadOnlyList<string> all, Dictionary<string, int> natural, int room)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in all.OrderBy(column => column == all[0] ? 0 : column == "name" ? 1 : SaysMost.Contains(column) ? 2 : natural[column] <= Short ? 3 : 4)) // a stable order
        {
            var left = room - taken.Values.Sum() - (taken.Count * Between);
            var width = taken.Count == 0 || natural[column] <= Short ? natural[column] : column == "name" ? Short : Math.Min(Math.Min(natural[column], CutMost), Math.Max(left, CutLeast));
            if (width <= left || taken.Count == 0)
            {
                taken.Add(column, Math.Max(1, Math.Min(width, left)));
            }
        }

        return taken;
    }

    /// <summary>What has members of its own is told by the item itself, or as JSON.</summary>
    private static bool FitsCell(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String));

    /// <summary>Of a time the second is enough to see.</summary>
    private static string Shown(JsonElement value) => Time().Replace(Plain.Text(value), "$1 $2Z");

    [GeneratedRegex(@"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{6}Z$")]
    private static partial Regex Time();
}
