using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agora.Cli.Output;

/// <summary>A value in a cell or a line. What others wrote may hold characters that move the cursor or turn text around: they are shown as what they are.</summary>
internal static class Plain
{
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        JsonValueKind.String => Visible(value.GetString()!),
        JsonValueKind.Array when value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) => string.Join(", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Array or JsonValueKind.Object => Visible(value.GetRawText()),
        _ => value.GetRawText(),
    };

    private static string Visible(string text)
    {
        if (!text.Any(IsHidden)) return text;

        var visible = new StringBuilder();
        foreach (var c in text)
        {
            _ = IsHidden(c) ? visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : visible.Append(c);
        }

        return visible.ToString();
    }

    private static bool IsHidden(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
