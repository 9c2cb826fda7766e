using System.Numerics;

namespace Agora.Search;

/// <summary>Best first: relevance descending, then id ascending, ordinally. Total, so that pages never overlap.</summary>
internal sealed class RankOrder(double[] scores, Row[] rows) : IComparer<int>
{
    public int Compare(int x, int y)
    {
        int byScore = scores[y].CompareTo(scores[x]);
        return byScore != 0 ? byScore : rows[x].Rank.CompareTo(rows[y].Rank);
    }
}

/// <summary>The best so many of those that are offered.</summary>
internal sealed class Best(RankOrder order, int most)
{
    private readonly PriorityQueue<int, int> _heap = new(Comparer<int>.Create((x, y) => order.Compare(y, x)));

    public int Count => _heap.Count;

    public bool IsFull => _heap.Count == most;

    /// <summary>Of those that are held, where there are any.</summary>
    public int Worst => _heap.Peek();

    public void Offer(int slot)
    {
        if (!IsFull)
        {
            _heap.Enqueue(slot, slot);
        }
        else if (order.Compare(slot, Worst) < 0) _heap.DequeueEnqueue(slot, slot);
    }

    /// <summary>Best first; none is held afterwards.</summary>
    public int[] InOrder()
    {
        int[] best = new int[_heap.Count];
        for (int i = best.Length - 1; i >= 0; i--) best[i] = _heap.Dequeue();
        return best;
    }
}

/// <summary>One page of an order without sorting all of it.</summary>
internal static class Ranking
{
    /// <summary>Up to here a heap is cheap: nearly every match is dismissed by one comparison with its root.</summary>
    public const int MaxHeap = 1_024;

    /// <summary>Below this a sort is cheaper than another partition.</summary>
    private const int SmallRange = 32;

    /// <summary>The slots from offset on, at most limit, in order. Moves the matches about.</summary>
    public static ReadOnlySpan<int> Page(Span<int> matches, RankOrder order, int offset, int limit)
    {
        if (offset >= matches.Length) return [];
        int count = Math.Min(limit, matches.Length - offset);
        if (offset + count <= MaxHeap) return Best(matches, order, offset + count).AsSpan(offset);

        // The page is cut out on its left, then on its right: linear, where a heap would hold every page before it.
        Partition(matches, offset, order);
        var page = matches[offset..];
        if (count < page.Length)
        {
            Partition(page, count, order);
        }

        page = page[..count];
        page.Sort(order.Compare);
        return page;
    }

    private static int[] Best(ReadOnlySpan<int> matches, RankOrder order, int count)
    {
        var best = new Best(order, count);
        foreach (int match in matches) best.Offer(match);
        return best.InOrder();
    }

    /// <summary>
    /// Quickselect: afterwards the first k matches all come before the others. A run of bad pivots ends in a
    /// sort, so no choice of ids makes this quadratic.
    /// </summary>
    private static void Partition(Span<int> matches, int k, RankOrder order)
    {
        int low = 0;
        int high = matches.Length;
        for (int tries = 2 * BitOperations.Log2((uint)matches.Length); tries > 0 && high - low > SmallRange; tries--)
        {
            int middle = low + Split(matches[low..high], order);
            if (k <= middle)
            {
                high = middle;
            }
            else low = middle;
        }

        matches[low..high].Sort(order.Compare);
    }

    /// <summary>Hoare's partition by the median of three; both parts get at least one match.</summary>
    private static int Split(Span<int> range, RankOrder order)
    {
        int pivot = Median(range[0], range[range.Length / 2], range[^1], order);
        int left = 0;
        int right = range.Length - 1;
        while (true)
        {
            while (order.Compare(range[left], pivot) < 0) left++;
            while (order.Compare(range[right], pivot) > 0) right--;
            if (left >= right) return left;
            (range[left], range[right]) = (range[right], range[left]);
            left++;
            right--;
        }
    }

    private static int Median(int a, int b, int c, RankOrder order)
    {
        if (order.Compare(a, b) > 0)
        {
            (a, b) = (b, a);
        }

        if (order.Compare(b, c) <= 0) return b;
        return order.Compare(a, c) > 0 ? a : c;
    }
}
