namespace Agora.Journal;

/// <summary>
/// Values of a table row are absolute, so of several upserts of one row under one seq only the last counts. Providers may rely on
/// an append naming each table row at most once: "written only if the seq is higher" would otherwise keep the first.
/// </summary>
public static class Upserts
{
    /// <summary>The last upsert of each table row, in order of their last appearance.</summary>
    public static IReadOnlyList<TableUpsert> LastOfEach(IReadOnlyList<TableUpsert> upserts) => Last(upserts, static u => u);

    /// <summary>The same over several journal rows, handed in by ascending seq, as a rebuild does.</summary>
    public static IReadOnlyList<OwnedUpsert> LastOfEach(IReadOnlyList<OwnedUpsert> upserts) => Last(upserts, static u => u.Upsert);

    private static IReadOnlyList<T> Last<T>(IReadOnlyList<T> all, Func<T, TableUpsert> upsert)
    {
        if (all.Count < 2) return all;
        var seen = new HashSet<TableKey>(all.Count);
        var kept = new List<T>(all.Count);
        for (var i = all.Count - 1; i >= 0; i--)
            if (seen.Add(TableKey.Of(upsert(all[i]))))
                kept.Add(all[i]);
        kept.Reverse();
        return kept;
    }
}

/// <summary>Which row of which table: compared by content.</summary>
internal readonly struct TableKey(string table, IReadOnlyList<object?> values, int keyColumns) : IEquatable<TableKey>
{
    private readonly string _table = table;
    private readonly IReadOnlyList<object?> _values = values;
    private readonly int _keyColumns = keyColumns;

    public static TableKey Of(TableUpsert upsert) => new(upsert.Table.Name, upsert.Values, upsert.Table.KeyColumns);

    public bool Equals(TableKey other)
    {
        if (_table != other._table || _keyColumns != other._keyColumns) return false;
        for (var i = 0; i < _keyColumns; i++)
            if (!Equals(_values[i], other._values[i]))
                return false;
        return true;
    }

    public override bool Equals(object? obj) => obj is TableKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(_table);
        for (var i = 0; i < _keyColumns; i++) hash.Add(_values[i]);
        return hash.ToHashCode();
    }
}
