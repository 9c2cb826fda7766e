namespace Agora.Samples.TextService.Text;

/// <summary>The kinds of characters that words are made of. Japanese puts no spaces: a change of kind is its word border.</summary>
internal enum CharKind
{
    Other,
    Latin,
    Kanji,
    Katakana,
    Hiragana,
}

internal static class Script
{
    public static CharKind KindOf(char c) => c switch
    {
        >= '\u4E00' and <= '\u9FFF' or >= '\u3400' and <= '\u4DBF' or '々' or '〆' => CharKind.Kanji,
        >= '\u30A1' and <= '\u30FA' or 'ー' or >= '\uFF66' and <= '\uFF9F' => CharKind.Katakana,
        >= '\u3041' and <= '\u3096' => CharKind.Hiragana,
        _ => char.IsLetterOrDigit(c) ? CharKind.Latin : CharKind.Other,
    };

    /// <summary><c>ja</c> when at least a fifth of the letters are Japanese: mixed text is mostly Japanese with English terms.</summary>
    public static string LanguageOf(string text)
    {
        int japanese = 0, letters = 0;
        foreach (var c in text)
        {
            var kind = KindOf(c);
            letters += kind == CharKind.Other ? 0 : 1;
            japanese += kind is CharKind.Other or CharKind.Latin ? 0 : 1;
        }
        return japanese > 0 && japanese * 5 >= letters ? "ja" : "en";
    }
}
