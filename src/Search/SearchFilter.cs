namespace Agora.Search;

/// <summary>A query's filters, resolved once, so that a row is judged by a few comparisons of numbers.</summary>
internal sealed class SearchFilter
{
    private readonly Contents _contents;
    private readonly long _maxPriceMicros;
    private readonly bool[]? _categories;
    private readonly IReadOnlySet<string>? _onlyIds;
    private readonly IdProbe _onlyProbe;

    public SearchFilter(Contents contents, SearchQuery query)
    {
        _contents = contents;
        _maxPriceMicros = query.MaxPriceMicros ?? long.MaxValue;
        _categories = Categories(query);
        _onlyIds = query.OnlyIds;
        if (_onlyIds is not null)
        {
            _onlyProbe = new IdProbe(_onlyIds, _onlyIds.Count);
        }
    }

    public bool Passes(int slot)
    {
        ref readonly var row = ref _contents.Rows[slot];
        return row.Document is not null
            && row.PriceMicros <= _maxPriceMicros
            && (_categories is null || _categories[row.Category])
            && (_onlyIds is null || (_onlyProbe.MayHold(row.IdHash) && _onlyIds.Contains(row.Document.Id)));
    }

    /// <summary>Null for every category.</summary>
    private bool[]? Categories(SearchQuery query)
    {
        if (query.AllowedCategories is null) return query.Category is null ? null : Marked([query.Category]);
        var allowed = Marked(query.AllowedCategories);
        if (query.Category is null) return allowed;
        var asked = Marked([query.Category]);
        for (int i = 0; i < asked.Length; i++) asked[i] &= allowed[i];
        return asked;
    }

    private bool[] Marked(IReadOnlyCollection<string> names)
    {
        bool[] marked = new bool[_contents.Categories];
        foreach (string name in names)
        {
            if (_contents.TryGetCategory(name, out int category))
            {
                marked[category] = true;
            }
        }

        return marked;
    }
}
