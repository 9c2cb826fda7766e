using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Benchmarks.Postgres;

/// <summary>One throw-away PostgreSQL for all that is measured, each with a database of its own. It syncs every commit to disk.</summary>
internal sealed class Database : IAsyncDisposable
{
    /// <summary>Memory for what is worked on, and no checkpoint in the middle of a measurement: one is made before each.</summary>
    private const string Settings = "-c shared_buffers=512MB -c max_wal_size=8GB -c checkpoint_timeout=30min";

    private readonly PostgresServer _server = PostgresServer.Start(maxConnections: 300, Settings);
    private readonly NpgsqlDataSource _admin;

    public Database() => _admin = NpgsqlDataSource.Create(_server.ConnectionString("postgres"));

    public int Port => _server.Port;

    /// <summary>Of all its processes, those that have ended too.</summary>
    public TimeSpan Cpu => _server.ProcessorTime;

    /// <summary>Makes a database; returns how to reach it.</summary>
    public string Create(string name) => _server.CreateDatabase(name);

    /// <summary>Version, durability, and what differs from PostgreSQL's own defaults.</summary>
    public async Task<string> Describe()
    {
        await using var command = _admin.CreateCommand("""
            SELECT 'PostgreSQL ' || current_setting('server_version') || ': ' || string_agg(name || '=' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
            WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'wal_level', 'commit_delay', 'shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'max_connections', 'autovacuum')
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Transactions that wrote, and bytes of the write-ahead log, so far. Both are exact at once, as pg_stat_database's counters are not.</summary>
    public async Task<(long Writes, long WalBytes)> Written()
    {
        await using var command = _admin.CreateCommand("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, (pg_current_wal_insert_lsn() - '0/0')::bigint");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public async Task Checkpoint()
    {
        await using var command = _admin.CreateCommand("CHECKPOINT");
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        _server.Dispose();
    }
}
