namespace Agora.Search;

/// <summary>The classes of one query: the sponsors', 0 for whatever nobody sponsors, and one more for what is liked.</summary>
internal sealed class SearchBoost
{
    private const int Lifted = 1;

    private readonly Contents _contents;
    private readonly IReadOnlyDictionary<string, int>? _classes;
    private readonly IdProbe _probe;
    private readonly Func<object, bool>? _isLifted;
    private readonly bool?[] _groups;
    private readonly Liked? _liked;

    public SearchBoost(Contents contents, SearchQuery query)
    {
        (_contents, _isLifted, _liked) = (contents, query.IsLifted, Liked.Of(contents, query.Preferred));
        _groups = _isLifted is null ? [] : new bool?[contents.Groups.Bound];
        if (query.Boosts is not { Count: > 0 } boosts) return;
        foreach (int boost in boosts.Values)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(boost);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(boost, Relevance.MaxBoost);
        }

        _classes = boosts;
        _probe = new IdProbe(boosts.Keys, boosts.Count);
    }

    /// <summary>Documents whose class their group does not tell.</summary>
    public IEnumerable<int> Known => _classes is null ? [] : _classes.Keys.Select(_contents.SlotOf).OfType<int>();

    /// <summary>Not all that are not <see cref="Known"/> are of class 0.</summary>
    public bool HasParts => _isLifted is not null || _liked is not null;

    public int Of(in Row row) => Sponsored(row) + (_liked?.Is(row) == true ? 1 : 0);

    public bool IsLifted(in Row row) => Sponsored(row) > 0;

    /// <summary>Adds what is lifted.</summary>
    public void AddLifted(SlotSet slots)
    {
        if (_isLifted is not null)
        {
            foreach (int group in _contents.Groups.Numbers.Where(IsGroupLifted)) _contents.Groups.SlotsOf(group).AddTo(slots);
        }

        foreach (int slot in Known)
        {
            if (IsLifted(_contents.Rows[slot]))
            {
                slots.Add(slot);
            }
            else slots.Remove(slot);
        }
    }

    /// <summary>These slots in parts, the highest class first: the class is that of whatever is not <see cref="Known"/>. Each part is the caller's to dispose of; the last one is what was given.</summary>
    public IEnumerable<(SlotSet Slots, int Class)> Parts(SlotSet slots)
    {
        List<(SlotSet Slots, int Class)> parts = [(slots, 0)];
        if (_isLifted is not null)
        {
            Split(parts, AddLifted);
        }

        if (_liked is not null)
        {
            Split(parts, _liked.AddTo);
        }

        return parts.OrderByDescending(static part => part.Class);
    }

    private void Split(List<(SlotSet Slots, int Class)> parts, Action<SlotSet> addRaised)
    {
        using var raised = new SlotSet(_contents.Bound);
        addRaised(raised);
        foreach (var (slots, known) in parts.ToArray()) parts.Add((slots.Split(raised), known + Lifted));
    }

    private int Sponsored(in Row row)
    {
        if (_classes is not null && _probe.MayHold(row.IdHash) && _classes.TryGetValue(row.Document!.Id, out int known)) return known;

        return _isLifted is not null && IsGroupLifted(row.Group) ? Lifted : 0;
    }

    private bool IsGroupLifted(int group) => _groups[group] ??= _isLifted!(_contents.Groups.ValueOf(group));
}
