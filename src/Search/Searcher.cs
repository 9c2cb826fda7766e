using System.Buffers;

namespace Agora.Search;

/// <summary>
/// One search: add up the terms' scores in an array over all slots, collect what matches and passes, order
/// the page. Linear in rows and postings, all dense arrays read in order: a millisecond or two at 100,000 documents. Where nothing is filtered, <see cref="TieredSearch"/> mostly reads less.
/// </summary>
internal sealed class Searcher(Contents contents, SearchQuery query)
{
    private readonly SearchFilter _filter = new(contents, query);
    private readonly SearchBoost _boost = new(query.Boosts, query.IsLifted, Liked.Of(contents, query.Preferred));

    public SearchPage Run()
    {
        bool listing = string.IsNullOrWhiteSpace(query.Text);
        var terms = listing ? [] : QueryTerms.Of(query.Text!);
        if (contents.Live == 0 || (!listing && terms.Count == 0)) return SearchPage.Empty;
        var tiered = _filter.PassesAll && !query.OnlyLifted ? new TieredSearch(contents, query, _boost, terms, AverageLength) : null;
        if (tiered is { IsWorthwhile: true }) return tiered.Run();

        double[] scores = ArrayPool<double>.Shared.Rent(contents.Bound);
        int[] matches = ArrayPool<int>.Shared.Rent(contents.Bound);
        try
        {
            scores.AsSpan(0, contents.Bound).Fill(listing ? Relevance.Listed : 0);
            double attainable = listing ? 1 : Score(terms, scores);
            return Page(scores, matches.AsSpan(0, Collect(scores, attainable, matches)));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
            ArrayPool<int>.Shared.Return(matches);
        }
    }

    private double AverageLength => Math.Max(1, (double)contents.TotalLength / contents.Live);

    /// <summary>Adds each term's score to its documents; returns what a document could have got at most.</summary>
    private double Score(List<string> terms, double[] scores)
    {
        double averageLength = AverageLength;
        double attainable = 0;
        var rows = contents.Rows;
        foreach (string term in terms)
        {
            var postings = contents.Postings(term);
            double idf = Relevance.Idf(contents.Live, postings.Length);
            attainable += idf;
            foreach (uint entry in postings)
            {
                int slot = Postings.Slot(entry);
                double norm = Relevance.LengthNorm(rows[slot].Length, averageLength);
                scores[slot] += idf * Relevance.TermShare(Postings.Frequency(entry), norm);
            }
        }

        return attainable;
    }

    /// <summary>Leaves each match's relevance in its score, open where its class is asked for, and returns how many there are.</summary>
    private int Collect(double[] scores, double attainable, int[] matches)
    {
        int count = 0;
        for (int slot = 0; slot < contents.Bound; slot++)
        {
            if (scores[slot] == 0 || !_filter.Passes(slot) || (query.OnlyLifted && !_boost.IsLifted(contents.Rows[slot]))) continue;
            double text = scores[slot] / attainable;
            scores[slot] = _boost.Asks ? RankOrder.Open(text) : Relevance.Boosted(text, _boost.Of(contents.Rows[slot]));
            matches[count++] = slot;
        }

        return count;
    }

    private SearchPage Page(double[] scores, Span<int> matches)
    {
        var page = Ranking.Page(matches, new RankOrder(scores, contents.Rows, _boost), query.Offset, query.Limit);
        return PageOf(page, scores, contents.Rows, matches.Length);
    }

    public static SearchPage PageOf(ReadOnlySpan<int> page, double[] scores, Row[] rows, int total)
    {
        var hits = new SearchHit[page.Length];
        for (int i = 0; i < hits.Length; i++) hits[i] = new SearchHit(rows[page[i]].Document!.Id, scores[page[i]]);
        return new SearchPage(hits, total);
    }
}
