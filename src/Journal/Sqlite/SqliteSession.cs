using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>A connection and its prepared statements. Belongs to one thread.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxPrepared = 256; // Far above what the program asks; queries differ in their conditions.

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    static SqliteSession() => SQLitePCL.Batteries_V2.Init();

    public SqliteSession(string path, bool readOnly, TimeSpan busyTimeout)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 1, // The provider's own waiting, in polls; what may wait goes through Control, and waits in SQLite.
        }.ToString());
        try
        {
            _connection.Open();
            Script($"PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds}");
            if (readOnly) return;
            Script("PRAGMA journal_mode = WAL");
            Script("PRAGMA synchronous = FULL"); // Syncs the log at every commit: acknowledged is durable.
            Script("PRAGMA fullfsync = ON"); // On macOS a sync ends in the drive's cache, which a loss of power empties; nothing elsewhere.
            Script("PRAGMA checkpoint_fullfsync = ON");
            Script("PRAGMA secure_delete = ON"); // A destroyed key's bytes are overwritten, not only forgotten.
            Script("PRAGMA cache_size = -65536");
            Script("PRAGMA journal_size_limit = 67108864");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public StreamHeads Heads { get; } = new();

    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public void Dispose()
    {
        Forget();
        _connection.Dispose();
    }

    /// <summary>Statements that are run once, unprepared.</summary>
    public void Script(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>BEGIN, COMMIT and the like, straight to SQLite.</summary>
    public void Control(string sql) => SqliteException.ThrowExceptionForRC(SQLitePCL.raw.sqlite3_exec(_connection.Handle, sql), _connection.Handle);

    /// <summary>Rolls back what is open, if SQLite has not done so by itself as it does for a full disk; false when it cannot.</summary>
    public bool TryRollback()
    {
        Heads.Clear();
        return !InTransaction || SQLitePCL.raw.sqlite3_exec(_connection.Handle, "ROLLBACK") == SQLitePCL.raw.SQLITE_OK;
    }

    /// <summary>Runs a statement with parameters $0, $1, …; returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> args)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count == MaxPrepared)
            {
                Forget();
            }

            _statements.Add(sql, statement = new(_connection.Handle!, sql, args.Length));
        }

        return statement.Execute(args);
    }

    /// <summary>The caller disposes the reader before the statement is used again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> args) => Bind(sql, args).ExecuteReader();

    public List<T> List<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> args) => ListUntil(sql, read, static _ => false, args);

    /// <summary>Up to the first that is enough, with it.</summary>
    public List<T> ListUntil<T>(string sql, Func<SqliteDataReader, T> read, Func<T, bool> enough, params ReadOnlySpan<object?> args)
    {
        using var reader = Query(sql, args);
        var list = new List<T>();
        while (reader.Read())
        {
            list.Add(read(reader));
            if (enough(list[^1])) break;
        }

        return list;
    }

    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> args)
    {
        using var reader = Query(sql, args);
        return reader.Read() ? read(reader) : default;
    }

    private void Forget()
    {
        foreach (var command in _commands.Values) command.Dispose();
        foreach (var statement in _statements.Values) statement.Dispose();
        _commands.Clear();
        _statements.Clear();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> args)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            if (_commands.Count == MaxPrepared)
            {
                Forget();
            }

            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < args.Length; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _commands.Add(sql, command);
        }

        for (var i = 0; i < args.Length; i++) command.Parameters[i].Value = ValueOf(args[i]);
        return command;
    }

    private static object ValueOf(object? value) => value switch
    {
        null => DBNull.Value,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        _ => value,
    };
}
