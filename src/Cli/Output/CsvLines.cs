using System.Text.Json;

namespace Agora.Cli.Output;

/// <summary>RFC 4180. A cell that a table program would take for a formula gets an apostrophe before it.</summary>
internal static class CsvLines
{
    public static void Write(TextWriter output, JsonElement data)
    {
        var items = Rows.Of(data, out _) ?? [data];
        var columns = Rows.Columns(items);
        output.Write($"{string.Join(',', columns.Select(Cell))}\r\n");
        foreach (var item in items)
        {
            output.Write($"{string.Join(',', columns.Select(column => Cell(Text(Rows.Cell(item, column)))))}\r\n");
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.String => value.GetString()! is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] and var text ? $"'{text}" : value.GetString()!,
        _ => value.GetRawText(),
    };

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
