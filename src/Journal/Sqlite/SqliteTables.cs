using System.Runtime.CompilerServices;
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
        var where = query.Where.Count == 0 ? "" : " WHERE " + string.Join(" AND ", query.Where.Select(ConditionSql));
        var order = query.OrderBy
            .Select(o => $"{Name(o.Column)} COLLATE BINARY {(o.Descending ? "DESC" : "ASC")}")
            .Concat(query.Table.Columns.Take(query.Table.KeyColumns).Select(key => $"{Name(key)} COLLATE BINARY ASC"));
        var from = $"FROM {Name(query.Table.Name)}{where}";
        var values = query.Where.Select(condition => condition.Value).ToArray();

        session.Control("BEGIN");
        try
        {
            var total = session.First($"SELECT count(*) {from}", static row => row.GetInt64(0), values);
            var columns = string.Join(", ", TableValues.AllColumns(query.Table).Select(Name));
            var rows = session.List(
                $"SELECT {columns} {from} ORDER BY {string.Join(", ", order)} LIMIT ${values.Length} OFFSET ${values.Length + 1}",
                row => Row(row, query.Table.Columns.Count),
                [.. values, (long)query.Limit, (long)query.Offset]);
            session.Control("COMMIT");
            return new TablePage(rows, total);
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

    private static string ConditionSql(Condition condition, int parameter) =>
        $"{Name(condition.Column)} {condition.Comparison switch
        {
            Comparison.Equal => "IS",
            Comparison.NotEqual => "IS NOT",
            Comparison.LessThan => "<",
            Comparison.AtMost => "<=",
            Comparison.GreaterThan => ">",
            Comparison.AtLeast => ">=",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        }} ${parameter}";

    private static string UpsertSql(TableShape table)
    {
        var columns = TableValues.AllColumns(table).Select(Name).ToList();
        return $"INSERT INTO {Name(table.Name)} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))}) "
            + OnConflict(table);
    }
}
