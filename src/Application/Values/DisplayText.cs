using System.Buffers;
using Agora.Core.Kernel;

namespace Agora.Application.Values;

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

    /// <summary>Whether a text of one line has hidden characters: a line break counts as one.</summary>
    public static bool HasHiddenCharacters(string text) => HiddenCharacters.AreIn(text, lines: false);

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
