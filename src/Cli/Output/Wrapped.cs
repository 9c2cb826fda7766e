using System.Text;
using Spectre.Console;

namespace Agora.Cli.Output;

/// <summary>A sentence that a terminal would break in the middle of a word.</summary>
internal static class Wrapped
{
    /// <param name="indent">Before each line but the first.</param>
    /// <param name="width">Null: nobody looks at it.</param>
    public static string Lines(string text, int indent, int? width)
    {
        if (width is not { } most || most < 2 * indent || text.GetCellWidth() <= most) return text;

        var (lines, used) = (new StringBuilder(), 0);
        foreach (var word in text.Split(' '))
        {
            var cells = word.GetCellWidth();
            if (used > indent && used + 1 + cells > most)
            {
                lines.Append('\n').Append(' ', indent);
                used = indent;
            }
            else if (lines.Length > 0)
            {
                lines.Append(' ');
                used++;
            }

            lines.Append(word);
            used += cells;
        }

        return lines.ToString();
    }
}
