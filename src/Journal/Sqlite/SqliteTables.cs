using System.Runtime.CompilerServices;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Sqlite;

/// <summary>Statements over query tables. Identifiers come from shapes only, values are parameters always.</summary>
internal static class SqliteTables
{
    private static readonly ConditionalWeakTable<TableShape, string> UpsertOf = [];

    private static readonly ConditionalWeakTable<LinkedTables, string> FindOf = [];

    public static string Find(LinkedTables tables) => FindOf.GetValue(
        tables, static t => SqlTables.Find(t, "LEFT JOIN streams s ON s.name = r.stream LEFT JOIN journal j ON j.stream = s.id AND j.seq = r.seq", static i => $"${i}"));

    /// <summary>What follows from other columns is left out: no older release reads this file.</summary>
    public static void Upsert(SqliteSession session, string stream, long seq, TableUpsert upsert)
    {
        TableValues.Check(upsert);
        session.Execute(UpsertOf.GetValue(upsert.Table, UpsertSql), [.. TableValues.Kept(upsert), stream, seq]);
    }

    public static void Clear(SqliteSession session, TableShape table) => session.Script($"DELETE FROM {Name(table.Name)}");

    /// <summary>Page and count are read from one state of the database.</summary>
    /// <param name="series">Of the deferred index, where the rows stand in the query's order; null: they are found in the table alone.</param>
    public static TablePage Query(SqliteSession session, TableQuery query, DeferredSeries? series)
    {
        TableValues.Check(query);
        var rows = new SqliteRows(session, query, series);
        session.Control("SAVEPOINT page"); // a transaction of its own, or a part of the one that stands
        try
        {
            var page = query.Sieve.Count == 0 ? new TablePage(rows.Page(), rows.Count()) : rows.Sieved();
            session.Control("RELEASE page");
            return page;
        }
        catch
        {
            session.TryRollback();
            throw;
        }
    }

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
            var (added, looked) = session.First($"SELECT count, coalesce(amount, 0), coalesce(returned, 0), looked FROM ({SqlDays.AddedUp(query, Named)})", static row => (Read(row), row.GetInt64(3)), values);
            return looked > DaysQuery.AddedUpTo ? null : added;
        }

        const string Days = "(WITH RECURSIVE days (day, beyond) AS (SELECT first, beyond FROM bounds WHERE first < beyond UNION ALL SELECT day + 1, beyond FROM days WHERE day + 1 < beyond) SELECT day FROM days) days";
        return session.First(
            $"WITH bounds AS ({SqlDays.Bounded(query, "min", "max", Named)}) SELECT coalesce(sum(d.payments), 0), coalesce(sum(d.amount_micros), 0), coalesce(sum(d.refunded_micros), 0) {SqlDays.Kept(query, Days, Named)}",
            Read,
            values);

        static DaySums Read(Microsoft.Data.Sqlite.SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    public static IReadOnlyList<ActiveDay> Active(SqliteSession session, ActiveQuery query)
    {
        const string Days = "(WITH RECURSIVE days (day) AS (SELECT $1 WHERE $1 < $2 UNION ALL SELECT day + 1 FROM days WHERE day + 1 < $2) SELECT day FROM days) days";
        return session.List(SqlDays.Active(query, Days, static place => $"${place}"), static row => new ActiveDay(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), SqlDays.Values(query));
    }

    public static IReadOnlyList<DayTotals> DayTotals(SqliteSession session, TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay) => session.List(
        SqlTables.DayTotals(table, columns, "sum({0})", static place => $"${place}"), row => new DayTotals(row.GetInt64(0), [.. columns.Select((_, i) => row.GetInt64(i + 1))]), tenant, fromDay, toDay);

    private static string UpsertSql(TableShape table)
    {
        var columns = TableValues.AllColumns(table).Select(Name).ToList();
        return $"INSERT INTO {Name(table.Name)} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))}) "
            + OnConflict(table);
    }
}
