namespace Agora.Search;

/// <summary>What the index holds of a service. A service that nobody may find (inactive) is removed, not flagged.</summary>
/// <param name="PriceMicros">At least 0.</param>
/// <param name="Provider">Whose service it is; a filter, and nothing that text finds.</param>
public sealed record SearchDocument(string Id, string Name, string Description, string Category, long PriceMicros, string Provider = "")
{
    /// <summary>Documents of equal groups are lifted together (<see cref="SearchQuery.IsLifted"/>).</summary>
    public object Group { get; init; } = "";
}

/// <summary>What somebody likes: documents of any of these categories, or of any of these providers.</summary>
public sealed record Preference(IReadOnlyCollection<string> Categories, IReadOnlyCollection<string> Providers);

/// <summary>
/// One page to be found. Blank <see cref="Text"/> lists everything that passes the filters; text without a single
/// letter or digit finds nothing. Otherwise a document matches when it holds at least one of the query's terms.
/// Ids and providers are compared ordinally, categories ordinally ignoring case, here and in <see cref="AllowedCategories"/>.
/// </summary>
public sealed record SearchQuery
{
    public const int MaxLimit = 1_000;

    public string? Text { get; init; }
    public string? Category { get; init; }
    public string? Provider { get; init; }
    public long? MaxPriceMicros { get; init; }

    /// <summary>Lifts what is liked by one class.</summary>
    public Preference? Preferred { get; init; }

    /// <summary>Only what is liked: nothing, where <see cref="Preferred"/> is null.</summary>
    public bool OnlyPreferred { get; init; }

    /// <summary>The caller's scope; null allows all, an empty collection nothing. "*" has no meaning here.</summary>
    public IReadOnlyCollection<string>? AllowedCategories { get; init; }

    /// <summary>Only these documents (say, the sponsored ones); null for all. Must compare ordinally.</summary>
    public IReadOnlySet<string>? OnlyIds { get; init; }

    /// <summary>Id → class 0 to <see cref="Relevance.MaxBoost"/>: how much a sponsor lifts this document. Must compare ordinally.</summary>
    public IReadOnlyDictionary<string, int>? Boosts { get; init; }

    /// <summary>
    /// Whether documents of this group that <see cref="Boosts"/> does not name are in class 1 all the same; null: none is. Asked while the index is read, once for each group at most,
    /// so it is quick and says the same throughout.
    /// </summary>
    public Func<object, bool>? IsLifted { get; init; }

    /// <summary>Only what a sponsor lifts: what is in a class above 0 by <see cref="Boosts"/> or <see cref="IsLifted"/>.</summary>
    public bool OnlyLifted { get; init; }

    public int Offset { get; init; }
    public int Limit { get; init; } = 50;
}

/// <param name="Id">The document.</param>
/// <param name="Relevance">0 to 1, never NaN, never rising along the pages; see <see cref="Search.Relevance"/>.</param>
public readonly record struct SearchHit(string Id, double Relevance);

/// <param name="Hits">The page.</param>
/// <param name="TotalCount">Exact number of matches over all pages.</param>
public sealed record SearchPage(IReadOnlyList<SearchHit> Hits, int TotalCount)
{
    public static readonly SearchPage Empty = new([], 0);
}
