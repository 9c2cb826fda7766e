using System.Buffers;
using System.Globalization;
using System.Text;

namespace Agora.Search;

internal enum TermKind
{
    /// <summary>A stemmed run of letters and digits of a script that separates its words.</summary>
    Word,

    /// <summary>Two neighbouring characters of a script that does not.</summary>
    Pair,

    /// <summary>A pair of two hiragana: in a query mostly its grammar.</summary>
    HiraganaPair,

    /// <summary>A character that is a run of its own.</summary>
    Lone,

    HiraganaLone,

    /// <summary>A Han character within a longer run: indexed so that a query of one character finds it, never a query's own.</summary>
    Inner,
}

internal delegate void TermSink(ReadOnlySpan<char> term, TermKind kind);

/// <summary>Cuts text into the index's terms: words for most scripts, pairs of characters for Chinese, Japanese and Korean.</summary>
internal static class Tokenizer
{
    /// <summary>Longer words are cut on both sides alike: they still match, and a blob in a description stays small.</summary>
    public const int MaxWord = 40;

    public static void Read(ReadOnlySpan<char> text, TermSink sink)
    {
        char[] buffer = ArrayPool<char>.Shared.Rent(Folding.Bound(text));
        try
        {
            Split(buffer.AsSpan(0, Folding.Fold(text, buffer)), sink);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static void Split(Span<char> text, TermSink sink)
    {
        int at = 0;
        while (at < text.Length)
        {
            var script = ScriptAt(text[at..], out int width);
            int start = at;
            do at += width;
            while (at < text.Length && ScriptAt(text[at..], out width) == script);

            if (script == Script.Spaced)
            {
                Word(text[start..at], sink);
            }

            if (script == Script.Unspaced)
            {
                Pairs(text[start..at], sink);
            }
        }
    }

    private static void Word(Span<char> run, TermSink sink)
    {
        var word = run[..Math.Min(run.Length, MaxWord)];
        sink(word[..Stemmer.Stem(word)], TermKind.Word);
    }

    private static void Pairs(Span<char> run, TermSink sink)
    {
        int previous = -1;
        bool isHiragana = false;
        for (int at = 0, width; at < run.Length; previous = at, at += width)
        {
            Rune.DecodeFromUtf16(run[at..], out var rune, out width);
            bool wasHiragana = isHiragana;
            isHiragana = rune.Value is >= 'ぁ' and <= 'ゟ';
            run[at] = Folding.Sound(run[at]);
            if (width == run.Length)
            {
                sink(run, isHiragana ? TermKind.HiraganaLone : TermKind.Lone);
            }
            else if (IsHan(rune.Value)) sink(run.Slice(at, width), TermKind.Inner);
            if (previous >= 0)
            {
                sink(run[previous..(at + width)], wasHiragana && isHiragana ? TermKind.HiraganaPair : TermKind.Pair);
            }
        }
    }

    private enum Script { None, Spaced, Unspaced }

    /// <summary>A lone surrogate decodes to U+FFFD, which is no letter, so it only separates.</summary>
    private static Script ScriptAt(ReadOnlySpan<char> text, out int width)
    {
        width = 1;
        if (text[0] < 0x80) return char.IsAsciiLetterOrDigit(text[0]) ? Script.Spaced : Script.None;
        Rune.DecodeFromUtf16(text, out var rune, out width);
        if (!IsTermCharacter(rune)) return Script.None;
        return IsHan(rune.Value) || IsKana(rune.Value) || IsHangul(rune.Value) ? Script.Unspaced : Script.Spaced;
    }

    /// <summary>Marks belong to the letters before them, in Hindi or Thai for instance.</summary>
    private static bool IsTermCharacter(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsHan(int c) => c is 0x3005 or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    private static bool IsKana(int c) => c is (>= 0x3041 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF);

    private static bool IsHangul(int c) => c is >= 0xAC00 and <= 0xD7A3;
}
