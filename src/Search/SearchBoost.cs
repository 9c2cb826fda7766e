namespace Agora.Search;

/// <summary>The classes of one query: the sponsors', 0 for whatever nobody sponsors, and one more for what is liked.</summary>
internal readonly struct SearchBoost
{
    private readonly IReadOnlyDictionary<string, int>? _classes;
    private readonly IdProbe _probe;

    private readonly Liked? _liked;

    public SearchBoost(IReadOnlyDictionary<string, int>? boosts, Liked? liked)
    {
        _liked = liked;
        if (boosts is not { Count: > 0 }) return;
        foreach (int boost in boosts.Values)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(boost);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(boost, Relevance.MaxBoost);
        }

        _classes = boosts;
        _probe = new IdProbe(boosts.Keys, boosts.Count);
    }

    public int Of(in Row row) => Sponsored(row) + (_liked?.Is(row) == true ? 1 : 0);

    private int Sponsored(in Row row) => _classes is not null && _probe.MayHold(row.IdHash) ? _classes.GetValueOrDefault(row.Document!.Id) : 0;
}
