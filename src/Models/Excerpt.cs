using System.Text;

namespace Agora.Models;

/// <summary>The beginning of a text, cut between graphemes. Every text of others that has to be shorter is cut here.</summary>
public static class Excerpt
{
    /// <param name="most">UTF-16 code units, at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : text[..Graphemes.Fit(text, most)];

    /// <summary>As <see cref="Of"/>, with an ellipsis as the last character if the text was cut.</summary>
    /// <param name="most">As of <see cref="Of"/>, at least 2.</param>
    public static string Marked(string text, int most) => text.Length <= most ? text : $"{Of(text, most - 1)}…";

    /// <summary>As <see cref="Of"/>, with a bound in bytes of UTF-8.</summary>
    public static string OfUtf8(string text, int mostBytes) => text[..Graphemes.Fit(text, mostBytes, Encoding.UTF8.GetByteCount)];
}
