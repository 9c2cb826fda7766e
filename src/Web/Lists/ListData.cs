namespace Agora.Web.Lists;

/// <summary>What every list says of itself, beside its items.</summary>
internal abstract record ListData
{
    /// <summary>How many match. Null: TotalCountUnknown says why it is not known.</summary>
    public long? TotalCount { get; init; }

    public string? TotalCountUnknown { get; init; }

    public int Limit { get; init; }

    /// <summary>It is worth going on, though there are fewer items than Limit, or none: not all was looked at.</summary>
    public bool HasMore { get; init; }

    /// <summary>For the items that follow, with the same filters; null: there are none.</summary>
    public string? NextCursor { get; init; }

    /// <summary>Of an empty list, why it is, and what would change it.</summary>
    public string? EmptyBecause { get; init; }
}
