using System.Text.Json;
using Spectre.Console;

namespace Agora.Cli.Output;

/// <summary>A reply as a table: a list has a row an item, anything else a row a member. Where a terminal shows it, an item is one line.</summary>
internal static class Tables
{
    /// <summary>Where nobody looks, lines are as long as they are.</summary>
    private const int Unbounded = 1_000_000;

    private const int NarrowestTerminal = 20;

    public static void Write(Terminal terminal, JsonElement data)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Out), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = terminal.Width is { } width ? Math.Max(width, NarrowestTerminal) : Unbounded;
        if (Rows.Of(data, out var name) is not { } items)
        {
            console.Write(OfMembers(data, console.Profile.Width));
            return;
        }

        if (items.Count > 0)
        {
            var grid = Grid.Of(items, terminal.Width is null ? null : console.Profile.Width);
            console.Write(OfItems(grid));
            if (grid.Left > 0)
            {
                terminal.Error.WriteLine($"{grid.Left} columns have no room here: --json has all.");
            }
        }

        Besides(terminal, data, name, items.Count);
    }

    private static Table OfItems(Grid grid)
    {
        var table = New();
        foreach (var column in grid.Columns)
        {
            table.AddColumn(new TableColumn(Cell(Grid.Cut(column.Name, column.Width))) { Width = column.Width, NoWrap = true, Alignment = column.Name.EndsWith("_cents", StringComparison.Ordinal) ? Justify.Right : Justify.Left });
        }

        foreach (var row in grid.Rows)
        {
            table.AddRow(row.Select(Cell));
        }

        return table;
    }

    /// <summary>What is in a member of its own stands below it, by both names.</summary>
    private static Table OfMembers(JsonElement data, int width)
    {
        var members = data.EnumerateObject().SelectMany(Flat).ToList();
        var names = Math.Max(1, members.Select(member => member.Name.Length).DefaultIfEmpty().Max());
        var table = New().HideHeaders().AddColumn(new TableColumn("") { NoWrap = true, Width = names }).AddColumn(new TableColumn("") { Width = Math.Max(1, Math.Min(width, Unbounded) - names - Grid.Edge - Grid.Between) });
        foreach (var (name, value) in members)
        {
            table.AddRow(Cell(name), Cell(Plain.Text(value)));
        }

        return table;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Flat(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().Any() ? member.Value.EnumerateObject().Select(inner => ($"{member.Name}.{inner.Name}", inner.Value)) : [(member.Name, member.Value)];

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
