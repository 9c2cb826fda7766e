namespace Agora.Samples.TextService.Text;

internal sealed record Keyword(string Word, double Score, int Occurrences);

internal sealed record KeywordList(IReadOnlyList<Keyword> Keywords, string Language);

/// <summary>TextRank over words that stand near each other. Scores are relative to the best word's, which has 1.</summary>
internal static class KeywordRanking
{
    private const int Window = 4;

    public static KeywordList Of(string text, int count)
    {
        var terms = Terms.Of(text);
        var nodes = terms.Select(term => term.Key).Distinct().Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var rank = Centrality.Of(nodes.Count, Neighbours(terms, nodes));
        var scored = terms.GroupBy(term => term.Key)
            .Select(group => (Word: Spelling(group), Score: rank[nodes[group.Key]] * Weight(group.First()), Occurrences: group.Count()))
            .OrderByDescending(word => word.Score).ThenBy(word => word.Word, StringComparer.Ordinal)
            .Take(count).ToList();
        return new KeywordList(
            scored.ConvertAll(word => new Keyword(word.Word, Math.Round(word.Score / scored[0].Score, 3), word.Occurrences)),
            Script.LanguageOf(text));
    }

    private static List<(int A, int B, double Weight)> Neighbours(List<Term> terms, Dictionary<string, int> nodes)
    {
        var weights = new Dictionary<(int, int), double>();
        for (var i = 0; i < terms.Count; i++)
            for (var j = i + 1; j < Math.Min(i + Window, terms.Count); j++)
            {
                var (a, b) = (nodes[terms[i].Key], nodes[terms[j].Key]);
                if (a != b)
                    weights[a < b ? (a, b) : (b, a)] = weights.GetValueOrDefault(a < b ? (a, b) : (b, a)) + 1.0 / (j - i);
            }
        return [.. weights.Select(pair => (pair.Key.Item1, pair.Key.Item2, pair.Value))];
    }

    /// <summary>A single kanji is seldom a word that says something; a compound is.</summary>
    private static double Weight(Term term) => term.Kind switch
    {
        CharKind.Kanji when term.Key.Length == 1 => 0.3,
        CharKind.Kanji or CharKind.Katakana => Math.Min(1.5, 1 + 0.1 * (term.Key.Length - 2)),
        _ => 1,
    };

    /// <summary>The spelling used most; names keep their capitals only when they are never written without.</summary>
    private static string Spelling(IGrouping<string, Term> group)
    {
        var lower = group.Select(term => term.Surface).FirstOrDefault(surface => surface == surface.ToLowerInvariant());
        return lower is not null ? group.Key : group.CountBy(term => term.Surface).MaxBy(pair => pair.Value).Key;
    }
}
