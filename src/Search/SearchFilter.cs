namespace Agora.Search;

/// <summary>A query's filters, resolved once: a row is judged by a few comparisons of numbers, all rows together by sets of slots.</summary>
internal sealed class SearchFilter
{
    private readonly Contents _contents;
    private readonly long _maxPriceMicros;
    private readonly HashSet<int>? _categories;
    private readonly HashSet<int>? _providers;
    private readonly Liked? _onlyLiked;
    private readonly IReadOnlySet<string>? _onlyIds;
    private readonly IdProbe _onlyProbe;
    private readonly SearchBoost? _onlyLifted;

    public SearchFilter(Contents contents, SearchQuery query, SearchBoost boost)
    {
        _contents = contents;
        _maxPriceMicros = query.MaxPriceMicros ?? long.MaxValue;
        _categories = Categories(query);
        _providers = query.Provider is { } provider ? contents.Providers.Find([provider]) : null;
        _onlyLiked = query.OnlyPreferred ? Liked.Of(contents, query.Preferred ?? new([], [])) : null;
        _onlyIds = query.OnlyIds;
        _onlyLifted = query.OnlyLifted ? boost : null;
        if (_onlyIds is not null)
        {
            _onlyProbe = new IdProbe(_onlyIds, _onlyIds.Count);
        }
    }

    /// <summary>Nothing is filtered.</summary>
    public bool PassesAll =>
        _maxPriceMicros == long.MaxValue && _categories is null && _providers is null && _onlyLiked is null && _onlyIds is null && _onlyLifted is null;

    public bool Passes(int slot)
    {
        ref readonly var row = ref _contents.Rows[slot];
        return row.Document is not null
            && row.PriceMicros <= _maxPriceMicros
            && (_categories is null || _categories.Contains(row.Category))
            && (_providers is null || _providers.Contains(row.Provider))
            && (_onlyLiked is null || _onlyLiked.Is(row))
            && (_onlyIds is null || (_onlyProbe.MayHold(row.IdHash) && _onlyIds.Contains(row.Document.Id)))
            && (_onlyLifted is null || _onlyLifted.IsLifted(row));
    }

    /// <summary>Leaves those that pass.</summary>
    public void Keep(SlotSet slots)
    {
        using var one = new SlotSet(_contents.Bound);
        Keep(_categories is not null, () => AddTo(one, _contents.Categories, _categories!));
        Keep(_providers is not null, () => AddTo(one, _contents.Providers, _providers!));
        Keep(_onlyLiked is not null, () => _onlyLiked!.AddTo(one));
        Keep(_onlyLifted is not null, () => _onlyLifted!.AddLifted(one));
        Keep(_onlyIds is not null, () => AddIds(one));
        _contents.Prices.Keep(slots.Bits, _maxPriceMicros);

        void Keep(bool isAsked, Action add)
        {
            if (!isAsked) return;

            one.Bits.Clear();
            add();
            slots.Keep(one);
        }
    }

    private static void AddTo(SlotSet slots, Column<string> column, HashSet<int> numbers)
    {
        foreach (int number in numbers) column.SlotsOf(number).AddTo(slots);
    }

    private void AddIds(SlotSet slots)
    {
        foreach (string id in _onlyIds!)
        {
            if (_contents.SlotOf(id) is { } slot)
            {
                slots.Add(slot);
            }
        }
    }

    /// <summary>Null for every category.</summary>
    private HashSet<int>? Categories(SearchQuery query)
    {
        var names = _contents.Categories;
        var asked = query.Category is null ? null : names.Find([query.Category]);
        if (query.AllowedCategories is null) return asked;

        var allowed = names.Find(query.AllowedCategories);
        asked?.IntersectWith(allowed);
        return asked ?? allowed;
    }
}
