using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Two pools of connections to one database, each bounded: what is read or probed never takes the place of an append. A connection
/// is opened when it is first needed and again when it broke; who finds none free waits for as long as connecting may take.
/// </summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    private const string PoolerKey = "Pooler";

    // Who waits longer for a connection is better told so. A statement a table and a few more are prepared; a batch is a megabyte.
    // A silent peer is given up after half a minute, by both sides: a server that waits for the rest of a batch holds its rows.
    private const int ConnectSeconds = 5, MaxPrepared = 128, BufferBytes = 1 << 16;
    private const int KeepAliveSeconds = 15, KeepAliveInterval = 5, KeepAliveCount = 3;

    public PostgresConnections(PostgresOptions options)
    {
        Writers = Source(options, "agora journal writer", options.Writers);
        Others = Source(options, "agora journal", options.Others);
    }

    public NpgsqlDataSource Writers { get; }

    public NpgsqlDataSource Others { get; }

    /// <summary>For messages: which server and database, nothing secret.</summary>
    public string Name => NameOf(Others);

    public static string NameOf(NpgsqlDataSource source) => NameOf(new NpgsqlConnectionStringBuilder(source.ConnectionString));

    public static string NameOf(NpgsqlConnectionStringBuilder settings) => $"{settings.Host}:{settings.Port}/{settings.Database}";

    public async ValueTask DisposeAsync()
    {
        await Writers.DisposeAsync();
        await Others.DisposeAsync();
    }

    /// <summary>A connection, or <see cref="JournalUnavailableException"/>: whatever keeps us from connecting, nothing was sent.</summary>
    public static async ValueTask<NpgsqlConnection> Open(NpgsqlDataSource source, CancellationToken cancel)
    {
        try
        {
            return await source.OpenConnectionAsync(cancel);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw PostgresErrors.Unavailable(e, "no connection: ");
        }
    }

    public static NpgsqlDataSource Source(PostgresOptions options, string application, int most)
    {
        var (given, pooler) = TryRead(options.ConnectionString) ?? throw new JournalRefusedException("The connection string of the journal is none of PostgreSQL.");
        var usual = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = application,
            Timeout = ConnectSeconds,
            TcpKeepAlive = true,
            TcpKeepAliveTime = KeepAliveSeconds,
            TcpKeepAliveInterval = KeepAliveInterval,
            MaxAutoPrepare = pooler ? 0 : MaxPrepared,
            AutoPrepareMinUsages = 2,
            WriteBufferSize = BufferBytes,
        };
        if (given.Host?.Contains(',', StringComparison.Ordinal) == true && !options.ReadOnly)
        {
            usual.TargetSessionAttributes = "primary";
        }

        // Of a key that is named twice the later value counts.
        var settings = new NpgsqlConnectionStringBuilder($"{usual.ConnectionString};{given.ConnectionString}")
        {
            MaxPoolSize = most,
            MinPoolSize = 0,
            Enlist = false,
            NoResetOnClose = true, // Nothing is kept in a session, so there is nothing to reset.
            CommandTimeout = (int)options.CommandTimeout.TotalSeconds,
        };
        if (!pooler)
        {
            settings.Options = $"{given.Options} {SessionOptions(options)}".Trim();
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    private static string SessionOptions(PostgresOptions options) =>
        $"-c statement_timeout={Text((int)options.StatementTimeout.TotalMilliseconds)}"
        + $" -c tcp_keepalives_idle={Text(KeepAliveSeconds)} -c tcp_keepalives_interval={Text(KeepAliveInterval)} -c tcp_keepalives_count={Text(KeepAliveCount)}"
        + (options.ReadOnly ? " -c default_transaction_read_only=on" : "");

    /// <summary>Null for what is no connection string.</summary>
    public static (NpgsqlConnectionStringBuilder Given, bool Pooler)? TryRead(string connectionString)
    {
        try
        {
            var all = new DbConnectionStringBuilder { ConnectionString = connectionString };
            var pooler = all.TryGetValue(PoolerKey, out var value) && bool.Parse((string)value);
            all.Remove(PoolerKey);
            return (new NpgsqlConnectionStringBuilder(all.ConnectionString), pooler);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
