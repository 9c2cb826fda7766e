using System.Text;

namespace Agora.Models;

/// <summary>The beginning of a text that others wrote: every text that has to be shorter is cut here, between graphemes.</summary>
public static class Excerpt
{
    /// <param name="most">UTF-16 code units, at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : text[..Graphemes.Fit(text, most)];

    /// <summary>The same, with an ellipsis as its last character if the text goes on.</summary>
    /// <param name="most">As of <see cref="Of"/>, at least 2.</param>
    public static string Marked(string text, int most) => text.Length <= most ? text : $"{Of(text, most - 1)}…";

    /// <summary>As <see cref="Of"/>, of a text whose UTF-8 is bounded.</summary>
    public static string OfUtf8(string text, int mostBytes) => text[..Graphemes.Fit(text, mostBytes, Encoding.UTF8.GetByteCount)];
}
