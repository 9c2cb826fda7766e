namespace Agora.Search;

/// <summary>The sponsors' classes of one query; 0 for whatever nobody sponsors.</summary>
internal readonly struct SearchBoost
{
    private readonly IReadOnlyDictionary<string, int>? classes;
    private readonly IdProbe probe;

    public SearchBoost(IReadOnlyDictionary<string, int>? boosts)
    {
        if (boosts is not { Count: > 0 }) return;
        foreach (int boost in boosts.Values)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(boost);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(boost, Relevance.MaxBoost);
        }

        classes = boosts;
        probe = new IdProbe(boosts.Keys, boosts.Count);
    }

    public int Of(in Row row) => classes is not null && probe.MayHold(row.IdHash) ? classes.GetValueOrDefault(row.Document!.Id) : 0;
}
