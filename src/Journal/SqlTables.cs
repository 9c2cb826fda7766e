using System.Data.Common;
using System.Text.RegularExpressions;

namespace Agora.Journal;

/// <summary>What the SQL providers say alike about query tables.</summary>
internal static partial class SqlTables
{
    /// <summary>A name of a shape, quoted; anything else than a plain name is a defect of the caller.</summary>
    public static string Name(string identifier) =>
        Identifier().IsMatch(identifier) ? $"\"{identifier}\"" : throw new ArgumentException($"'{identifier}' is no name of a table or column");

    /// <summary>The end of an upsert: a row is replaced only by one with a higher seq.</summary>
    public static string OnConflict(TableShape table)
    {
        var names = TableValues.AllColumns(table).Select(Name).ToList();
        var set = names.Skip(table.KeyColumns).Select(name => $"{name} = excluded.{name}");
        return $"ON CONFLICT ({string.Join(", ", names.Take(table.KeyColumns))}) DO UPDATE SET {string.Join(", ", set)} WHERE excluded.seq > {Name(table.Name)}.seq";
    }

    /// <summary>Sums over what a table's triggers keep; a tenant without rows has none.</summary>
    /// <param name="tenant">The parameter's name.</param>
    public static string Totals(TableShape table, IReadOnlyList<string> columns, string sum, string tenant) =>
        $"SELECT {string.Join(", ", columns.Select(column => string.Format(System.Globalization.CultureInfo.InvariantCulture, sum, Name(column))))} "
        + $"FROM {Name(table.Name + "_totals")} WHERE tenant = {tenant}";

    /// <summary>The statement's parameters, in order: the tenant, the first day, the day after the last one.</summary>
    /// <param name="sum">The sum of a column, as a format with its name as {0}.</param>
    /// <param name="named">The name of the parameter at a place.</param>
    public static string DayTotals(TableShape table, IReadOnlyList<string> columns, string sum, Func<int, string> named)
    {
        TableValues.Check(table, ["day", .. columns]);
        return $"SELECT day, {string.Join(", ", columns.Select(column => string.Format(System.Globalization.CultureInfo.InvariantCulture, sum, Name(column))))} "
            + $"FROM {Name(table.Name)} WHERE tenant = {named(0)} AND day >= {named(1)} AND day < {named(2)} GROUP BY day ORDER BY day";
    }

    /// <summary>Rows behind the position, by a comparison of row values (SQL:1992, 8.2): an index in this order begins right there.</summary>
    /// <param name="name">A column's name in the statement.</param>
    /// <param name="parameter">Name of the parameter for each value.</param>
    public static string Behind(TableQuery query, Func<string, string> name, Func<int, string> parameter) =>
        $"({string.Join(", ", query.OrderBy.Select(o => name(o.Column)))}) {(query.OrderBy[0].Descending ? "<" : ">")} ({string.Join(", ", query.OrderBy.Select((_, i) => parameter(i)))})";

    /// <summary>The rows that are looked at for a sieve, as <c>looked</c>.</summary>
    /// <param name="matching">What Where selects, with FROM.</param>
    public static string Looked(string columns, string matching, string order, string lookAt) => $"(SELECT {columns} {matching} ORDER BY {order} LIMIT {lookAt}) AS looked";

    /// <summary>The last row that is looked at and the one behind it, if there are so many, each as its position.</summary>
    public static string LookedTo(string position, string matching, string order, string before) => $"SELECT {position} {matching} ORDER BY {order} LIMIT 2 OFFSET {before}";

    /// <summary>How many of the rows that are looked at a sieve lets through, where a page from the start that is not full has them all; null: they are to be counted.</summary>
    public static long? CountOf(TableQuery query, int rows) => query.CountUpTo == 0 ? 0 : query.After is null && rows < query.Limit ? Math.Min(rows, query.CountUpTo) : null;

    public static IReadOnlyList<object> Position(DbDataReader row, int columns) => [.. Enumerable.Range(0, columns).Select(row.GetValue)];

    /// <summary>A row that was selected by <see cref="TableValues.AllColumns"/>.</summary>
    /// <param name="from">Its first column.</param>
    public static TableRow Row(DbDataReader row, TableShape table, int from = 0)
    {
        var columns = table.Columns.Count; // Stream and seq follow.
        var values = new object?[columns];
        for (var i = 0; i < columns; i++) values[i] = row.IsDBNull(from + i) ? null : row.GetValue(from + i);
        TableValues.Complete(table, values);
        return new TableRow(row.GetString(from + columns), row.GetInt64(from + columns + 1), values);
    }

    /// <summary>A row by its key, with the journal's and the linked one; <see cref="Found"/> reads it.</summary>
    /// <param name="journal">Joins the journal as j to the row r.</param>
    /// <param name="value">What stands for each value of the key.</param>
    public static string Find(LinkedTables tables, string journal, Func<int, string> value)
    {
        TableValues.Check(tables.Table, tables.By);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tables.By.Count, tables.Linked.KeyColumns);
        var columns = TableValues.AllColumns(tables.Table).Select(c => "r." + Name(c)).Concat(["j.hash", "j.body"]).Concat(TableValues.AllColumns(tables.Linked).Select(c => "l." + Name(c)));
        return $"SELECT {string.Join(", ", columns)} FROM {Name(tables.Table.Name)} r {journal} LEFT JOIN {Name(tables.Linked.Name)} l "
            + $"ON {string.Join(" AND ", tables.By.Select((column, i) => $"l.{Name(tables.Linked.Columns[i])} = r.{Name(column)}"))} "
            + $"WHERE {string.Join(" AND ", tables.Table.Columns.Take(tables.Table.KeyColumns).Select((column, i) => $"r.{Name(column)} = {value(i)}"))}";
    }

    /// <param name="from">Its first column.</param>
    public static FoundRow Found(DbDataReader reader, LinkedTables tables, int from = 0)
    {
        var row = Row(reader, tables.Table, from);
        var at = from + tables.Table.Columns.Count + 2;
        var source = reader.IsDBNull(at) ? null : new JournalRow(row.Stream, row.Seq, reader.GetFieldValue<byte[]>(at), reader.GetFieldValue<byte[]>(at + 1));
        var linked = at + 2;
        return new(row, source, reader.IsDBNull(linked) ? null : Row(reader, tables.Linked, linked));
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
