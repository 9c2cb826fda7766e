using System.Buffers;
using System.Globalization;
using System.Text;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>Rules for strings that people or agents are shown, and for ids.</summary>
internal static class DisplayText
{
    /// <summary>The published form of <see cref="IsId"/>.</summary>
    public const string IdPattern = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$";

    /// <summary>Of a wallet's id, which holds the id of its owner.</summary>
    public const string WalletIdPattern = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$";

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static bool IsId(ReadOnlySpan<char> id) =>
        id.Length is > 0 and <= Limits.IdLength && char.IsAsciiLetterOrDigit(id[0]) && !id.ContainsAnyExcept(IdCharacters);

    /// <summary>
    /// Control, bidi and zero-width characters change what a reader sees without being seen themselves: a category "text" and a
    /// category "t\u200Bext" would look alike. Categories Cc, Cf, Zl and Zp are all of them but for the blank letters that are named here.
    /// </summary>
    public static bool HasHiddenCharacters(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (hidden || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0) return true;
        }

        return false;
    }

    /// <summary>Length in code points, as JSON Schema's maxLength counts.</summary>
    public static int Length(string text)
    {
        var length = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            length++;
        }

        return length;
    }
}
