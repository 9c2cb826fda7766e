using Agora.Journal.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Agora.Benchmarks.Filled;

/// <summary>A database of PostgreSQL with many payments, as appends would have left it: rows by COPY, then indexes, sums and places of all at once.</summary>
internal static class FilledPostgres
{
    public static async Task Make(string database, int rows)
    {
        await (await PostgresJournal.Open(new() { ConnectionString = database })).DisposeAsync(); // the schema
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync();
        var indexes = new List<(string Name, string Sql)>();
        await using (var command = new NpgsqlCommand("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'runs' AND indexname <> 'runs_pkey'", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) indexes.Add((reader.GetString(0), reader.GetString(1)));
        }

        await Say(connection, "SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; ALTER TABLE runs DISABLE TRIGGER USER");
        foreach (var (name, _) in indexes) await Say(connection, $"DROP INDEX {name}");
        await using (var copy = await connection.BeginBinaryImportAsync($"COPY runs ({string.Join(", ", PaymentRows.Table.Columns)}, stream, seq) FROM STDIN (FORMAT BINARY)"))
        {
            for (var n = 0; n < rows; n++)
            {
                var row = PaymentRows.Of(n);
                await copy.StartRowAsync();
                foreach (var value in row.Upsert.Values)
                {
                    await (value switch
                    {
                        null => copy.WriteNullAsync(),
                        long number => copy.WriteAsync(number, NpgsqlDbType.Bigint),
                        _ => copy.WriteAsync((string)value, NpgsqlDbType.Text),
                    });
                }

                await copy.WriteAsync(row.Stream, NpgsqlDbType.Text);
                await copy.WriteAsync(row.Seq, NpgsqlDbType.Bigint);
            }

            await copy.CompleteAsync();
        }

        foreach (var (_, sql) in indexes) await Say(connection, sql);
        await Say(
            connection,
            """
            INSERT INTO runs_days
            SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, 0, count(*), sum(r.amount_micros), 0
            FROM runs r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider), ('user_id', r.user_id, '')) AS k (kind, id, part)
            WHERE k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5
            """);
        await Say(
            connection,
            """
            INSERT INTO runs_days_waiting
            SELECT r.tenant, 0, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, 0, 0, 0,
              r.settled_at, runs_series(r.tenant, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.amount_micros, r.payer, r.source)
            FROM runs r
            """);
        for (var added = 1L; added > 0;)
        {
            await using var add = new NpgsqlCommand("SELECT runs_days_add(500000)", connection);
            added = (long)(await add.ExecuteScalarAsync())!;
        }

        await Say(connection, "ALTER TABLE runs ENABLE TRIGGER USER");
    }

    /// <summary>As autovacuum leaves a database that has stood for some minutes: the planner knows its tables.</summary>
    public static async Task Settle(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await Say(connection, "VACUUM ANALYZE");
        await Say(connection, "CHECKPOINT");
    }

    private static async Task Say(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
