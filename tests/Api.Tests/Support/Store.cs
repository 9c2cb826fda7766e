using System.Data.Common;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Agora.Api.Tests.Support;

/// <summary>A store of the test's own, gone with it.</summary>
internal sealed class Store : IAsyncDisposable
{
    private static int _databases;

    private readonly DirectoryInfo? _directory;

    private readonly Func<DbConnection>? _connect;

    private Store(IJournal journal, Func<DbConnection>? connect = null, DirectoryInfo? directory = null) => (Journal, _connect, _directory) = (journal, connect, directory);

    /// <summary>Those that can be had on this machine.</summary>
    public static TheoryData<string> Names => PostgresServer.Missing is null ? ["memory", "sqlite", "postgres"] : ["memory", "sqlite"];

    public IJournal Journal { get; }

    public static async Task<Store> Open(string name)
    {
        if (name == "memory") return new(new MemoryJournal(TimeProvider.System));
        if (name == "postgres")
        {
            var database = PostgresServer.Shared.CreateDatabase($"api_{Interlocked.Increment(ref _databases)}");
            return new(await PostgresJournal.Open(new() { ConnectionString = database }), () => new NpgsqlConnection(database));
        }

        var directory = Directory.CreateTempSubdirectory("agora-api-");
        var path = Path.Combine(directory.FullName, "agora.db");
        return new(SqliteJournal.Open(new() { Path = path }), () => new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False"), directory);
    }

    /// <summary>What a person with SQL is answered: a row is its values by the names of its columns.</summary>
    public async Task<List<Dictionary<string, object?>>> Select(string sql)
    {
        await using var connection = _connect!();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.Ordinal));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        _directory?.Delete(recursive: true);
    }
}
