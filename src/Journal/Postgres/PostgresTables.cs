using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>Statements over query tables. Identifiers come from shapes only, values are parameters always.</summary>
internal sealed class PostgresTables(PostgresSchema schema)
{
    private readonly ConditionalWeakTable<TableShape, Plan> _plans = [];

    /// <summary>One statement a table, tables by name and rows by key: whoever else writes the same rows waits instead of dying in a deadlock.</summary>
    public void Upsert(NpgsqlBatch batch, List<OwnedUpsert> rows)
    {
        if (rows.Count == 0) return;
        rows.Sort(static (x, y) => Order(x.Upsert, y.Upsert));
        for (var start = 0; start < rows.Count;)
        {
            var end = start + 1;
            while (end < rows.Count && rows[end].Upsert.Table.Name == rows[start].Upsert.Table.Name) end++;
            batch.BatchCommands.Add(Upsert(rows, start, end));
            start = end;
        }
    }

    public static NpgsqlBatchCommand Clear(TableShape table) => new($"DELETE FROM {Name(table.Name)}");

    /// <summary>Page and count are read from one state of the database.</summary>
    public async Task<TablePage> Query(NpgsqlConnection connection, TableQuery query, CancellationToken cancel)
    {
        TableValues.Check(query);
        if (query.CountUpTo == 0) return await Read(connection, null, [Page(query)], cancel);

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var page = await Read(connection, transaction, [Count(query), Page(query)], cancel);
        await transaction.CommitAsync(cancel);
        return page;

        async Task<TablePage> Read(NpgsqlConnection connection, NpgsqlTransaction? transaction, NpgsqlBatchCommand[] commands, CancellationToken cancel)
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (var command in commands) batch.BatchCommands.Add(command);
            var (total, rows) = (0L, new List<TableRow>());
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            if (commands.Length > 1)
            {
                await reader.ReadAsync(cancel);
                total = reader.GetInt64(0);
                await reader.NextResultAsync(cancel);
            }

            while (await reader.ReadAsync(cancel)) rows.Add(Row(reader, query.Table.Columns.Count));
            return new TablePage(rows, total);
        }
    }

    private static NpgsqlBatchCommand Count(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var from = From(query, command);
        command.CommandText = query.CountUpTo == long.MaxValue ? $"SELECT count(*) {from}"
            : $"SELECT count(*) FROM (SELECT 1 {from} LIMIT {Next(command, PostgresColumns.Number(query.CountUpTo))}) AS counted";
        return command;
    }

    private NpgsqlBatchCommand Page(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var from = From(query, command);
        if (query.After is { } after)
        {
            from += (query.Where.Count == 0 ? " WHERE " : " AND ") + Behind(query, Name, index => Next(command, Parameter(after[index])));
        }

        var columns = string.Join(", ", TableValues.AllColumns(query.Table).Select(Name));
        var (limit, offset) = (Next(command, PostgresColumns.Number(query.Limit)), Next(command, PostgresColumns.Number(query.Offset)));
        command.CommandText = $"SELECT {columns} {from} ORDER BY {OrderBy(query)} LIMIT {limit} OFFSET {offset}";
        return command;
    }

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
                + $"FROM {Days}, LATERAL (SELECT sum(d.payments) AS payments, sum(d.amount_micros) AS amount_micros, sum(d.refunded_micros) AS refunded_micros "
                + $"{SqlDays.Kept(query, "(SELECT days.day) days", Named)}) o"
            : SqlDays.AddedUp(query, Named);
        await using var command = new NpgsqlCommand(
            $"SELECT coalesce(s.a, 0)::bigint, coalesce(s.b, 0)::bigint, coalesce(s.c, 0)::bigint FROM ({sql}) AS s (a, b, c)", connection);
        foreach (var value in SqlDays.Values(query)) command.Parameters.Add(Parameter(value!));
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var sums = new DaySums(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        return !query.IsKept && sums.Count > DaysQuery.AddedUpTo ? null : sums;
    }

    private NpgsqlBatchCommand Upsert(List<OwnedUpsert> rows, int start, int end)
    {
        var table = rows[start].Upsert.Table;
        var plan = _plans.GetValue(table, shape => new Plan(shape, schema));
        var count = end - start;
        var command = new NpgsqlBatchCommand(plan.Sql);
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
            for (var i = 0; i < count; i++) texts[i] = PostgresColumns.Storable(Value<string>(rows[start + i].Upsert, column));
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

    private static string From(TableQuery query, NpgsqlBatchCommand command) =>
        $"FROM {Name(query.Table.Name)}{(query.Where.Count == 0 ? "" : " WHERE " + string.Join(" AND ", query.Where.Select(condition => ConditionSql(condition, command))))}";

    // "IS NOT DISTINCT FROM" would say it in one, but no index serves it.
    private static string ConditionSql(Condition condition, NpgsqlBatchCommand command)
    {
        var name = Name(condition.Column);
        if (condition.Value is null)
        {
            return condition.Comparison switch { Comparison.Equal => $"{name} IS NULL", Comparison.NotEqual => $"{name} IS NOT NULL", _ => "false" };
        }

        var parameter = Next(command, Parameter(condition.Value));
        return condition.Comparison switch
        {
            Comparison.Equal => $"{name} = {parameter}",
            Comparison.NotEqual => $"{name} IS DISTINCT FROM {parameter}",
            Comparison.LessThan => $"{name} < {parameter}",
            Comparison.AtMost => $"{name} <= {parameter}",
            Comparison.GreaterThan => $"{name} > {parameter}",
            Comparison.AtLeast => $"{name} >= {parameter}",
            Comparison.AnyOf => $"{name} = ANY({parameter})",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    private static string Next(NpgsqlBatchCommand command, NpgsqlParameter parameter)
    {
        command.Parameters.Add(parameter);
        return $"${command.Parameters.Count}";
    }

    private static NpgsqlParameter Parameter(object value) => value switch
    {
        long number => PostgresColumns.Number(number),
        IReadOnlyList<string> list => PostgresColumns.Text([.. list.Select(PostgresColumns.Storable)]),
        _ => PostgresColumns.Text(PostgresColumns.Storable((string)value)), // as it would be stored
    };

    // Null comes first; said only where null can be, as no index in the default order serves it.
    private string OrderBy(TableQuery query) =>
        string.Join(", ", query.OrderBy.Select(o => Name(o.Column) + (o.Descending ? " DESC" : " ASC") + Nulls(query.Table, o))
            .Concat(TableValues.KeyOrder(query).Select(Name)));

    private string Nulls(TableShape table, Order order) =>
        !schema.Of(table.Name, order.Column).IsNullable ? "" : order.Descending ? " NULLS LAST" : " NULLS FIRST";

    private sealed class Plan
    {
        public Plan(TableShape table, PostgresSchema schema)
        {
            Columns = [.. table.Columns.Select(column => schema.Of(table.Name, column))];
            var names = TableValues.AllColumns(table).Select(Name).ToList();
            var arrays = Columns.Select(column => column.IsText ? "text[]" : "bigint[]").Append("text[]").Append("bigint[]").Select((type, i) => $"${i + 1}::{type}");
            Sql = $"INSERT INTO {Name(table.Name)} ({string.Join(", ", names)}) SELECT * FROM unnest({string.Join(", ", arrays)}) "
                + OnConflict(table);
        }

        public PostgresColumn[] Columns { get; }

        public string Sql { get; }
    }
}
