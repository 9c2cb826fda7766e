using System.Buffers;
using System.Numerics;

namespace Agora.Search;

/// <summary>
/// A search without filters that reads no more than its page needs. Documents that hold a rarer term, or whose class is known, are scored one by one; of the others, which hold the commonest term
/// alone, whole tiers score alike, so they are taken from the best tier on, by id, until none can come before the page's last one any more.
/// <para>It costs the postings of the rarer terms, and of the commonest one what is asked about until the page is full: all of it where nothing is lifted, and somebody could be.</para>
/// </summary>
internal sealed class TieredSearch
{
    /// <summary>Far above what rounding does: a lower tier's score may come out as high as this one's.</summary>
    private const double Hair = 1 + 1e-12;

    private readonly Contents _contents;
    private readonly SearchQuery _query;
    private readonly SearchBoost _boost;
    private readonly Postings?[] _terms;
    private readonly double[] _idfs;
    private readonly double _averageLength;
    private readonly double _attainable;
    private readonly int _common;
    private readonly long _others;

    /// <param name="terms">None: a listing.</param>
    public TieredSearch(Contents contents, SearchQuery query, SearchBoost boost, List<string> terms, double averageLength)
    {
        (_contents, _query, _boost, _averageLength) = (contents, query, boost, averageLength);
        _terms = [.. terms.Select(contents.Find)];
        _idfs = [.. _terms.Select(postings => Relevance.Idf(contents.Live, postings?.Entries.Length ?? 0))];
        _attainable = terms.Count == 0 ? 1 : _idfs.Aggregate(0.0, static (sum, idf) => sum + idf);
        for (int i = 0; i < _terms.Length; i++)
        {
            _others += Held(i);
            _common = Held(i) > Held(_common) ? i : _common;
        }

        _others -= IsListing ? 0 : Held(_common);
    }

    /// <summary>To look up the rarer terms' documents one by one costs less than to read all rows.</summary>
    public bool IsWorthwhile => _query.Offset <= Ranking.MaxHeap - _query.Limit && _others * _terms.Length * (BitOperations.Log2((uint)_contents.Bound) + 1) <= _contents.Bound;

    private bool IsListing => _terms.Length == 0;

    public SearchPage Run()
    {
        double[] scores = ArrayPool<double>.Shared.Rent(_contents.Bound);
        try
        {
            var best = new Best(new RankOrder(scores, _contents.Rows, _boost), _query.Offset + _query.Limit);
            var (scored, total) = Score(scores, best);
            foreach (var (text, tier) in Tiers())
            {
                if (!Take(text, tier, scores, best, scored)) break;
            }

            int[] first = best.InOrder();
            return Searcher.PageOf(first.AsSpan(Math.Min(first.Length, _query.Offset)), scores, _contents.Rows, total);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
        }
    }

    private int Held(int term) => _terms[term]?.Entries.Length ?? 0;

    /// <summary>One by one: what holds a rarer term, and what holds the commonest and has a known class.</summary>
    private (HashSet<int> Scored, int Total) Score(double[] scores, Best best)
    {
        var (scored, total) = (new HashSet<int>(), IsListing ? _contents.Live : Held(_common));
        for (int i = 0; i < _terms.Length; i++)
        {
            if (i == _common || _terms[i] is not { } rarer) continue;

            foreach (uint entry in rarer.Entries)
            {
                int slot = Postings.Slot(entry);
                if (!scored.Add(slot)) continue;

                total += HoldsCommon(slot) ? 0 : 1;
                Offer(slot, TextOf(slot), scores, best);
            }
        }

        foreach (string id in _query.Boosts?.Keys ?? [])
        {
            if (_contents.SlotOf(id) is { } slot && (IsListing || HoldsCommon(slot)) && scored.Add(slot))
            {
                Offer(slot, TextOf(slot), scores, best);
            }
        }

        return (scored, total);
    }

    private bool HoldsCommon(int slot) => _terms[_common]?.FrequencyAt(slot) > 0;

    // In the order of the terms: a sum in another order may be another one in its last digit.
    private double TextOf(int slot)
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

        return score / _attainable;
    }

    private IEnumerable<(double Text, ReadOnlyMemory<int> Slots)> Tiers() => IsListing ? [(Relevance.Listed, _contents.SlotsById)]
        : _terms[_common] is not { } common ? []
        : common.Tiers(_contents.Rows)
            .Select(tier => (Text: _idfs[_common] * Relevance.TermShare(tier.Frequency, Relevance.LengthNorm(tier.Length, _averageLength)) / _attainable, Slots: (ReadOnlyMemory<int>)tier.Slots))
            .OrderByDescending(static tier => tier.Text);

    /// <returns>False: nothing of a lower tier can be on the page.</returns>
    private bool Take(double text, ReadOnlyMemory<int> tier, double[] scores, Best best, HashSet<int> scored)
    {
        double most = Relevance.Boosted(text, _boost.MostOfUnknown);
        foreach (int slot in tier.Span)
        {
            if (best.IsFull)
            {
                if (scores[best.Worst] > most * Hair) return false;

                // Those behind it in its tier are later too.
                if (scores[best.Worst] == most && _contents.Rows[slot].Rank > _contents.Rows[best.Worst].Rank) return true;
            }

            if (!scored.Contains(slot))
            {
                Offer(slot, text, scores, best);
            }
        }

        return true;
    }

    private void Offer(int slot, double text, double[] scores, Best best)
    {
        scores[slot] = RankOrder.Open(text);
        best.Offer(slot);
    }
}
