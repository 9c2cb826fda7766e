namespace Agora.Samples.TextService.Text;

/// <summary>A word as it stands in the text, and the form under which its repetitions are counted as one.</summary>
internal readonly record struct Term(string Surface, string Key, CharKind Kind);

/// <summary>
/// Cuts text into words: runs of Latin letters and digits, of kanji, and of katakana. Runs of hiragana are nearly all grammar
/// and are no terms. Stop words are left out.
/// </summary>
internal static class Terms
{
    public static List<Term> Of(string text)
    {
        var terms = new List<Term>();
        foreach (var (surface, kind) in Runs(text))
        {
            if (kind == CharKind.Hiragana)
                continue;
            var key = kind == CharKind.Latin ? Singular(surface.ToLowerInvariant()) : surface;
            if (IsWordy(key, kind) && !Lexicon.StopWords.Contains(key) && !Lexicon.StopWords.Contains(surface.ToLowerInvariant()))
                terms.Add(new Term(surface, key, kind));
        }
        return terms;
    }

    /// <summary>
    /// What two sentences are compared by: Latin words, and bigrams of Japanese runs, since a long compound in one sentence is
    /// often a shorter one in the next.
    /// </summary>
    public static IEnumerable<string> Features(string text)
    {
        foreach (var term in Of(text))
        {
            if (term.Kind == CharKind.Latin || term.Key.Length == 1)
                yield return term.Key;
            else
                for (var i = 0; i + 2 <= term.Key.Length; i++)
                    yield return term.Key.Substring(i, 2);
        }
    }

    /// <summary>All runs of one kind, in order; an apostrophe or hyphen between two letters does not end a Latin one.</summary>
    public static IEnumerable<(string Surface, CharKind Kind)> Runs(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var kind = Script.KindOf(text[start]);
            var end = start + 1;
            while (end < text.Length && (Script.KindOf(text[end]) == kind || kind == CharKind.Latin && JoinsLetters(text, end)))
                end++;
            if (kind != CharKind.Other)
                yield return (text[start..end], kind);
            start = end;
        }
    }

    private static bool JoinsLetters(string text, int i) =>
        text[i] is '\'' or '’' or '-' && i + 1 < text.Length && Script.KindOf(text[i + 1]) == CharKind.Latin;

    private static bool IsWordy(string key, CharKind kind) => kind switch
    {
        CharKind.Latin => key.Length > 1 && key.Any(char.IsLetter),
        CharKind.Katakana => key.Length > 1,
        _ => true,
    };

    private static string Singular(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("’s", StringComparison.Ordinal))
            word = word[..^2];
        return word switch
        {
            { Length: > 4 } when word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
            { Length: > 4 } when EndsWithAny(word, "sses", "shes", "ches", "xes") => word[..^2],
            { Length: > 3 } when word[^1] == 's' && !EndsWithAny(word, "ss", "us", "is") => word[..^1],
            _ => word,
        };
    }

    private static bool EndsWithAny(string word, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
            if (word.EndsWith(ending, StringComparison.Ordinal))
                return true;
        return false;
    }
}
