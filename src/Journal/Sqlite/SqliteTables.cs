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
    public static TablePage Query(SqliteSession session, TableQuery query)
    {
        TableValues.Check(query);
        var (values, conditions) = (new List<object?>(), new List<string>());
        foreach (var condition in query.Where) conditions.Add(ConditionSql(condition, values));
        session.Control("BEGIN");
        try
        {
            var total = Count(session, query, conditions, values);
            var rows = Page(session, query, conditions, values);
            session.Control("COMMIT");
            return new TablePage(rows, total);
        }
        catch
        {
            session.TryRollback();
            throw;
        }
    }

    private static long Count(SqliteSession session, TableQuery query, List<string> conditions, List<object?> values) => query.CountUpTo switch
    {
        0 => 0,
        long.MaxValue => session.First($"SELECT count(*) {From(query, conditions)}", static row => row.GetInt64(0), [.. values]),
        var most => session.First($"SELECT count(*) FROM (SELECT 1 {From(query, conditions)} LIMIT ${values.Count})", static row => row.GetInt64(0), [.. values, most]),
    };

    private static IReadOnlyList<TableRow> Page(SqliteSession session, TableQuery query, List<string> conditions, List<object?> values)
    {
        if (query.After is { } after)
        {
            conditions.Add(Behind(query, index => $"${values.Count + index}"));
            values.AddRange(after);
        }

        var order = query.OrderBy
            .Select(o => $"{Name(o.Column)} COLLATE BINARY {(o.Descending ? "DESC" : "ASC")}")
            .Concat(TableValues.KeyOrder(query).Select(key => $"{Name(key)} COLLATE BINARY ASC"));
        var columns = string.Join(", ", TableValues.AllColumns(query.Table).Select(Name));
        return session.List(
            $"SELECT {columns} {From(query, conditions)} ORDER BY {string.Join(", ", order)} LIMIT ${values.Count} OFFSET ${values.Count + 1}",
            row => Row(row, query.Table.Columns.Count),
            [.. values, (long)query.Limit, (long)query.Offset]);
    }

    private static string From(TableQuery query, List<string> conditions) =>
        $"FROM {Name(query.Table.Name)}{(conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions))}";

    public static IReadOnlyList<long> Totals(SqliteSession session, TableShape table, string tenant, IReadOnlyList<string> columns)
    {
        TableValues.Check(table, columns);
        return session.First<IReadOnlyList<long>>(
            SqlTables.Totals(table, columns, "coalesce(sum({0}), 0)", "$0"), row => [.. columns.Select((_, i) => (long)row.GetValue(i))], tenant)!;
    }

    public static DaySums? Sums(SqliteSession session, DaysQuery query)
    {
        SqlDays.Check(query);
        var values = SqlDays.Values(query);
        static string Named(int place) => $"${place}";
        if (!query.IsKept)
        {
            var added = session.First($"SELECT count, coalesce(amount, 0), coalesce(returned, 0) FROM ({SqlDays.AddedUp(query, Named)})", Read, values);
            return added.Count > DaysQuery.AddedUpTo ? null : added;
        }

        const string Days = "(WITH RECURSIVE days (day, beyond) AS (SELECT first, beyond FROM bounds WHERE first < beyond UNION ALL SELECT day + 1, beyond FROM days WHERE day + 1 < beyond) SELECT day FROM days) days";
        return session.First(
            $"WITH bounds AS ({SqlDays.Bounded(query, "min", "max", Named)}) SELECT coalesce(sum(d.payments), 0), coalesce(sum(d.amount_micros), 0), coalesce(sum(d.refunded_micros), 0) {SqlDays.Kept(query, Days, Named)}",
            Read,
            values);

        static DaySums Read(Microsoft.Data.Sqlite.SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    private static string ConditionSql(Condition condition, List<object?> values)
    {
        if (condition is { Comparison: Comparison.AnyOf, Value: IReadOnlyList<string> list })
        {
            values.Add(JsonSerializer.Serialize(list)); // one statement for lists of any length
            return $"{Name(condition.Column)} IN (SELECT value FROM json_each(${values.Count - 1}))";
        }

        // As a parameter null would be found by no index of those rows alone that have a value.
        if (condition is { Value: null, Comparison: Comparison.Equal or Comparison.NotEqual })
        {
            return $"{Name(condition.Column)} IS {(condition.Comparison is Comparison.Equal ? "" : "NOT ")}NULL";
        }

        values.Add(condition.Value);
        return $"{Name(condition.Column)} {condition.Comparison switch
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
