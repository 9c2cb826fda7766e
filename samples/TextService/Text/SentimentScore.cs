namespace Agora.Samples.TextService.Text;

internal sealed record MatchedWord(string Word, int Weight);

internal sealed record Sentiment(string Label, double Score, IReadOnlyList<MatchedWord> MatchedWords, string Language);

/// <summary>
/// Sums the weights of known words, turned round where they are negated and raised where they are stressed. The score lies in
/// (-1, 1). It knows words, not irony.
/// </summary>
internal static class SentimentScore
{
    private const double Neutral = 0.2;
    private const int MaxMatchesShown = 100;

    private static readonly HashSet<string> Negations = new(StringComparer.Ordinal)
    {
        "not", "no", "never", "neither", "nor", "without", "hardly", "barely", "cannot", "nothing",
    };

    private static readonly HashSet<string> Stresses = new(StringComparer.Ordinal)
    {
        "very", "really", "extremely", "so", "too", "absolutely", "incredibly", "highly", "totally", "truly",
    };

    private static readonly string[] JapaneseNegations = ["ない", "なく", "なかった", "ません"];
    private static readonly string[] JapaneseStresses = ["とても", "非常に", "すごく", "大変", "本当に", "かなり", "極めて"];
    private static readonly int LongestStem = Lexicon.JapaneseFeelings.Keys.Max(stem => stem.Length);

    public static Sentiment Of(string text)
    {
        var matches = English(text).Concat(Japanese(text)).ToList();
        var sum = matches.Sum(match => match.Weight);
        var score = Math.Round(sum / Math.Sqrt((double)sum * sum + 12), 3);
        var label = score > Neutral ? "positive" : score < -Neutral ? "negative" : "neutral";
        return new Sentiment(label, score, [.. matches.Take(MaxMatchesShown)], Script.LanguageOf(text));
    }

    private static IEnumerable<MatchedWord> English(string text)
    {
        foreach (var sentence in Sentences.Split(text))
        {
            var words = Terms.Runs(sentence).Where(run => run.Kind == CharKind.Latin).Select(run => run.Surface.ToLowerInvariant().Replace('’', '\'')).ToList();
            for (var i = 0; i < words.Count; i++)
                if (Feeling(words[i]) is { } weight)
                    yield return new MatchedWord(words[i], InContext(weight, words, i));
        }
    }

    private static int? Feeling(string word)
    {
        foreach (var form in (ReadOnlySpan<string>)[word, Without(word, "s"), Without(word, "d"), Without(word, "ed"), Without(word, "ing"), Without(word, "ly")])
            if (Lexicon.EnglishFeelings.TryGetValue(form, out var weight))
                return weight;
        return null;
    }

    private static string Without(string word, string ending) =>
        word.Length > ending.Length + 2 && word.EndsWith(ending, StringComparison.Ordinal) ? word[..^ending.Length] : word;

    private static int InContext(int weight, List<string> words, int at)
    {
        var before = words[Math.Max(0, at - 3)..at];
        if (before.Count > 0 && Stresses.Contains(before[^1]))
            weight += Math.Sign(weight);
        return before.Any(word => Negations.Contains(word) || word.EndsWith("n't", StringComparison.Ordinal)) ? -weight : weight;
    }

    // The longest stem at a place counts, so that 面白くない is not found as 白 or counted twice.
    private static IEnumerable<MatchedWord> Japanese(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            for (var length = Math.Min(LongestStem, text.Length - i); length > 0; length--)
            {
                var stem = text.Substring(i, length);
                if (!Lexicon.JapaneseFeelings.TryGetValue(stem, out var weight))
                    continue;
                yield return new MatchedWord(stem, InContext(weight, text, i, i + length));
                i += length - 1;
                break;
            }
        }
    }

    /// <summary>In Japanese the stress stands before and the negation right behind, in the word's own ending.</summary>
    private static int InContext(int weight, string text, int start, int end)
    {
        var before = text[Math.Max(0, start - 4)..start];
        if (JapaneseStresses.Any(stress => before.EndsWith(stress, StringComparison.Ordinal)))
            weight += Math.Sign(weight);
        var ending = Ending(text, end);
        return JapaneseNegations.Any(negation => ending.Contains(negation, StringComparison.Ordinal)) ? -weight : weight;
    }

    private static string Ending(string text, int from)
    {
        var end = from;
        while (end < text.Length && end - from < 5 && Script.KindOf(text[end]) == CharKind.Hiragana)
            end++;
        return text[from..end];
    }
}
