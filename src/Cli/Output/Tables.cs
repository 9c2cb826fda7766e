using System.Text.Json;
using Spectre.Console;

namespace Agora.Cli.Output;

/// <summary>A reply as a table: a list has a row an item, anything else a row a member. Where a terminal shows it, an item is one line.</summary>
internal static class Tables
{
    /// <summary>Where nobody looks, lines are as long as what is in them.</summary>
    private const int Unbounded = 1_000_000;

    private const int NarrowestTerminal = 20;

    public static void Write(Terminal terminal, JsonElement data)
    {
        using var drawn = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(drawn), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = terminal.Width is { } width ? Math.Max(width, NarrowestTerminal) : Unbounded;
        if (Rows.Of(data, out var name) is not { } items)
        {
            console.Write(OfMembers(data, terminal.Width is null ? null : console.Profile.Width));
            Print(terminal, drawn);
            return;
        }

        if (items.Count > 0)
        {
            var grid = Grid.Of(items, terminal.Width is null ? null : console.Profile.Width);
            console.Write(OfItems(grid));
            Print(terminal, drawn);
            if (grid.Left.Count > 0)
            {
                terminal.Error.WriteLine(Wrapped.Lines($"No room here, --json has them: {string.Join(", ", grid.Left)}.", indent: 2, terminal.Width));
            }
        }

        Besides(terminal, data, name, items.Count);
    }

    /// <summary>Cells are filled to their widths, the last of a line too: that is left out.</summary>
    private static void Print(Terminal terminal, StringWriter drawn)
    {
        foreach (var line in drawn.ToString().AsSpan().TrimEnd().EnumerateLines())
        {
            terminal.Out.WriteLine(line.TrimEnd());
        }

        terminal.Out.WriteLine();
    }

    private static Table OfItems(Grid grid)
    {
        var table = New();
        foreach (var column in grid.Columns)
        {
            table.AddColumn(new TableColumn(Cell(Grid.Cut(column.Name, column.Width))) { Width = column.Width, NoWrap = true, Alignment = column.IsNumber ? Justify.Right : Justify.Left });
        }

        foreach (var row in grid.Rows)
        {
            table.AddRow(row.Select(Cell));
        }

        return table;
    }

    /// <summary>What is in a member of its own stands below it, by both names.</summary>
    private static Table OfMembers(JsonElement data, int? width)
    {
        var members = data.EnumerateObject().SelectMany(Flat).ToList();
        var names = Math.Max(1, members.Select(member => member.Name.Length).DefaultIfEmpty().Max());
        var table = New().HideHeaders().AddColumn(new TableColumn("") { NoWrap = true, Width = names }).AddColumn(new TableColumn("") { Width = width is { } most ? Math.Max(1, most - names - Grid.Edge - Grid.Between) : null });
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
                terminal.Error.WriteLine(name == "next_cursor" ? $"More: --cursor {said.GetString()}" : Wrapped.Lines(Plain.Text(said), indent: 0, terminal.Width));
            }
        }
    }

    private static Table New() => new Table().Border(TableBorder.Simple);

    private static Text Cell(string text) => new(text);
}
