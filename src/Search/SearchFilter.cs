namespace Agora.Search;

/// <summary>A query's filters, resolved once, so that a row is judged by a few comparisons of numbers.</summary>
internal sealed class SearchFilter
{
    private readonly Contents _contents;
    private readonly long _maxPriceMicros;
    private readonly bool[]? _categories;
    private readonly int? _provider;
    private readonly Liked? _onlyLiked;
    private readonly IReadOnlySet<string>? _onlyIds;
    private readonly IdProbe _onlyProbe;

    public SearchFilter(Contents contents, SearchQuery query)
    {
        _contents = contents;
        _maxPriceMicros = query.MaxPriceMicros ?? long.MaxValue;
        _categories = Categories(query);
        _provider = query.Provider is { } provider ? contents.Providers.Find(provider) : null;
        _onlyLiked = query.OnlyPreferred ? Liked.Of(contents, query.Preferred ?? new([], [])) : null;
        _onlyIds = query.OnlyIds;
        if (_onlyIds is not null)
        {
            _onlyProbe = new IdProbe(_onlyIds, _onlyIds.Count);
        }
    }

    /// <summary>Nothing is filtered.</summary>
    public bool PassesAll => _maxPriceMicros == long.MaxValue && _categories is null && _provider is null && _onlyLiked is null && _onlyIds is null;

    public bool Passes(int slot)
    {
        ref readonly var row = ref _contents.Rows[slot];
        return row.Document is not null
            && row.PriceMicros <= _maxPriceMicros
            && (_categories is null || _categories[row.Category])
            && (_provider is null || row.Provider == _provider)
            && (_onlyLiked is null || _onlyLiked.Is(row))
            && (_onlyIds is null || (_onlyProbe.MayHold(row.IdHash) && _onlyIds.Contains(row.Document.Id)));
    }

    /// <summary>Null for every category.</summary>
    private bool[]? Categories(SearchQuery query)
    {
        var names = _contents.Categories;
        if (query.AllowedCategories is null) return query.Category is null ? null : names.Marked([query.Category]);
        var allowed = names.Marked(query.AllowedCategories);
        if (query.Category is null) return allowed;
        var asked = names.Marked([query.Category]);
        for (int i = 0; i < asked.Length; i++) asked[i] &= allowed[i];
        return asked;
    }
}
