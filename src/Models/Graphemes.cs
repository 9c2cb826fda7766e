using System.Globalization;

namespace Agora.Models;

/// <summary>
/// Where a text may be cut. This is the only place that decides it: a cut between UTF-16 units can leave half a surrogate pair, which is stored as another text, and a cut within a grapheme changes its last letter or emoji.
/// Projects that know no other compile this file into themselves.
/// </summary>
internal static class Graphemes
{
    /// <summary>UTF-16 units of the longest beginning that has at most <paramref name="most"/> of them and ends between two graphemes. A first grapheme that is longer is cut between its code points.</summary>
    public static int Fit(ReadOnlySpan<char> text, int most)
    {
        if (text.Length <= most) return text.Length;

        var fits = 0;
        for (var next = 0; (next = fits + StringInfo.GetNextTextElementLength(text[fits..])) <= most;)
        {
            fits = next;
        }

        return fits > 0 ? fits : most > 0 && char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most;
    }

    /// <summary>The same, where the bound is not on UTF-16 units: bytes of UTF-8, or columns of a terminal. Nothing fits if the first grapheme does not.</summary>
    public static int Fit(string text, int most, Func<string, int> measure)
    {
        var (fits, used) = (0, 0);
        while (fits < text.Length && StringInfo.GetNextTextElement(text, fits) is var grapheme && (used += measure(grapheme)) <= most)
        {
            fits += grapheme.Length;
        }

        return fits;
    }
}
