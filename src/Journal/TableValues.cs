namespace Agora.Journal;

/// <summary>What every provider refuses before it writes or asks: a name or value that the shape does not allow is a defect of the caller.</summary>
internal static class TableValues
{
    public static IEnumerable<string> AllColumns(TableShape table) => table.Columns.Append("stream").Append("seq");

    public static void Check(TableUpsert upsert)
    {
        if (upsert.Values.Count != upsert.Table.Columns.Count)
            throw new ArgumentException($"{upsert.Values.Count} values for the {upsert.Table.Columns.Count} columns of {upsert.Table.Name}");
        for (var i = 0; i < upsert.Values.Count; i++)
        {
            CheckValue(upsert.Table, upsert.Values[i]);
            if (i < upsert.Table.KeyColumns && upsert.Values[i] is null) throw new ArgumentException($"a key column of {upsert.Table.Name} is null");
        }
    }

    public static void Check(TableQuery query)
    {
        foreach (var name in query.Where.Concat(query.Sieve).Select(w => w.Column).Concat(query.OrderBy.Select(o => o.Column)))
            if (!AllColumns(query.Table).Contains(name, StringComparer.Ordinal) || query.Table.Derived.Any(column => query.Table.Columns[column.At] == name))
                throw new ArgumentException($"{query.Table.Name} has no column {name} in each row");
        foreach (var condition in query.Where.Concat(query.Sieve)) Check(query.Table, condition);
        if (query.After is { } after)
        {
            CheckPosition(query, after);
        }

        if (query.Sieve.Count > 0)
        {
            CheckPlaces(query);
            ArgumentOutOfRangeException.ThrowIfNotEqual(query.Offset, 0);
            ArgumentOutOfRangeException.ThrowIfLessThan(query.LookAt, 1);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
    }

    public static void Check(TableShape table, IReadOnlyList<string> columns)
    {
        foreach (var name in columns)
            if (!table.Columns.Contains(name, StringComparer.Ordinal))
                throw new ArgumentException($"{table.Name} has no column {name}");
    }

    public static void CheckKey(TableShape table, IReadOnlyList<object> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Count, table.KeyColumns);
        foreach (var value in key) CheckValue(table, value);
    }

    /// <summary>What orders the rows of a query, at last by the key.</summary>
    public static IEnumerable<string> KeyOrder(TableQuery query) =>
        query.Table.Columns.Take(query.Table.KeyColumns).Except(query.OrderBy.Select(o => o.Column), StringComparer.Ordinal);

    /// <summary>As a store that leaves out what follows keeps them.</summary>
    public static IReadOnlyList<object?> Kept(TableUpsert upsert)
    {
        if (upsert.Table.Derived.Count == 0) return upsert.Values;

        object?[] kept = [.. upsert.Values];
        foreach (var column in upsert.Table.Derived)
            if (column.Follows(kept))
                kept[column.At] = null;
        return kept;
    }

    /// <summary>Fills in what was left out.</summary>
    public static void Complete(TableShape table, object?[] values)
    {
        foreach (var column in table.Derived) values[column.At] ??= column.In(values);
    }

    private static void Check(TableShape table, Condition condition)
    {
        if (condition.Comparison != Comparison.AnyOf)
        {
            CheckValue(table, condition.Value);
        }
        else if (condition.Value is not IReadOnlyList<string> { Count: > 0 })
        {
            throw new ArgumentException($"{condition.Column} is compared with no list of strings");
        }
    }

    private static void CheckPosition(TableQuery query, IReadOnlyList<object> after)
    {
        CheckPlaces(query);
        if (after.Count != query.OrderBy.Count || after.Any(value => value is not (string or long)))
        {
            throw new ArgumentException($"a position in {query.Table.Name} does not name one place of the order");
        }
    }

    private static void CheckPlaces(TableQuery query)
    {
        var pinned = query.Where.Where(w => w.Comparison == Comparison.Equal).Select(w => w.Column);
        if (query.OrderBy.Select(o => o.Descending).Distinct().Count() != 1 || KeyOrder(query).Except(pinned, StringComparer.Ordinal).Any())
        {
            throw new ArgumentException($"no position in {query.Table.Name} names one place of the order");
        }
    }

    private static void CheckValue(TableShape table, object? value)
    {
        if (value is not (null or string or long))
        {
            throw new ArgumentException($"a value for {table.Name} is a {value.GetType().Name}: only string, long and null are stored");
        }
    }
}
