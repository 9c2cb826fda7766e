namespace Agora.Search;

/// <summary>How well documents answer a query's terms, without a sponsor (<see cref="Relevance"/>); no terms: a listing, in which all are alike.</summary>
internal sealed class TermScores
{
    private readonly Contents _contents;
    private readonly Postings?[] _terms;
    private readonly double[] _idfs;
    private readonly double _averageLength;

    public TermScores(Contents contents, List<string> terms)
    {
        _contents = contents;
        _averageLength = Math.Max(1, (double)contents.TotalLength / contents.Live);
        _terms = terms.Count == 0 ? [contents.All] : [.. terms.Select(contents.Find)];
        _idfs = [.. _terms.Select(postings => Relevance.Idf(contents.Live, postings?.Entries.Length ?? 0))];
        IsListing = terms.Count == 0;
        Attainable = IsListing ? 1 : _idfs.Aggregate(0.0, static (sum, idf) => sum + idf);
        Commonest = _terms.MaxBy(static postings => postings?.Entries.Length ?? 0);
        Rarer = [.. _terms.OfType<Postings>().Where(postings => postings != Commonest)];
    }

    public bool IsListing { get; }

    /// <summary>Null: no document holds any.</summary>
    public Postings? Commonest { get; }

    /// <summary>Terms that documents hold, but the commonest.</summary>
    public IReadOnlyList<Postings> Rarer { get; }

    // In the order of the terms: a sum in another order may be another one in its last digit.
    public double Of(int slot)
    {
        if (IsListing) return Relevance.Listed;

        double norm = Relevance.LengthNorm(_contents.Rows[slot].Length, _averageLength);
        double score = 0;
        for (int i = 0; i < _terms.Length; i++)
        {
            if (_terms[i]?.FrequencyAt(slot) is > 0 and var frequency)
            {
                score += _idfs[i] * Relevance.TermShare(frequency, norm);
            }
        }

        return score / Attainable;
    }

    /// <summary>What a document could score at most.</summary>
    public double Attainable { get; }

    /// <summary>The same of all, not yet divided by <see cref="Attainable"/>; 0 where there is no match.</summary>
    public void AddAll(Span<double> scores)
    {
        scores.Fill(IsListing ? Relevance.Listed : 0);
        if (IsListing) return;

        var (rows, averageLength) = (_contents.Rows, _averageLength);
        for (int i = 0; i < _terms.Length; i++)
        {
            double idf = _idfs[i];
            foreach (uint entry in _terms[i] is { } held ? held.Entries : [])
            {
                int slot = Postings.Slot(entry);
                scores[slot] += idf * Relevance.TermShare(Postings.Frequency(entry), Relevance.LengthNorm(rows[slot].Length, averageLength));
            }
        }
    }

    /// <summary>What holds the commonest term alone, best first: documents of a tier score alike, and are in the order of their ids.</summary>
    public IReadOnlyList<(double Score, int[] Slots)> Tiers()
    {
        if (IsListing) return [(Relevance.Listed, _contents.SlotsById)];
        if (Commonest is null) return [];

        double idf = _idfs[Array.IndexOf(_terms, Commonest)];
        return
        [
            .. Commonest.Tiers(_contents.Rows)
                .Select(tier => (Score: idf * Relevance.TermShare(tier.Frequency, Relevance.LengthNorm(tier.Length, _averageLength)) / Attainable, tier.Slots))
                .OrderByDescending(static tier => tier.Score),
        ];
    }
}
