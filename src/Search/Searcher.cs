using System.Buffers;

namespace Agora.Search;

/// <summary>
/// One search. <see cref="TieredSearch"/> mostly reads no more than the page needs; where it would not pay (several common words, a page far behind) all is read here: add up the terms' scores in an
/// array over all slots, collect what matches and passes, order the page. Linear in rows and postings, all dense arrays read in order: a millisecond or two at 100,000 documents.
/// </summary>
internal sealed class Searcher
{
    private readonly Contents _contents;
    private readonly SearchQuery _query;
    private readonly SearchBoost _boost;
    private readonly SearchFilter _filter;

    public Searcher(Contents contents, SearchQuery query)
    {
        (_contents, _query, _boost) = (contents, query, new(contents, query));
        _filter = new(contents, query, _boost);
    }

    public SearchPage Run()
    {
        bool listing = string.IsNullOrWhiteSpace(_query.Text);
        List<string> words = listing ? [] : QueryTerms.Of(_query.Text!);
        if (_contents.Live == 0 || (!listing && words.Count == 0)) return SearchPage.Empty;

        var terms = new TermScores(_contents, words);
        double[] scores = ArrayPool<double>.Shared.Rent(_contents.Bound);
        try
        {
            return new TieredSearch(_contents, _query, _filter, _boost, terms, scores).Run() ?? ReadAll(terms, scores);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
        }
    }

    private SearchPage ReadAll(TermScores terms, double[] scores)
    {
        int[] matches = ArrayPool<int>.Shared.Rent(_contents.Bound);
        try
        {
            terms.AddAll(scores.AsSpan(0, _contents.Bound));
            int count = 0;
            for (int slot = 0; slot < _contents.Bound; slot++)
            {
                if (scores[slot] == 0 || !_filter.Passes(slot)) continue;
                scores[slot] = Relevance.Boosted(scores[slot] / terms.Attainable, _boost.Of(_contents.Rows[slot]));
                matches[count++] = slot;
            }

            var page = Ranking.Page(matches.AsSpan(0, count), new RankOrder(scores, _contents.Rows), _query.Offset, _query.Limit);
            return PageOf(page, scores, _contents.Rows, count);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(matches);
        }
    }

    public static SearchPage PageOf(ReadOnlySpan<int> page, double[] scores, Row[] rows, int total)
    {
        var hits = new SearchHit[page.Length];
        for (int i = 0; i < hits.Length; i++) hits[i] = new SearchHit(rows[page[i]].Document!.Id, scores[page[i]]);
        return new SearchPage(hits, total);
    }
}
