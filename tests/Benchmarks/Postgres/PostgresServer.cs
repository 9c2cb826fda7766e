using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Agora.Benchmarks.Postgres;

/// <summary>A throw-away PostgreSQL with a directory of its own, reached over loopback. All that is measured uses this one server; it syncs every commit to disk.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Memory for what is worked on, and no checkpoint in the middle of a measurement: one is made before each.</summary>
    private static readonly string[] Settings = ["shared_buffers=512MB", "max_wal_size=8GB", "checkpoint_timeout=30min", "max_connections=300"];

    private readonly ScratchDirectory _directory;
    private readonly Process _process;
    private readonly int _port;

    private PostgresServer(ScratchDirectory directory, Process process, int port)
    {
        (_directory, _process, _port) = (directory, process, port);
        Admin = NpgsqlDataSource.Create(ConnectionString("postgres"));
    }

    public NpgsqlDataSource Admin { get; }

    public int Port => _port;

    /// <summary>Of the server and all its processes, those that have ended too.</summary>
    public TimeSpan Cpu => ProcessTimes.OfTree(_process.Id);

    public static async Task<PostgresServer> Start()
    {
        var directory = new ScratchDirectory();
        var data = Path.Combine(directory.Path, "data");
        if (Environment.IsPrivilegedProcess)
        {
            await Run("chown", "postgres", directory.Path);
        }

        await RunAsOwner("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8");
        var port = FreePort();
        var process = AsOwner("postgres", ["-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-k", directory.Path, .. Settings.SelectMany(s => new[] { "-c", s })]);
        var server = new PostgresServer(directory, process, port);
        await server.Ready();
        return server;
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database}";

    public async Task<NpgsqlDataSource> Create(string database)
    {
        await Admin.Execute($"CREATE DATABASE {database}");
        return NpgsqlDataSource.Create(ConnectionString(database));
    }

    /// <summary>Version, durability, and what differs from PostgreSQL's own defaults.</summary>
    public async Task<string> Describe()
    {
        var version = await Admin.Scalar<string>("SHOW server_version");
        var settings = await Admin.Scalar<string>("""
            SELECT string_agg(name || '=' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
            WHERE source = 'command line' AND name NOT LIKE '%director%' AND name <> 'port' OR name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'commit_delay')
            """);
        return $"PostgreSQL {version}: {settings}";
    }

    /// <summary>Transactions that wrote, and bytes of the write-ahead log, so far. Both are exact at once, as pg_stat_database's counters are not.</summary>
    public async Task<(long Writes, long WalBytes)> Written()
    {
        await using var command = Admin.CreateCommand("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, (pg_current_wal_insert_lsn() - '0/0')::bigint");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        await Run("kill", "-INT", _process.Id.ToString(CultureInfo.InvariantCulture)); // its fast shutdown
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task Ready()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!_process.HasExited)
        {
            try
            {
                await Admin.Execute("SELECT 1");
                return;
            }
            catch (NpgsqlException)
            {
                await timer.WaitForNextTickAsync();
            }
        }

        throw new InvalidOperationException("PostgreSQL did not start.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task RunAsOwner(string program, params string[] arguments) => Finish(program, AsOwner(program, arguments));

    private static Task Run(string program, params string[] arguments) => Finish(program, Process.Start(new ProcessStartInfo(program, arguments))!);

    private static async Task Finish(string program, Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{program} failed.");
            }
        }
    }

    // PostgreSQL refuses to run as root.
    private static Process AsOwner(string program, IEnumerable<string> arguments)
    {
        IEnumerable<string> line = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]
            : [program, .. arguments];
        var process = Process.Start(new ProcessStartInfo(line.First(), line.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}

internal static class Sql
{
    public static async Task Execute(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> Scalar<T>(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
