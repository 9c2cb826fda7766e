using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>Queries of tables: the rows that conditions select, in their order, and how many they are.</summary>
internal sealed class PostgresRows(PostgresSchema schema)
{
    private static readonly ConditionalWeakTable<LinkedTables, string> Finds = [];

    /// <summary>Rows by their keys, of which each parameter has a column; the first column of the result is a key's place, from 1. The limit keeps it to one search of each index a key, whatever the planner thinks of the tables.</summary>
    public static string Find(LinkedTables tables) => Finds.GetValue(tables, static t =>
    {
        var columns = t.Table.Columns.Take(t.Table.KeyColumns).ToList();
        return $"SELECT k.place, f.* FROM unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) WITH ORDINALITY AS k ({string.Join(", ", columns.Select(Name))}, place) CROSS JOIN LATERAL ("
            + SqlTables.Find(t, "LEFT JOIN journal j ON j.stream = r.stream AND j.seq = r.seq", i => $"k.{Name(columns[i])}") + " LIMIT 1) f";
    });

    public static NpgsqlParameter[] Keys(IReadOnlyList<IReadOnlyList<object>> keys) =>
        [.. keys[0].Select((first, column) => first is long ? PostgresColumns.Numbers([.. keys.Select(key => (long)key[column])]) : Parameter((IReadOnlyList<string>)[.. keys.Select(key => (string)key[column])]))];

    /// <summary>Page and count are read from one state of the database.</summary>
    public async Task<TablePage> Query(NpgsqlConnection connection, TableQuery query, CancellationToken cancel)
    {
        TableValues.Check(query);
        if (query is { CountUpTo: 0, Sieve.Count: 0 }) return new((await Read(connection, null, query, [Page(query)], cancel)).Rows, 0);

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var page = query.Sieve.Count == 0 ? await Read(connection, transaction, query, [Count(query), Page(query)], cancel) : await Sieved(connection, transaction, query, cancel);
        await transaction.CommitAsync(cancel);
        return page;
    }

    /// <summary>How far was looked is asked only where the page is not full, or the count not at its end.</summary>
    private async Task<TablePage> Sieved(NpgsqlConnection connection, NpgsqlTransaction transaction, TableQuery query, CancellationToken cancel)
    {
        var page = await Read(connection, transaction, query, [Page(query)], cancel);
        var to = page.Rows.Count < query.Limit ? await LookedTo(query) : null;
        if (CountOf(query, page.Rows.Count) is { } counted)
        {
            return new(page.Rows, counted) { LookedTo = to, IsCounted = counted == query.CountUpTo || to is null };
        }

        var count = await Number(Count(query));
        return new(page.Rows, count) { LookedTo = to, IsCounted = count == query.CountUpTo || await LookedTo(query with { After = null }) is null };

        async Task<long> Number(NpgsqlBatchCommand command)
        {
            await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { command } };
            return (long)(await batch.ExecuteScalarAsync(cancel))!;
        }

        async Task<IReadOnlyList<object>?> LookedTo(TableQuery from)
        {
            var places = new List<IReadOnlyList<object>>();
            await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { Places(from, OrderBy(from)) } };
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel)) places.Add(Position(reader, from.OrderBy.Count));
            return places.Count == 2 ? places[0] : null;
        }
    }

    private static async Task<TablePage> Read(NpgsqlConnection connection, NpgsqlTransaction? transaction, TableQuery query, NpgsqlBatchCommand[] commands, CancellationToken cancel)
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

        while (await reader.ReadAsync(cancel)) rows.Add(Row(reader, query.Table));
        return new TablePage(rows, total);
    }

    private static NpgsqlBatchCommand Places(TableQuery query, string order)
    {
        var command = new NpgsqlBatchCommand();
        var matching = Matching(query, command);
        command.CommandText = SqlTables.LookedTo(
            string.Join(", ", query.OrderBy.Select(o => Name(o.Column))), matching, order, Next(command, PostgresColumns.Number(query.LookAt - 1L)));
        return command;
    }

    private NpgsqlBatchCommand Count(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var from = query.Sieve.Count == 0 ? From(query, command) : Looked(query with { After = null }, command);
        command.CommandText = query.CountUpTo == long.MaxValue ? $"SELECT count(*) {from}"
            : $"SELECT count(*) FROM (SELECT 1 {from} LIMIT {Next(command, PostgresColumns.Number(query.CountUpTo))}) AS counted";
        return command;
    }

    private NpgsqlBatchCommand Page(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var from = query.Sieve.Count == 0 ? Matching(query, command) : Looked(query, command);
        var (limit, offset) = (Next(command, PostgresColumns.Number(query.Limit)), Next(command, PostgresColumns.Number(query.Offset)));
        command.CommandText = $"SELECT {Columns(query)} {from} ORDER BY {OrderBy(query)} LIMIT {limit} OFFSET {offset}";
        return command;
    }

    /// <summary>What the sieve lets through. A subquery with a limit is read as far as the outer one needs.</summary>
    private string Looked(TableQuery query, NpgsqlBatchCommand command)
    {
        var looked = SqlTables.Looked(Columns(query), Matching(query, command), OrderBy(query), Next(command, PostgresColumns.Number(query.LookAt)));
        return $"FROM {looked} WHERE {string.Join(" AND ", query.Sieve.Select(condition => ConditionSql(condition, command)))}";
    }

    private static string Columns(TableQuery query) => string.Join(", ", TableValues.AllColumns(query.Table).Select(Name));

    /// <summary>Behind the position, where there is one.</summary>
    private static string Matching(TableQuery query, NpgsqlBatchCommand command)
    {
        var from = From(query, command);
        return query.After is not { } after ? from
            : from + (query.Where.Count == 0 ? " WHERE " : " AND ") + Behind(query, Name, index => Next(command, Parameter(after[index])));
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

    public static NpgsqlParameter Parameter(object value) => value switch
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
}
