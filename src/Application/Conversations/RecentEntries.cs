namespace Agora.Application.Conversations;

/// <summary>Entries in their order: one is added behind the last, the first is taken, and those behind a place are found in logarithmic time.</summary>
internal sealed class RecentEntries
{
    private readonly List<ToldEntry> _all = [];
    private int _first; // those before it were taken

    public int Count => _all.Count - _first;

    public void Add(ToldEntry told) => _all.Add(told);

    public ToldEntry TakeFirst()
    {
        var taken = _all[_first];
        _all[_first++] = null!;
        if (_first > Count)
        {
            _all.RemoveRange(0, _first);
            _first = 0;
        }

        return taken;
    }

    /// <summary>At most so many.</summary>
    public IReadOnlyList<ToldEntry> Behind(InboxPlace place, int limit)
    {
        var before = UpTo(place);
        return _all.GetRange(_first + before, Math.Min(limit, Count - before));
    }

    /// <summary>How many do not stand behind a place.</summary>
    public int UpTo(InboxPlace place)
    {
        var (low, high) = (_first, _all.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Inbox.IsBefore(place.Order, _all[middle].Order))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low - _first;
    }

    public void Clear()
    {
        _all.Clear();
        _first = 0;
    }
}
