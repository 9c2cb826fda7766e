namespace Agora.Search;

/// <summary>
/// Makes spellings of the same text equal: case, full-width Latin, half-width katakana, detached voicing marks, Latin accents,
/// apostrophes. By hand, because string.Normalize returns everything but ASCII unchanged where globalization is
/// invariant, as it is here; what NFKC does beyond this list (circled numbers, ligatures) is left out.
/// </summary>
internal static class Folding
{
    // U+FF65 to U+FF9D in order. The two marks behind them are composed.
    private const string HalfWidthKatakana =
        "・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

    // U+00E0 to U+00FF in order; letters without a plain equivalent stand for themselves.
    private const string PlainLatin = "aaaaaaæceeeeiiiiðnooooo÷ouuuuyþy";

    private const string Voiceable = "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ";
    private const string HalfVoiceable = "はひふへほハヒフヘホ";

    /// <summary>Writes the folded text, never longer than the original, and returns its length.</summary>
    public static int Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        int length = 0;
        foreach (char original in text)
        {
            char c = original < 0x80 ? original : Widen(original);
            if (IsDropped(c)) continue;
            if (IsVoicing(c) && length > 0)
                folded[length - 1] = Voice(folded[length - 1], half: c is '\u309A' or '\u309C' or '\uFF9F');
            else
                folded[length++] = Plain(char.ToLowerInvariant(c));
        }

        return length;
    }

    private static char Widen(char c) => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\uFF65' and <= '\uFF9D' => HalfWidthKatakana[c - 0xFF65],
        _ => c,
    };

    /// <summary>Combining accents, and apostrophes, so that "user's" is "users".</summary>
    private static bool IsDropped(char c) => c is '\'' or '\u2019' or (>= '\u0300' and <= '\u036F');

    private static bool IsVoicing(char c) => c is >= '\u3099' and <= '\u309C' or '\uFF9E' or '\uFF9F';

    private static char Voice(char kana, bool half)
    {
        if (half) return HalfVoiceable.Contains(kana) ? (char)(kana + 2) : kana;
        return kana switch
        {
            'う' => 'ゔ',
            'ウ' => 'ヴ',
            _ => Voiceable.Contains(kana) ? (char)(kana + 1) : kana,
        };
    }

    private static char Plain(char c) => c is >= '\u00E0' and <= '\u00FF' ? PlainLatin[c - 0xE0] : c;
}
