using System.Runtime.CompilerServices;
using System.Text.Json;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Sqlite;

/// <summary>Statements over query tables. Identifiers come from shapes only, values are parameters always.</summary>
internal static class SqliteTables
{
    private static readonly ConditionalWeakTable<TableShape, string> UpsertOf = [];

    public static void Upsert(SqliteSession session, string stream, long seq, TableUpsert upsert)
    {
        TableValues.Check(upsert);
        session.Execute(UpsertOf.GetValue(upsert.Table, UpsertSql), [.. upsert.Values, stream, seq]);
    }

    public static void Clear(SqliteSession session, TableShape table) => session.Script($"DELETE FROM {Name(table.Name)}");

    /// <summary>Page and count are read from one state of the database.</summary>
    /// <param name="series">Of the deferred index, where the rows stand in the query's order; null: they are found in the table alone.</param>
    public static TablePage Query(SqliteSession session, TableQuery query, DeferredSeries? series)
    {
        TableValues.Check(query);
        var (values, conditions) = (new List<object?>(), new List<string>());
        var (from, name) = series is null ? (SqlTables.Name(query.Table.Name), (Func<string, string>)SqlTables.Name) : (series.Value.Index.Rows(query.Table.Name, "$0"), series.Value.Index.Name);
        if (series is not null)
        {
            values.Add(series.Value.Number);
        }

        foreach (var condition in query.Where) conditions.Add(ConditionSql(condition, name(condition.Column), values));
        var matching = Matching(from, conditions);
        session.Control("BEGIN");
        try
        {
            var total = Count(session, query, matching, values);
            if (query.After is { } after)
            {
                matching = Matching(from, [.. conditions, Behind(query, name, index => $"${values.Count + index}")]);
                values.AddRange(after);
            }

            var rows = Page(session, query, matching, name, values);
            session.Control("COMMIT");
            return new TablePage(rows, total);
        }
        catch
        {
            session.TryRollback();
            throw;
        }
    }

    private static string Matching(string from, IReadOnlyList<string> conditions) => $"FROM {from}{(conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions))}";

    private static long Count(SqliteSession session, TableQuery query, string matching, List<object?> values) => query.CountUpTo switch
    {
        0 => 0,
        long.MaxValue => session.First($"SELECT count(*) {matching}", static row => row.GetInt64(0), [.. values]),
        var most => session.First($"SELECT count(*) FROM (SELECT 1 {matching} LIMIT ${values.Count})", static row => row.GetInt64(0), [.. values, most]),
    };

    private static IReadOnlyList<TableRow> Page(SqliteSession session, TableQuery query, string matching, Func<string, string> name, List<object?> values)
    {
        var order = query.OrderBy
            .Select(o => $"{name(o.Column)} COLLATE BINARY {(o.Descending ? "DESC" : "ASC")}")
            .Concat(TableValues.KeyOrder(query).Select(key => $"{name(key)} COLLATE BINARY ASC"));
        var columns = string.Join(", ", TableValues.AllColumns(query.Table).Select(name));
        return session.List(
            $"SELECT {columns} {matching} ORDER BY {string.Join(", ", order)} LIMIT ${values.Count} OFFSET ${values.Count + 1}",
            row => Row(row, query.Table.Columns.Count),
            [.. values, (long)query.Limit, (long)query.Offset]);
    }

    public static IReadOnlyList<long> Totals(SqliteSession session, TableShape table, string tenant, IReadOnlyList<string> columns)
    {
        TableValues.Check(table, columns);
        return session.First<IReadOnlyList<long>>(
            SqlTables.Totals(table, columns, "coalesce(sum({0}), 0)", "$0"), row => [.. columns.Select((_, i) => (long)row.GetValue(i))], tenant)!;
    }

    public static DaySums? Sums(SqliteSession session, DaysQuery query, DeferredSeries? series)
    {
        SqlDays.Check(query);
        object?[] values = series is null ? SqlDays.Values(query) : [.. SqlDays.Values(query), series.Value.Number];
        static string Named(int place) => $"${place}";
        if (!query.IsKept)
        {
            var added = session.First($"SELECT count, coalesce(amount, 0), coalesce(returned, 0) FROM ({SqlDays.AddedUp(query, Named, series?.Index.Rows("t", Named(4)), series?.Index.Name(query.Summed.At))})", Read, values);
            return added.Count > DaysQuery.AddedUpTo ? null : added;
        }

        const string Days = "(WITH RECURSIVE days (day, beyond) AS (SELECT first, beyond FROM bounds WHERE first < beyond UNION ALL SELECT day + 1, beyond FROM days WHERE day + 1 < beyond) SELECT day FROM days) days";
        return session.First(
            $"WITH bounds AS ({SqlDays.Bounded(query, "min", "max", Named)}) SELECT coalesce(sum(d.payments), 0), coalesce(sum(d.amount_micros), 0), coalesce(sum(d.refunded_micros), 0) {SqlDays.Kept(query, Days, Named)}",
            Read,
            values);

        static DaySums Read(Microsoft.Data.Sqlite.SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    private static string ConditionSql(Condition condition, string column, List<object?> values)
    {
        if (condition is { Comparison: Comparison.AnyOf, Value: IReadOnlyList<string> list })
        {
            values.Add(JsonSerializer.Serialize(list)); // one statement for lists of any length
            return $"{column} IN (SELECT value FROM json_each(${values.Count - 1}))";
        }

        // As a parameter null would be found by no index of those rows alone that have a value.
        if (condition is { Value: null, Comparison: Comparison.Equal or Comparison.NotEqual })
        {
            return $"{column} IS {(condition.Comparison is Comparison.Equal ? "" : "NOT ")}NULL";
        }

        values.Add(condition.Value);
        return $"{column} {condition.Comparison switch
        {
            Comparison.Equal => "=",
            Comparison.NotEqual => "IS NOT",
            Comparison.LessThan => "<",
            Comparison.AtMost => "<=",
            Comparison.GreaterThan => ">",
            Comparison.AtLeast => ">=",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        }} ${values.Count - 1}";
    }

    private static string UpsertSql(TableShape table)
    {
        var columns = TableValues.AllColumns(table).Select(Name).ToList();
        return $"INSERT INTO {Name(table.Name)} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))}) "
            + OnConflict(table);
    }
}
