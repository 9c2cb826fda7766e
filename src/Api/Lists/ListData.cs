namespace Agora.Api.Lists;

/// <summary>What every list says of itself, beside its items.</summary>
internal abstract record ListData
{
    /// <summary>How many match. Null: so many that they were not counted, or the list goes on from a cursor.</summary>
    public long? TotalCount { get; init; }

    public int Limit { get; init; }

    /// <summary>For the items that follow, with the same filters; null: there are none.</summary>
    public string? NextCursor { get; init; }

    /// <summary>Of an empty list, why it is, and what would change it.</summary>
    public string? EmptyBecause { get; init; }
}
