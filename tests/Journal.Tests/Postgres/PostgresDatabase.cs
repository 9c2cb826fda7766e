using System.Globalization;
using Agora.Journal.Postgres;
using Agora.Testing.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>A database of its own on the shared server, its schema with one more table, as the product's has.</summary>
internal static class PostgresDatabase
{
    private const string Samples = """
        CREATE TABLE sample_runs (
          tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, state text COLLATE "C", amount bigint,
          stream text COLLATE "C" NOT NULL, seq bigint NOT NULL, PRIMARY KEY (tenant, id));
        """;

    private static int _made;

    public static IReadOnlyList<Migration> Schema { get; } = With(Migrations.Of("postgres"), "samples", Samples);

    public static string Create(PostgresServer? server = null) =>
        (server ?? PostgresServer.Shared).CreateDatabase($"test_{Interlocked.Increment(ref _made)}");

    /// <summary>A statement that ends when so many sessions of the database wait for a lock.</summary>
    public static string UntilWaiting(int sessions) => $"""
        DO $$ BEGIN
          WHILE (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') < {sessions} LOOP
            PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
          END LOOP;
        END $$
        """;

    public static PostgresOptions Options(string database) => new() { ConnectionString = database, Migrations = Schema };

    /// <summary>The same with a store whose clock stands still.</summary>
    public static PostgresOptions Options(string database, long nowMicros) => Options(database) with
    {
        Migrations = With(Schema, "clock", $"CREATE OR REPLACE FUNCTION journal_now() RETURNS bigint LANGUAGE sql VOLATILE RETURN {nowMicros.ToString(CultureInfo.InvariantCulture)}::bigint;"),
    };

    private static IReadOnlyList<Migration> With(IReadOnlyList<Migration> some, string name, string sql) => [.. some, new Migration(some.Count + 1, name, sql)];
}
