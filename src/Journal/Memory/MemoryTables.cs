namespace Agora.Journal.Memory;

/// <summary>Query tables in memory; tables come into being at their first row.</summary>
internal sealed class MemoryTables
{
    private readonly Dictionary<string, SortedDictionary<IReadOnlyList<object?>, TableRow>> _tables = new(StringComparer.Ordinal);

    public void Upsert(string stream, long seq, TableUpsert upsert)
    {
        TableValues.Check(upsert);
        var rows = RowsOf(upsert.Table);
        var key = upsert.Values.Take(upsert.Table.KeyColumns).ToList();
        if (!rows.TryGetValue(key, out var there) || seq > there.Seq)
        {
            rows[key] = new TableRow(stream, seq, [.. upsert.Values]);
        }
    }

    public TableRow? Find(TableShape table, IReadOnlyList<object?> key) => RowsOf(table).GetValueOrDefault(key);

    public TablePage Query(TableQuery query)
    {
        TableValues.Check(query);
        var where = query.Where.Select(condition => (Column: ColumnOf(query.Table, condition.Column), Condition: condition)).ToList();
        var order = query.OrderBy.Select(o => (Column: ColumnOf(query.Table, o.Column), o.Descending)).ToList();
        var matching = RowsOf(query.Table).Values.Where(row => where.TrueForAll(w => Holds(ValueOf(row, w.Column), w.Condition))).ToList();
        var sorted = order.Aggregate(
            matching.OrderBy(static _ => 0),
            static (rows, by) => by.Descending
                ? rows.ThenByDescending(row => ValueOf(row, by.Column), ValueOrder.Instance)
                : rows.ThenBy(row => ValueOf(row, by.Column), ValueOrder.Instance));
        var behind = query.After is { } after ? sorted.Where(row => IsBehind(row, order, after)) : sorted;
        return query.Sieve.Count == 0
            ? new TablePage([.. behind.Skip(query.Offset).Take(query.Limit)], Math.Min(matching.Count, query.CountUpTo))
            : Sieved(query, [.. sorted], [.. behind], row => order.ConvertAll(by => ValueOf(row, by.Column)!));
    }

    private static TablePage Sieved(TableQuery query, List<TableRow> all, List<TableRow> behind, Func<TableRow, IReadOnlyList<object>> position)
    {
        bool Passes(TableRow row) => query.Sieve.All(condition => Holds(ValueOf(row, ColumnOf(query.Table, condition.Column)), condition));
        var rows = behind.Take(query.LookAt).Where(Passes).Take(query.Limit).ToList();
        var count = Math.Min(all.Take(query.LookAt).Count(Passes), query.CountUpTo);
        return new(rows, count)
        {
            LookedTo = rows.Count < query.Limit && behind.Count > query.LookAt ? position(behind[query.LookAt - 1]) : null,
            IsCounted = count == query.CountUpTo || all.Count <= query.LookAt,
        };
    }

    private static bool IsBehind(TableRow row, List<(int Column, bool Descending)> order, IReadOnlyList<object> after)
    {
        for (var i = 0; i < order.Count; i++)
        {
            if (ValueOf(row, order[i].Column) is not { } value) return false; // as SQL has it: what is compared with null is not behind anything
            if (ValueOrder.Instance.Compare(value, after[i]) is var difference and not 0) return difference > 0 != order[i].Descending;
        }

        return false;
    }

    public IReadOnlyList<long> Totals(TableShape table, string tenant, IReadOnlyList<string> columns)
    {
        TableValues.Check(table, columns);
        var rows = RowsOf(table).Values.Where(row => Equals(ValueOf(row, ColumnOf(table, "tenant")), tenant)).ToList();
        return [.. columns.Select(column => rows.Sum(row => (long)ValueOf(row, ColumnOf(table, column))!))];
    }

    public DaySums? Sums(DaysQuery query)
    {
        SqlDays.Check(query);
        var summed = query.Summed;
        var (tenant, id, at, amount) = (ColumnOf(summed.Table, "tenant"), ColumnOf(summed.Table, summed.Id), ColumnOf(summed.Table, summed.At), ColumnOf(summed.Table, summed.Amount));
        var rows = RowsOf(summed.Table).Values.Where(row =>
            Equals(ValueOf(row, tenant), query.Tenant)
            && (long)ValueOf(row, at)! / DaysQuery.DayMicros >= query.FromDay && (long)ValueOf(row, at)! / DaysQuery.DayMicros < query.ToDay
            && (query.Column is null || Equals(ValueOf(row, ColumnOf(summed.Table, query.Column)), query.Value))).ToList();
        if (!query.IsKept && rows.Count > DaysQuery.AddedUpTo) return null;

        rows.RemoveAll(row => ValueOf(row, id) is null);
        var (returned, back) = (RowsOf(summed.Returned), ColumnOf(summed.Returned, summed.ReturnedAmount));
        return new(
            rows.Count,
            rows.Sum(row => (long)ValueOf(row, amount)!),
            rows.Sum(row => returned.TryGetValue([query.Tenant, ValueOf(row, id)], out var found) ? (long)ValueOf(found, back)! : 0));
    }

    public IReadOnlyList<ActiveDay> Active(ActiveQuery query)
    {
        SqlDays.Check(query);
        var summed = query.Summed;
        var (tenant, id, at, column) = (ColumnOf(summed.Table, "tenant"), ColumnOf(summed.Table, summed.Id), ColumnOf(summed.Table, summed.At), ColumnOf(summed.Table, query.Column));
        var seen = RowsOf(summed.Table).Values.Where(row => Equals(ValueOf(row, tenant), query.Tenant) && ValueOf(row, id) is not null && ValueOf(row, column) is not null)
            .Select(row => (Day: (long)ValueOf(row, at)! / DaysQuery.DayMicros, Value: (string)ValueOf(row, column)!)).ToHashSet();
        return
        [
            .. seen.Where(one => one.Day >= query.FromDay && one.Day < query.ToDay).GroupBy(static one => one.Day).OrderBy(static day => day.Key)
                .Select(day => new ActiveDay(day.Key, day.Count(), day.Count(one => Enumerable.Range(1, query.Within).Any(before => seen.Contains((one.Day - before, one.Value)))))),
        ];
    }

    public IReadOnlyList<DayTotals> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay)
    {
        TableValues.Check(table, ["day", .. columns]);
        var (of, day) = (ColumnOf(table, "tenant"), ColumnOf(table, "day"));
        return
        [
            .. RowsOf(table).Values.Where(row => Equals(ValueOf(row, of), tenant) && (long)ValueOf(row, day)! >= fromDay && (long)ValueOf(row, day)! < toDay)
                .GroupBy(row => (long)ValueOf(row, day)!).OrderBy(static rows => rows.Key)
                .Select(rows => new DayTotals(rows.Key, [.. columns.Select(column => rows.Sum(row => (long)ValueOf(row, ColumnOf(table, column))!))])),
        ];
    }

    public void Clear(TableShape table) => RowsOf(table).Clear();

    private SortedDictionary<IReadOnlyList<object?>, TableRow> RowsOf(TableShape table)
    {
        if (!_tables.TryGetValue(table.Name, out var rows))
        {
            _tables[table.Name] = rows = new(KeyOrder.Instance);
        }

        return rows;
    }

    // Columns stream and seq are implied: they stand after the table's own.
    private static int ColumnOf(TableShape table, string name) => TableValues.AllColumns(table).ToList().IndexOf(name);

    private static object? ValueOf(TableRow row, int column) =>
        column < row.Values.Count ? row.Values[column] : column == row.Values.Count ? row.Stream : row.Seq;

    private static bool Holds(object? value, Condition condition)
    {
        if (condition.Value is IReadOnlyList<string> list) return value is string text && list.Contains(text, StringComparer.Ordinal);

        var order = ValueOrder.Instance.Compare(value, condition.Value);
        if (condition.Comparison is Comparison.Equal) return order == 0;
        if (condition.Comparison is Comparison.NotEqual) return order != 0;
        if (value is null || condition.Value is null) return false;
        return condition.Comparison switch
        {
            Comparison.LessThan => order < 0,
            Comparison.AtMost => order <= 0,
            Comparison.GreaterThan => order > 0,
            Comparison.AtLeast => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    private sealed class ValueOrder : IComparer<object?>
    {
        public static readonly ValueOrder Instance = new();

        public int Compare(object? x, object? y) => (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            (long a, long b) => a.CompareTo(b),
            (string a, string b) => Utf8Order.Instance.Compare(a, b),
            (long, string) => -1,
            _ => 1,
        };
    }

    private sealed class KeyOrder : IComparer<IReadOnlyList<object?>>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(IReadOnlyList<object?>? x, IReadOnlyList<object?>? y)
        {
            for (var i = 0; i < x!.Count; i++)
                if (ValueOrder.Instance.Compare(x[i], y![i]) is var order and not 0)
                    return order;
            return 0;
        }
    }
}
