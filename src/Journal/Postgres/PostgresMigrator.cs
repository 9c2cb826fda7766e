using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Brings a database to the program's schema: all that is pending in one transaction, with the hashes of the files recorded in the
/// same. A lock that ends with the transaction lets processes start at once, through a pooler too. Each set of files has a book of its
/// own, so that several can stand in one database.
/// </summary>
internal static class PostgresMigrator
{
    public const string Journal = "migrations";

    private const long LockKey = 0x61676f7261; // "agora"
    private const int LeastVersion = 150_000;

    public static async Task Apply(NpgsqlConnection connection, IReadOnlyList<Migration> known, string book = Journal)
    {
        await CheckServer(connection);
        await using var transaction = await connection.BeginTransactionAsync();
        await Script(connection, $"SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LockKey})");
        await Script(connection, $"CREATE TABLE IF NOT EXISTS {book} (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL)");
        foreach (var migration in Migrations.Pending(known, await Applied(connection, book)))
        {
            await Script(connection, migration.Sql);
            await using var record = new NpgsqlCommand($"INSERT INTO {book} (number, name, sha256) VALUES ($1, $2, $3)", connection)
            {
                Parameters = { new NpgsqlParameter<int> { TypedValue = migration.Number }, new NpgsqlParameter<string> { TypedValue = migration.Name }, new NpgsqlParameter<string> { TypedValue = migration.Sha256 } },
            };
            await record.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    /// <summary>How many are not applied yet; refuses what <see cref="Migrations.Pending"/> refuses.</summary>
    public static async Task<int> Check(NpgsqlConnection connection, IReadOnlyList<Migration> known, string book = Journal)
    {
        await CheckServer(connection);
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('{book}') IS NOT NULL", connection);
        return (bool)(await exists.ExecuteScalarAsync())! ? Migrations.Pending(known, await Applied(connection, book)).Count : known.Count;
    }

    private static async Task CheckServer(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT current_setting('server_version_num')::integer, current_setting('server_encoding')", connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        if (row.GetInt32(0) < LeastVersion)
        {
            throw new JournalRefusedException($"PostgreSQL is version {row.GetInt32(0) / 10_000}; 15 or newer is needed.");
        }

        if (row.GetString(1) != "UTF8")
        {
            throw new JournalRefusedException($"The database is encoded in {row.GetString(1)}; make one with ENCODING 'UTF8'.");
        }
    }

    private static async Task<List<AppliedMigration>> Applied(NpgsqlConnection connection, string book)
    {
        await using var command = new NpgsqlCommand($"SELECT number, name, sha256 FROM {book} ORDER BY number", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var applied = new List<AppliedMigration>();
        while (await rows.ReadAsync()) applied.Add(new AppliedMigration(rows.GetInt32(0), rows.GetString(1), rows.GetString(2)));
        return applied;
    }

    // Another process may be at it, and an index may take its time: only the server's own end bounds it.
    private static async Task Script(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
