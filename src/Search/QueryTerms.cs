namespace Agora.Search;

/// <summary>
/// What a query asks for: its distinct terms in order. Function words (English ones, pairs of hiragana) are left out when
/// other terms remain, or "a translator for the web" would match nearly everything.
/// </summary>
internal static class QueryTerms
{
    /// <summary>Bounds a search's work whatever text an agent sends; the rest of a longer query is ignored.</summary>
    public const int MaxTerms = 32;

    private const int MaxCharacters = 1_024;

    private static readonly HashSet<string> FunctionWords = [.. Distinct(
        "a an and any are as at be by can do for from have how i in into is it me my need of on or our please some that the "
        + "their them these this to want was we what which who will with you your").Select(term => term.Text)];

    public static List<string> Of(string text)
    {
        var terms = Distinct(text.AsSpan(0, Math.Min(text.Length, MaxCharacters)));
        var telling = terms.FindAll(term => !term.IsHiragana && !FunctionWords.Contains(term.Text));
        return [.. (telling.Count > 0 ? telling : terms).Take(MaxTerms).Select(term => term.Text)];
    }

    /// <summary>The distinct terms. A term that is written in katakana at least once is not grammar.</summary>
    private static List<(string Text, bool IsHiragana)> Distinct(ReadOnlySpan<char> text)
    {
        var terms = new List<(string Text, bool IsHiragana)>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        Tokenizer.Read(text, (term, kind) =>
        {
            if (kind == TermKind.Inner) return;
            string found = term.ToString();
            bool isHiragana = kind is TermKind.HiraganaPair or TermKind.HiraganaLone;
            if (seen.TryAdd(found, terms.Count))
            {
                terms.Add((found, isHiragana));
            }
            else if (!isHiragana)
            {
                terms[seen[found]] = (found, false);
            }
        });
        return terms;
    }
}
