using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Agora.Journal.Sqlite;

/// <summary>
/// A prepared statement without result, bound straight to SQLite: the provider's parameters cost more than the writing of most rows does.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackBytes = 512;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    /// <param name="sql">With parameters $0, $1, …</param>
    public SqliteStatement(sqlite3 connection, string sql, int parameters)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v2(connection, sql, out _statement));
        _places = [.. Enumerable.Range(0, parameters).Select(n => raw.sqlite3_bind_parameter_index(_statement, $"${n}"))];
    }

    public void Dispose() => _statement.Dispose();

    /// <returns>How many rows it changed.</returns>
    public int Execute(ReadOnlySpan<object?> args)
    {
        for (var i = 0; i < args.Length; i++) Check(Bind(_places[i], args[i]));
        var result = raw.sqlite3_step(_statement);
        var changed = raw.sqlite3_changes(_connection);
        var ended = raw.sqlite3_reset(_statement); // Says again what the step said.
        Check(result == raw.SQLITE_DONE ? ended : result);
        return changed;
    }

    private int Bind(int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, place),
        long number => raw.sqlite3_bind_int64(_statement, place, number),
        int number => raw.sqlite3_bind_int64(_statement, place, number),
        string text => Bind(place, text),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, place, bytes),
        ReadOnlyMemory<byte> bytes => raw.sqlite3_bind_blob(_statement, place, bytes.Span),
        _ => throw new ArgumentException($"a {value.GetType().Name} is no value of SQLite's"),
    };

    private int Bind(int place, string text)
    {
        if (text.Length == 0) return raw.sqlite3_bind_text(_statement, place, text); // An empty span would be null.
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = most <= StackBytes ? stackalloc byte[most] : new byte[most];
        return raw.sqlite3_bind_text(_statement, place, buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
