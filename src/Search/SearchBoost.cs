namespace Agora.Search;

/// <summary>The classes of one query: the sponsors', 0 for whatever nobody sponsors, and one more for what is liked.</summary>
internal readonly struct SearchBoost
{
    private const int Lifted = 1;

    private readonly IReadOnlyDictionary<string, int>? _classes;
    private readonly IdProbe _probe;
    private readonly Func<string, bool>? _isLifted;
    private readonly Liked? _liked;

    public SearchBoost(IReadOnlyDictionary<string, int>? boosts, Func<string, bool>? isLifted, Liked? liked)
    {
        (_isLifted, _liked) = (isLifted, liked);
        if (boosts is not { Count: > 0 }) return;
        foreach (int boost in boosts.Values)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(boost);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(boost, Relevance.MaxBoost);
        }

        _classes = boosts;
        _probe = new IdProbe(boosts.Keys, boosts.Count);
    }

    /// <summary>Some documents' classes are asked for: until then it is known only how high they are at most.</summary>
    public bool Asks => _isLifted is not null;

    public int Of(in Row row) => Sponsored(row) + Liking(row);

    /// <summary>The same, or one more of a document that would be asked about.</summary>
    public int AtMost(in Row row) => (Known(row) ?? (Asks ? Lifted : 0)) + Liking(row);

    /// <summary>The highest class that a document may have whose class is not known.</summary>
    public int MostOfUnknown => (Asks ? Lifted : 0) + (_liked is null ? 0 : 1);

    public bool IsLifted(in Row row) => Sponsored(row) > 0;

    private int Liking(in Row row) => _liked?.Is(row) == true ? 1 : 0;

    private int Sponsored(in Row row) => Known(row) ?? (_isLifted?.Invoke(row.Document!.Id) == true ? Lifted : 0);

    private int? Known(in Row row) => _classes is not null && _probe.MayHold(row.IdHash) && _classes.TryGetValue(row.Document!.Id, out var known) ? known : null;
}
