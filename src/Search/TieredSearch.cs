using System.Numerics;

namespace Agora.Search;

/// <summary>
/// A search that reads no more than its page needs:
/// <list type="number">
/// <item>Where few documents hold a word, or few pass the filters, these are scored one by one.</item>
/// <item>Otherwise what holds a rarer word, or has a class of its own, is scored one by one. What holds the commonest word alone scores alike by tiers, so it is taken from the best tier on, by id,
/// until none can come before the page's last one any more; once for each class that it may have, whose slots are a set.</item>
/// </list>
/// It counts by intersecting sets of slots. So what grows with the index is the bits of these sets, and the postings of rarer words; null is answered where to look these up one by one would cost more than to
/// read all rows.
/// </summary>
internal sealed class TieredSearch(Contents contents, SearchQuery query, SearchFilter filter, SearchBoost boost, TermScores terms, double[] scores)
{
    /// <summary>Far above what rounding does: a lower tier's score may come out as high as this one's.</summary>
    private const double Hair = 1 + 1e-12;

    /// <summary>What one document costs that is scored, in documents that are passed over in a tier.</summary>
    private const int ScoringCosts = 16;

    private readonly HashSet<int> _scored = [];
    private readonly Best _best = new(new RankOrder(scores, contents.Rows), (int)Math.Min((long)query.Offset + query.Limit, Ranking.MaxHeap));
    private int _total;

    private IReadOnlyList<(double Score, int[] Slots)> Tiers => field ??= terms.Tiers();

    public SearchPage? Run()
    {
        if (query.Offset > Ranking.MaxHeap - query.Limit) return null;
        if (terms.Commonest is not { } commonest) return SearchPage.Empty;

        long rarer = terms.Rarer.Sum(static postings => (long)postings.Entries.Length);
        if (AreFew(rarer + commonest.Entries.Length))
        {
            Score(Slots([commonest, .. terms.Rarer]).Where(filter.Passes));
            return Page();
        }

        return filter.PassesAll ? RunByTiers(commonest, rarer, null) : RunFiltered(commonest, rarer);
    }

    private SearchPage? RunFiltered(Postings commonest, long rarer)
    {
        using var passing = SetOf(contents.All);
        filter.Keep(passing);
        if (AreFew(passing.Count))
        {
            Score(passing.Slots());
            return Page();
        }

        return RunByTiers(commonest, rarer, passing);
    }

    /// <param name="passing">Null: all.</param>
    private SearchPage? RunByTiers(Postings commonest, long rarer, SlotSet? passing)
    {
        if (rarer * (terms.Rarer.Count + 1) * (BitOperations.Log2((uint)contents.Bound) + 1) > contents.Bound) return null;

        Score(Slots(terms.Rarer).Where(slot => passing?.Holds(slot) ?? true));
        Score(boost.Known.Where(slot => (passing?.Holds(slot) ?? true) && commonest.FrequencyAt(slot) > 0));
        _total -= _scored.Count(slot => commonest.FrequencyAt(slot) > 0);
        if (passing is null && !boost.HasParts)
        {
            _total += commonest.Entries.Length;
            Take(null, 0);
            return Page();
        }

        var matching = SetOf(commonest);
        if (passing is not null)
        {
            matching.Keep(passing);
        }

        _total += passing is null ? commonest.Entries.Length : matching.Count;
        foreach (var (slots, known) in boost.Parts(matching))
        {
            using (slots)
            {
                if (Tiers is [var (most, _), ..] && IsBeaten(Relevance.Boosted(most, known))) continue;

                if (AreFew(slots.Count))
                {
                    Offer(slots.Slots());
                }
                else Take(slots, known);
            }
        }

        return Page();
    }

    /// <summary>To score them all costs less than to look for a page of them in a tier, of which they are so small a part.</summary>
    private bool AreFew(long count) => ScoringCosts * count * count <= (long)query.Limit * contents.Bound;

    /// <summary>Scores those of them that match, and counts them.</summary>
    private void Score(IEnumerable<int> slots) => _total += Offer(slots);

    /// <returns>How many of them match that were not scored before.</returns>
    private int Offer(IEnumerable<int> slots)
    {
        int matched = 0;
        foreach (int slot in slots)
        {
            double text = _scored.Contains(slot) ? 0 : terms.Of(slot);
            if (text == 0) continue;

            _scored.Add(slot);
            Offer(slot, Relevance.Boosted(text, boost.Of(contents.Rows[slot])));
            matched++;
        }

        return matched;
    }

    /// <param name="part">Of the commonest term's documents; null: all.</param>
    /// <param name="known">The class of whatever in it was not scored before.</param>
    private void Take(SlotSet? part, int known)
    {
        foreach (var (text, slots) in Tiers)
        {
            double score = Relevance.Boosted(text, known);
            if (IsBeaten(score)) return;

            foreach (int slot in slots)
            {
                if (IsPastPage(slot, score)) break;

                if ((part?.Holds(slot) ?? true) && !_scored.Contains(slot))
                {
                    Offer(slot, score);
                }
            }
        }
    }

    /// <summary>Neither this score nor one of a lower tier comes before the page's last one.</summary>
    private bool IsBeaten(double score) => _best.IsFull && scores[_best.Worst] > score * Hair;

    /// <summary>It comes after the page's last one, and those behind it in its tier do too.</summary>
    private bool IsPastPage(int slot, double score) =>
        _best.IsFull && (scores[_best.Worst] > score || (scores[_best.Worst] == score && contents.Rows[slot].Rank > contents.Rows[_best.Worst].Rank));

    private void Offer(int slot, double score)
    {
        scores[slot] = score;
        _best.Offer(slot);
    }

    private SlotSet SetOf(Postings postings)
    {
        var slots = new SlotSet(contents.Bound);
        postings.AddTo(slots);
        return slots;
    }

    private static IEnumerable<int> Slots(IEnumerable<Postings> held)
    {
        foreach (var postings in held)
        {
            for (int i = 0; i < postings.Entries.Length; i++) yield return Postings.Slot(postings.Entries[i]);
        }
    }

    private SearchPage Page()
    {
        int[] first = _best.InOrder();
        return Searcher.PageOf(first.AsSpan(Math.Min(first.Length, query.Offset)), scores, contents.Rows, _total);
    }
}
