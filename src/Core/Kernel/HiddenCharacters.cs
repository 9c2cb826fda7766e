using System.Globalization;
using System.Text;

namespace Agora.Core.Kernel;

/// <summary>
/// Characters that are invisible and change what a reader or a model reads: a category "text" and a category "t\u200Bext" look alike. Joiners and variation selectors are refused only where they have no use:
/// Persian, Hindi and Sinhala words are spelled with U+200C and U+200D (Unicode 17, chapters 9 and 12), emoji are joined by U+200D (UTS #51), and U+E0100 to U+E01EF choose the form of a kanji in a name.
/// </summary>
public static class HiddenCharacters
{
    private const int NonJoiner = 0x200C;
    private const int Joiner = 0x200D;
    private const int TextStyle = 0xFE0E;
    private const int EmojiStyle = 0xFE0F;
    private const int Keycap = 0x20E3;
    private const int BlackFlag = 0x1F3F4;
    private const int EndOfTags = 0xE007F;

    /// <summary>The most tags of a flag of a subdivision. More would leave room for hidden words.</summary>
    private const int FlagTags = 6;

    /// <param name="lines">The text may have several lines: line breaks and tabs are not hidden.</param>
    public static bool AreIn(string text, bool lines)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return false;

        Rune[] runes = [.. text.EnumerateRunes()];
        for (var at = 0; at < runes.Length; at++)
        {
            var (before, next) = (at > 0 ? runes[at - 1] : default, at + 1 < runes.Length ? runes[at + 1] : default);
            switch (runes[at].Value)
            {
                case '\n' or '\r' or '\t' when lines:
                    continue;
                case BlackFlag when Tags(runes, at + 1) is var tags and > 0:
                    at += tags;
                    continue;
                case Joiner or NonJoiner when IsOfJoiningScript(before) && IsOfJoiningScript(next):
                case Joiner when IsPictograph(next) && IsPictograph(before.Value == EmojiStyle && at > 1 ? runes[at - 2] : before):
                case TextStyle or EmojiStyle when IsPictograph(before) || (next.Value == Keycap && before.Value is (>= '0' and <= '9') or '#' or '*'):
                case (>= 0xFE00 and < TextStyle) or (>= 0xE0100 and <= 0xE01EF) when IsHan(before):
                case (>= 0x180B and <= 0x180D) or 0x180F when before.Value is >= 0x1820 and <= 0x18AA:
                    continue;
                case Joiner or NonJoiner or (>= 0xFE00 and <= EmojiStyle) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x180B and <= 0x180F):
                case 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0: // blank letters
                    return true;
            }

            if (Rune.GetUnicodeCategory(runes[at]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The number of code points of the tags behind a black flag, with their end tag. 0 if they are not a flag.</summary>
    private static int Tags(Rune[] runes, int from)
    {
        var length = runes.Skip(from).Take(FlagTags).TakeWhile(static rune => rune.Value is (>= 0xE0030 and <= 0xE0039) or (>= 0xE0061 and <= 0xE007A)).Count();
        return length > 0 && from + length < runes.Length && runes[from + length].Value == EndOfTags ? length + 1 : 0;
    }

    /// <summary>Whether it is a letter or mark of a script in which joiners are part of the spelling: Arabic to Sinhala, Tibetan and Myanmar, Khmer and Mongolian, the later Brahmic scripts.</summary>
    private static bool IsOfJoiningScript(Rune rune) =>
        rune.Value is (>= 0x0600 and <= 0x0DFF) or (>= 0x0F00 and <= 0x109F) or (>= 0x1780 and <= 0x18AA) or (>= 0x1900 and <= 0x1CFF) or (>= 0xA800 and <= 0xABFF) or (>= 0xFB50 and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x11000 and <= 0x11FFF)
        && (Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    /// <summary>Whether it is an emoji or a symbol with an emoji presentation, also of later Unicode versions. The single code points are emoji of other categories (Unicode's emoji-data.txt).</summary>
    private static bool IsPictograph(Rune rune) => rune.Value is 0x00A9 or 0x00AE or 0x203C or 0x2049 or 0x2139 or 0x3030 or 0x303D or (>= 0x1F000 and <= 0x1FAFF)
        || (rune.Value >= 0x2100 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol);

    private static bool IsHan(Rune rune) => rune.Value is 0x3005 or 0x3007 or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
