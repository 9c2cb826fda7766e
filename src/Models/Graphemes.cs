using System.Globalization;

namespace Agora.Models;

/// <summary>
/// Decides where a text may be cut, for all projects. A cut between UTF-16 units can leave half of a surrogate pair, which is stored as another text, and a cut within a grapheme changes the last letter or emoji.
/// Projects without a reference to this one compile this file.
/// </summary>
internal static class Graphemes
{
    /// <summary>The length, in UTF-16 units, of the longest beginning with at most <paramref name="most"/> units that ends between two graphemes. If the first grapheme is longer, it is cut between code points.</summary>
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

    /// <summary>The same for a bound in another unit, such as bytes of UTF-8 or columns of a terminal. 0 if the first grapheme does not fit.</summary>
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
