using System.Runtime.CompilerServices;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>Statements over query tables. Identifiers come from shapes only, values are parameters always.</summary>
internal sealed class PostgresTables(PostgresSchema schema)
{
    private readonly ConditionalWeakTable<TableShape, Plan> _plans = [];

    /// <summary>
    /// One statement a table, tables by name and rows by key: whoever else writes the same rows waits instead of dying in a deadlock. What follows from other
    /// columns is left out.
    /// </summary>
    /// <param name="areNew">Rows that are written once are not looked for: one that is there refuses the batch.</param>
    public void Upsert(NpgsqlBatch batch, List<OwnedUpsert> rows, bool areNew)
    {
        if (rows.Count == 0) return;
        rows.Sort(static (x, y) => Order(x.Upsert, y.Upsert));
        for (var start = 0; start < rows.Count;)
        {
            var end = start + 1;
            while (end < rows.Count && rows[end].Upsert.Table.Name == rows[start].Upsert.Table.Name) end++;
            batch.BatchCommands.Add(Upsert(rows, start, end, areNew));
            start = end;
        }
    }

    public static NpgsqlBatchCommand Clear(TableShape table) => new($"DELETE FROM {Name(table.Name)}");

    public static async Task<IReadOnlyList<long>> Totals(NpgsqlConnection connection, TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel)
    {
        TableValues.Check(table, columns);
        await using var command = new NpgsqlCommand(SqlTables.Totals(table, columns, "coalesce(sum({0}), 0)::bigint", "$1"), connection) { Parameters = { PostgresColumns.Text(tenant) } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return [.. columns.Select((_, i) => row.GetInt64(i))];
    }

    public static async Task<DaySums?> Sums(NpgsqlConnection connection, DaysQuery query, CancellationToken cancel)
    {
        SqlDays.Check(query);
        static string Named(int place) => $"${place + 1}";
        const string Days = "(SELECT generate_series(first, beyond - 1) AS day FROM bounds) days";
        var sql = query.IsKept
            ? $"WITH bounds AS ({SqlDays.Bounded(query, "least", "greatest", Named)}) SELECT sum(o.payments), sum(o.amount_micros), sum(o.refunded_micros) "
                + $"FROM (SELECT k.* FROM {Days}, LATERAL (SELECT sum(d.payments) AS payments, sum(d.amount_micros) AS amount_micros, sum(d.refunded_micros) AS refunded_micros "
                + $"{SqlDays.Kept(query, "(SELECT days.day) days", Named)}) k UNION ALL SELECT w.payments, w.amount_micros, w.refunded_micros {SqlDays.Waiting(query, Named)}) o"
            : SqlDays.AddedUp(query, Named);
        var looked = query.IsKept ? "0::bigint" : "s.d";
        await using var command = new NpgsqlCommand(
            $"SELECT coalesce(s.a, 0)::bigint, coalesce(s.b, 0)::bigint, coalesce(s.c, 0)::bigint, {looked} FROM ({sql}) AS s (a, b, c{(query.IsKept ? "" : ", d")})", connection);
        foreach (var value in SqlDays.Values(query)) command.Parameters.Add(PostgresRows.Parameter(value!));
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var sums = new DaySums(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        return row.GetInt64(3) > DaysQuery.AddedUpTo ? null : sums;
    }

    public static async Task<IReadOnlyList<ActiveDay>> Active(NpgsqlConnection connection, ActiveQuery query, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(SqlDays.Active(query, "(SELECT generate_series($2, $3 - 1) AS day) days", static place => $"${place + 1}"), connection);
        foreach (var value in SqlDays.Values(query)) command.Parameters.Add(PostgresRows.Parameter(value!));
        await using var row = await command.ExecuteReaderAsync(cancel);
        var days = new List<ActiveDay>();
        while (await row.ReadAsync(cancel)) days.Add(new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
        return days;
    }

    public static async Task<IReadOnlyList<DayTotals>> DayTotals(NpgsqlConnection connection, TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(SqlTables.DayTotals(table, columns, "sum({0})::bigint", static place => $"${place + 1}"), connection)
        {
            Parameters = { PostgresColumns.Text(tenant), PostgresRows.Parameter(fromDay), PostgresRows.Parameter(toDay) },
        };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var days = new List<DayTotals>();
        while (await row.ReadAsync(cancel)) days.Add(new(row.GetInt64(0), [.. columns.Select((_, i) => row.GetInt64(i + 1))]));
        return days;
    }

    private NpgsqlBatchCommand Upsert(List<OwnedUpsert> rows, int start, int end, bool areNew)
    {
        var table = rows[start].Upsert.Table;
        var plan = _plans.GetValue(table, shape => new Plan(shape, schema));
        var count = end - start;
        var command = new NpgsqlBatchCommand(areNew && table.IsWrittenOnce ? plan.Insert : plan.Upsert);
        for (var column = 0; column < table.Columns.Count; column++) command.Parameters.Add(Values(rows, start, count, column, plan.Columns[column]));
        var (streams, seqs) = (new string[count], new long[count]);
        for (var i = 0; i < count; i++) (streams[i], seqs[i]) = (rows[start + i].Stream, rows[start + i].Seq);
        command.Parameters.Add(PostgresColumns.Text(streams));
        command.Parameters.Add(PostgresColumns.Numbers(seqs));
        return command;
    }

    private static NpgsqlParameter Values(List<OwnedUpsert> rows, int start, int count, int column, PostgresColumn type)
    {
        if (type.IsText)
        {
            var texts = new string?[count];
            var derived = rows[start].Upsert.Table.Derived.FirstOrDefault(derived => derived.At == column);
            for (var i = 0; i < count; i++)
            {
                var upsert = rows[start + i].Upsert;
                texts[i] = derived?.Follows(upsert.Values) == true ? null : PostgresColumns.Storable(Value<string>(upsert, column));
            }

            return PostgresColumns.Text(texts);
        }

        if (type.IsNullable)
        {
            var nullable = new long?[count];
            for (var i = 0; i < count; i++) nullable[i] = Value<object>(rows[start + i].Upsert, column) as long? ?? NullOnly(rows[start + i].Upsert, column);
            return PostgresColumns.Numbers(nullable);
        }

        var numbers = new long[count];
        for (var i = 0; i < count; i++) numbers[i] = rows[start + i].Upsert.Values[column] is long number ? number : throw Mismatch(rows[start + i].Upsert, column);
        return PostgresColumns.Numbers(numbers);
    }

    private static T? Value<T>(TableUpsert upsert, int column) where T : class =>
        upsert.Values[column] switch { null => null, T value => value, _ => throw Mismatch(upsert, column) };

    private static long? NullOnly(TableUpsert upsert, int column) => upsert.Values[column] is null ? null : throw Mismatch(upsert, column);

    private static ArgumentException Mismatch(TableUpsert upsert, int column) =>
        new($"column {upsert.Table.Columns[column]} of {upsert.Table.Name} does not hold {upsert.Values[column]?.GetType().Name ?? "null"}");

    private static int Order(TableUpsert x, TableUpsert y)
    {
        var order = string.CompareOrdinal(x.Table.Name, y.Table.Name);
        for (var i = 0; order == 0 && i < x.Table.KeyColumns; i++)
            order = x.Values[i] is string one && y.Values[i] is string other ? string.CompareOrdinal(one, other) : System.Collections.Comparer.DefaultInvariant.Compare(x.Values[i], y.Values[i]);
        return order;
    }

    private sealed class Plan
    {
        public Plan(TableShape table, PostgresSchema schema)
        {
            Columns = [.. table.Columns.Select(column => schema.Of(table.Name, column))];
            var names = TableValues.AllColumns(table).Select(Name).ToList();
            var arrays = Columns.Select(column => column.IsText ? "text[]" : "bigint[]").Append("text[]").Append("bigint[]").Select((type, i) => $"${i + 1}::{type}");
            Insert = $"INSERT INTO {Name(table.Name)} ({string.Join(", ", names)}) SELECT * FROM unnest({string.Join(", ", arrays)})";
            Upsert = $"{Insert} {OnConflict(table)}";
        }

        public PostgresColumn[] Columns { get; }

        public string Insert { get; }

        public string Upsert { get; }
    }
}
