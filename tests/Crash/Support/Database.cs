using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Agora.Crash.Support;

/// <summary>Looks into the database file itself, beside or after the server.</summary>
internal sealed class Database : IDisposable
{
    private readonly SqliteConnection _connection;

    /// <param name="writes">Only with no server beside it.</param>
    public Database(string path, bool writes = false)
    {
        SQLitePCL.Batteries_V2.Init();
        _connection = new($"Data Source={path};Mode={(writes ? "ReadWrite" : "ReadOnly")};Pooling=False");
        _connection.Open();
    }

    public long Number(string sql) => (long)Scalar(sql);

    /// <returns>Rows that were changed.</returns>
    public int Change(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteNonQuery();
    }

    /// <summary>As the sweeper does when their time is over; what was deleted is overwritten, the log included.</summary>
    public void LetClientKeysExpire()
    {
        foreach (var sql in new[] { "PRAGMA secure_delete = ON", "DELETE FROM client_keys", "PRAGMA wal_checkpoint(TRUNCATE)" })
        {
            using var command = Command(sql);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>Each query table, which <c>rebuild</c> must make again row by row the same, with the number of its rows and a hash of all that is in them.</summary>
    public IReadOnlyDictionary<string, string> Fingerprints()
    {
        var tables = new List<string>();
        using var command = Command(
            "SELECT m.name FROM sqlite_schema m WHERE m.type = 'table' AND m.name <> 'client_keys' AND (SELECT count(*) FROM pragma_table_info(m.name) WHERE name IN ('tenant', 'stream', 'seq')) = 3");
        using var row = command.ExecuteReader();
        while (row.Read()) tables.Add(row.GetString(0));
        Assert.InRange(tables.Count, 30, 1_000);
        return tables.ToDictionary(static table => table, Fingerprint);
    }

    /// <summary>A row in the middle of the journal, small enough to stand on one page of the file.</summary>
    public (string Stream, long Seq, byte[] Body) JournalRow()
    {
        using var command = Command(
            """
            SELECT s.name, j.seq, j.body FROM journal j JOIN streams s ON s.id = j.stream
            WHERE j.rowid >= (SELECT max(rowid) / 2 FROM journal) AND length(j.body) BETWEEN 100 AND 3000 ORDER BY j.rowid LIMIT 1
            """);
        using var row = command.ExecuteReader();
        Assert.True(row.Read());
        return (row.GetString(0), row.GetInt64(1), (byte[])row.GetValue(2));
    }

    public void Dispose() => _connection.Dispose();

    private string Fingerprint(string table)
    {
        var columns = Number($"SELECT count(*) FROM pragma_table_info('{table}')");
        using var command = Command($"SELECT * FROM {table} ORDER BY {string.Join(", ", Enumerable.Range(1, (int)columns))}");
        using var row = command.ExecuteReader();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0;
        while (row.Read())
        {
            rows++;
            for (var column = 0; column < row.FieldCount; column++)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{row.GetValue(column)}\u001f"));
            }
        }

        return $"{rows} rows {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private object Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
