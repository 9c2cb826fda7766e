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
        var places = PostgresPlaces.For(query);
        var isPageOnly = query is { CountUpTo: 0, Sieve.Count: 0 } && places is null;
        if (isPageOnly) return new((await Read(connection, null, query, [Page(query)], cancel)).Rows, 0);

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var page = query.Sieve.Count > 0 ? await Sieved(connection, transaction, query, cancel)
            : places is null ? await Read(connection, transaction, query, [Count(query), Page(query)], cancel)
            : await Placed(connection, transaction, query, places, cancel);
        await transaction.CommitAsync(cancel);
        return page;
    }

    /// <summary>Where some places have no row any more, more of them are asked for until there are rows enough, or no more places.</summary>
    private async Task<TablePage> Placed(NpgsqlConnection connection, NpgsqlTransaction transaction, TableQuery query, PostgresPlaces places, CancellationToken cancel)
    {
        for (var times = 1L; ; times *= 4)
        {
            var page = await Read(connection, transaction, query, [Count(query, times), Page(query, times)], cancel);
            if ((page.Rows.Count == query.Limit || await AreAll(query, Asked(query) * times))
                && (page.TotalCount == query.CountUpTo || await AreAll(query with { After = null }, Counted(query) * times))) return page;
        }

        async Task<bool> AreAll(TableQuery from, long wanted)
        {
            var command = new NpgsqlBatchCommand();
            command.CommandText = $"SELECT count(*) FROM {places.Listed(from, command, wanted)}";
            return await Number(connection, transaction, command, cancel) < wanted;
        }
    }

    /// <summary>How far was looked is asked only where the page is not full, or the count not at its end.</summary>
    private async Task<TablePage> Sieved(NpgsqlConnection connection, NpgsqlTransaction transaction, TableQuery query, CancellationToken cancel)
    {
        var page = await Read(connection, transaction, query, [Page(query)], cancel);
        var to = page.Rows.Count < query.Limit ? await Place(query) : null;
        if (CountOf(query, page.Rows.Count) is { } counted)
        {
            return new(page.Rows, counted) { LookedTo = to, IsCounted = counted == query.CountUpTo || to is null };
        }

        var count = await Number(connection, transaction, Count(query), cancel);
        return new(page.Rows, count) { LookedTo = to, IsCounted = count == query.CountUpTo || await Place(query with { After = null }) is null };

        async Task<IReadOnlyList<object>?> Place(TableQuery from)
        {
            await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { LookedTo(from) } };
            if (PostgresPlaces.For(from) is { } listed)
            {
                batch.BatchCommands.Add(listed.LookedTo(from));
            }

            await using var reader = await batch.ExecuteReaderAsync(cancel);
            for (var following = 2; ; following = 1)
            {
                var places = new List<IReadOnlyList<object>>();
                while (await reader.ReadAsync(cancel)) places.Add(Position(reader, from.OrderBy.Count));
                if (places.Count == following) return places[0];
                if (!await reader.NextResultAsync(cancel)) return null;
            }
        }
    }

    private static async Task<long> Number(NpgsqlConnection connection, NpgsqlTransaction transaction, NpgsqlBatchCommand command, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { command } };
        return (long)(await batch.ExecuteScalarAsync(cancel))!;
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

    private NpgsqlBatchCommand LookedTo(TableQuery query)
    {
        var command = new NpgsqlBatchCommand();
        var matching = Matching(query, command, query.LookAt + 1L);
        var before = Next(command, PostgresColumns.Number(query.LookAt - 1L));
        command.CommandText = SqlTables.LookedTo(string.Join(", ", query.OrderBy.Select(o => Name(o.Column))), matching, OrderBy(query), before);
        return command;
    }

    private NpgsqlBatchCommand Count(TableQuery query, long times = 1)
    {
        var command = new NpgsqlBatchCommand();
        var from = query.Sieve.Count == 0 ? From(query with { After = null }, command, Counted(query) * times) : Looked(query with { After = null }, command);
        command.CommandText = query.CountUpTo == long.MaxValue ? $"SELECT count(*) {from}"
            : $"SELECT count(*) FROM (SELECT 1 {from} LIMIT {Next(command, PostgresColumns.Number(query.CountUpTo))}) AS counted";
        return command;
    }

    private NpgsqlBatchCommand Page(TableQuery query, long times = 1)
    {
        var command = new NpgsqlBatchCommand();
        var from = query.Sieve.Count == 0 ? Matching(query, command, Asked(query) * times) : Looked(query, command);
        var (limit, offset) = (Next(command, PostgresColumns.Number(query.Limit)), Next(command, PostgresColumns.Number(query.Offset)));
        command.CommandText = $"SELECT {Columns(query)} {from} ORDER BY {OrderBy(query)} LIMIT {limit} OFFSET {offset}";
        return command;
    }

    private static long Asked(TableQuery query) => (long)query.Offset + query.Limit;

    private static long Counted(TableQuery query) => Math.Min(query.CountUpTo, int.MaxValue);

    /// <summary>What the sieve lets through. A subquery with a limit is read as far as the outer one needs.</summary>
    private string Looked(TableQuery query, NpgsqlBatchCommand command)
    {
        var columns = PostgresPlaces.For(query) is null ? Columns(query) : $"{Columns(query)}, {PostgresPlaces.Time}";
        var looked = SqlTables.Looked(columns, Matching(query, command, query.LookAt + 1L), OrderBy(query), Next(command, PostgresColumns.Number(query.LookAt)));
        return $"FROM {looked} WHERE {string.Join(" AND ", query.Sieve.Select(condition => ConditionSql(condition, command)))}";
    }

    private static string Columns(TableQuery query) => string.Join(", ", TableValues.AllColumns(query.Table).Select(Name));

    /// <summary>Behind the position, where there is one.</summary>
    /// <param name="places">How many are asked for, where the rows are found by them.</param>
    private static string Matching(TableQuery query, NpgsqlBatchCommand command, long places)
    {
        var from = From(query, command, places);
        return query.After is not { } after ? from
            : from + (query.Where.Count == 0 ? " WHERE " : " AND ") + Behind(query, Name, index => Next(command, Parameter(after[index])));
    }

    private static string From(TableQuery query, NpgsqlBatchCommand command, long places) =>
        $"FROM {PostgresPlaces.For(query)?.Rows(query, command, places) ?? Name(query.Table.Name)}{(query.Where.Count == 0 ? "" : " WHERE " + string.Join(" AND ", query.Where.Select(condition => ConditionSql(condition, command))))}";

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
    private string OrderBy(TableQuery query) => PostgresPlaces.For(query) is { } places ? places.Order
        : string.Join(", ", query.OrderBy.Select(o => Name(o.Column) + (o.Descending ? " DESC" : " ASC") + Nulls(query.Table, o))
            .Concat(TableValues.KeyOrder(query).Select(Name)));

    private string Nulls(TableShape table, Order order) =>
        !schema.Of(table.Name, order.Column).IsNullable ? "" : order.Descending ? " NULLS LAST" : " NULLS FIRST";
}
