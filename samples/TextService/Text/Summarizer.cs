namespace Agora.Samples.TextService.Text;

internal sealed record Extract(string Summary, IReadOnlyList<string> Sentences, string Language, int SentencesRead);

/// <summary>
/// Extractive: picks the sentences most alike to the rest, weighing rare words more, passes over near repetitions, and gives
/// them in the order of the text. At most the first <see cref="MaxSentences"/> sentences are compared, pair by pair.
/// </summary>
internal static class Summarizer
{
    private const int MaxSentences = 600;
    private const double NearRepetition = 0.7;

    /// <param name="maxLength">Of the summary, in characters; a sentence that alone is longer is cut.</param>
    public static Extract Summarize(string text, int count, int maxLength = int.MaxValue)
    {
        var sentences = Sentences.Split(text);
        var language = Script.LanguageOf(text);
        var read = sentences.Count > MaxSentences ? sentences[..MaxSentences] : sentences;
        var between = language == "ja" ? "" : " ";
        var chosen = Choose(read, count, maxLength, between.Length).Order().Select(i => Cut(read[i], maxLength)).ToList();
        return new Extract(string.Join(between, chosen), chosen, language, read.Count);
    }

    /// <summary>Never within a character that takes two.</summary>
    private static string Cut(string sentence, int maxLength)
    {
        if (sentence.Length <= maxLength) return sentence;
        var end = char.IsHighSurrogate(sentence[maxLength - 2]) ? maxLength - 2 : maxLength - 1;
        return sentence[..end] + "…";
    }

    private static List<int> Choose(List<string> sentences, int count, int maxLength, int between)
    {
        var vectors = Vectors(sentences);
        var edges = new List<(int A, int B, double Weight)>();
        for (var a = 0; a < vectors.Count; a++)
            for (var b = a + 1; b < vectors.Count; b++)
                if (Cosine(vectors[a], vectors[b]) is var alike and > 0)
                    edges.Add((a, b, alike));
        var rank = Centrality.Of(sentences.Count, edges);

        // Where a writer put a sentence first, it usually says what the text is about: it wins among near equals.
        var best = Enumerable.Range(0, sentences.Count).OrderByDescending(i => rank[i] * (i == 0 ? 1.15 : 1)).ThenBy(i => i);
        var (chosen, first, left) = (new List<int>(), -1, maxLength);
        foreach (var i in best)
        {
            first = first < 0 ? i : first;
            if (chosen.Count == count) break;
            if (sentences[i].Length > left || chosen.Any(other => Cosine(vectors[i], vectors[other]) > NearRepetition)) continue;
            chosen.Add(i);
            left -= sentences[i].Length + between;
        }

        return chosen.Count == 0 && first >= 0 ? [first] : chosen;
    }

    /// <summary>One unit vector a sentence: term frequency times inverse sentence frequency.</summary>
    private static List<Dictionary<string, double>> Vectors(List<string> sentences)
    {
        var counts = sentences.ConvertAll(sentence => Terms.Features(sentence).CountBy(feature => feature).ToDictionary());
        var spread = counts.SelectMany(count => count.Keys).CountBy(feature => feature).ToDictionary();
        return counts.ConvertAll(count =>
        {
            var weights = count.ToDictionary(pair => pair.Key, pair => pair.Value * Math.Log(1 + (double)sentences.Count / spread[pair.Key]));
            var length = Math.Sqrt(weights.Values.Sum(weight => weight * weight));
            return weights.ToDictionary(pair => pair.Key, pair => pair.Value / length);
        });
    }

    private static double Cosine(Dictionary<string, double> a, Dictionary<string, double> b)
    {
        var (small, large) = a.Count < b.Count ? (a, b) : (b, a);
        var sum = 0.0;
        foreach (var (feature, weight) in small)
            if (large.TryGetValue(feature, out var other))
                sum += weight * other;
        return sum;
    }
}
