namespace Agora.Core.Kernel;

/// <summary>
/// How hold ids were decided, in the order of deciding. A value: nothing that it once said changes. Inside, the states of one
/// stream share one table, for they form a line: each knows how many outcomes are its own, and the newest adds in place, so a
/// hot stream pays neither a copy nor a path of tree nodes for an outcome. A state that adds beside the line (one that was thrown
/// away had added, say) first copies what is its own.
/// </summary>
public sealed class OutcomeLog
{
    public static readonly OutcomeLog Empty = new(new(), 0);

    private readonly Table _shared;

    private OutcomeLog(Table shared, int count) => (_shared, Count) = (shared, count);

    /// <summary>Outcomes that were added; an id that was decided anew counts again.</summary>
    public int Count { get; }

    public bool TryFind(Guid id, out bool posted)
    {
        var found = _shared.Outcomes.TryGetValue(id, out var outcome) && outcome.Number < Count;
        posted = found && outcome.Posted;
        return found;
    }

    public OutcomeLog With(Guid id, bool posted)
    {
        var outcome = new Outcome(Count, posted);
        var isKnown = _shared.Outcomes.TryGetValue(id, out var known);
        if (isKnown && known == outcome)
        {
            return new(_shared, Count + 1); // the same event evolved again
        }

        // The empty table is every stream's, so nothing is added to it.
        var table = isKnown || Count == 0 || _shared.Added != Count ? Apart() : _shared;
        table.Outcomes[id] = outcome;
        table.Added = Count + 1;
        return new(table, Count + 1);
    }

    private Table Apart()
    {
        var own = new Table();
        foreach (var (id, outcome) in _shared.Outcomes)
        {
            if (outcome.Number < Count)
            {
                own.Outcomes.Add(id, outcome);
            }
        }

        return own;
    }

    private readonly record struct Outcome(int Number, bool Posted);

    private sealed class Table
    {
        public Dictionary<Guid, Outcome> Outcomes { get; } = [];

        /// <summary>By the newest state of the line.</summary>
        public int Added { get; set; }
    }
}
