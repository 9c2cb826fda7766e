namespace Agora.Search;

/// <summary>A query's filters, resolved once, so that a row is judged by a few comparisons of numbers.</summary>
internal sealed class SearchFilter
{
    private readonly Contents contents;
    private readonly long maxPriceMicros;
    private readonly bool[]? categories;
    private readonly IReadOnlySet<string>? onlyIds;
    private readonly IdProbe onlyProbe;

    public SearchFilter(Contents contents, SearchQuery query)
    {
        this.contents = contents;
        maxPriceMicros = query.MaxPriceMicros ?? long.MaxValue;
        categories = Categories(query);
        onlyIds = query.OnlyIds;
        if (onlyIds is not null) onlyProbe = new IdProbe(onlyIds, onlyIds.Count);
    }

    public bool Passes(int slot)
    {
        ref readonly var row = ref contents.Rows[slot];
        return row.Document is not null
            && row.PriceMicros <= maxPriceMicros
            && (categories is null || categories[row.Category])
            && (onlyIds is null || (onlyProbe.MayHold(row.IdHash) && onlyIds.Contains(row.Document.Id)));
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
        bool[] marked = new bool[contents.Categories];
        foreach (string name in names)
        {
            if (contents.TryGetCategory(name, out int category)) marked[category] = true;
        }

        return marked;
    }
}
