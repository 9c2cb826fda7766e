using System.Text.Json;
using Spectre.Console;

namespace Agora.Cli.Output;

/// <summary>A reply as a table: a list has a row an item, anything else a row a member.</summary>
internal static class Tables
{
    /// <summary>Where nobody looks, lines are as long as they are.</summary>
    private const int Unbounded = 1_000;

    public static void Write(Terminal terminal, JsonElement data)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Out), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = terminal.Width is > 20 and var width ? width : Unbounded;
        if (Rows.Of(data, out var name) is not { } items)
        {
            console.Write(OfMembers(data));
            return;
        }

        if (items.Count > 0)
        {
            console.Write(OfItems(items));
        }

        Besides(terminal, data, name, items.Count);
    }

    private static Table OfItems(IReadOnlyList<JsonElement> items)
    {
        var table = New();
        var columns = Rows.Columns(items).Where(column => items.Any(item => FitsCell(Rows.Cell(item, column)))).ToList();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Cell(column)) { NoWrap = column.EndsWith("_id", StringComparison.Ordinal), Alignment = column.EndsWith("_cents", StringComparison.Ordinal) ? Justify.Right : Justify.Left });
        }

        foreach (var item in items)
        {
            table.AddRow(columns.Select(column => Cell(Plain.Text(Rows.Cell(item, column)))));
        }

        return table;
    }

    /// <summary>What has members of its own is told by the item itself, or as JSON.</summary>
    private static bool FitsCell(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String));

    private static Table OfMembers(JsonElement data)
    {
        var table = New().HideHeaders().AddColumn("").AddColumn("");
        foreach (var member in data.EnumerateObject())
        {
            table.AddRow(Cell(member.Name), Cell(Plain.Text(member.Value)));
        }

        return table;
    }

    private static void Besides(Terminal terminal, JsonElement data, string list, int shown)
    {
        var total = data.TryGetProperty("total_count", out var count) && count.ValueKind == JsonValueKind.Number ? $" of {count.GetRawText()}" : "";
        terminal.Error.WriteLine($"{shown}{total} {list}");
        foreach (var name in new[] { "empty_because", "next_cursor" })
        {
            if (data.TryGetProperty(name, out var said) && said.ValueKind == JsonValueKind.String)
            {
                terminal.Error.WriteLine(name == "next_cursor" ? $"More: --cursor {said.GetString()}" : Plain.Text(said));
            }
        }
    }

    private static Table New() => new Table().Border(TableBorder.Simple);

    private static Text Cell(string text) => new(text);
}
