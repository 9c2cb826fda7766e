namespace Agora.Search;

/// <summary>A query's filters, resolved once against a snapshot, so that a row is judged by a few comparisons of numbers.</summary>
internal sealed class SearchFilter
{
    private readonly Snapshot snapshot;
    private readonly long maxPriceMicros;
    private readonly bool[]? categories;
    private readonly IReadOnlySet<string>? onlyIds;
    private readonly IdProbe onlyProbe;

    public SearchFilter(Snapshot snapshot, SearchQuery query)
    {
        this.snapshot = snapshot;
        maxPriceMicros = query.MaxPriceMicros ?? long.MaxValue;
        categories = Categories(query);
        onlyIds = query.OnlyIds;
        if (onlyIds is not null) onlyProbe = new IdProbe(onlyIds, onlyIds.Count);
    }

    public bool Passes(int slot)
    {
        ref readonly var row = ref snapshot.Rows[slot];
        return snapshot.Shows(slot)
            && row.PriceMicros <= maxPriceMicros
            && (categories is null || categories[row.Category])
            && (onlyIds is null || (onlyProbe.MayHold(row.IdHash) && onlyIds.Contains(row.Id)));
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
        bool[] marked = new bool[snapshot.Categories];
        foreach (string name in names)
        {
            // A category met after the snapshot has no rows in it.
            if (snapshot.Generation.TryGetCategory(name, out int category) && category < marked.Length) marked[category] = true;
        }

        return marked;
    }
}
