namespace Agora.Search;

/// <summary>The sponsors' classes of one query; 0 for whatever nobody sponsors.</summary>
internal readonly struct SearchBoost
{
    private readonly IReadOnlyDictionary<string, int>? _classes;
    private readonly IdProbe _probe;

    public SearchBoost(IReadOnlyDictionary<string, int>? boosts)
    {
        if (boosts is not { Count: > 0 }) return;
        foreach (int boost in boosts.Values)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(boost);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(boost, Relevance.MaxBoost);
        }

        _classes = boosts;
        _probe = new IdProbe(boosts.Keys, boosts.Count);
    }

    public int Of(in Row row) => _classes is not null && _probe.MayHold(row.IdHash) ? _classes.GetValueOrDefault(row.Document!.Id) : 0;
}
