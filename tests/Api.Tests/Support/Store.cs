using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;

namespace Agora.Api.Tests.Support;

/// <summary>A store of the test's own, gone with it.</summary>
internal sealed class Store : IAsyncDisposable
{
    private static int _databases;

    private readonly DirectoryInfo? _directory;

    private Store(IJournal journal, DirectoryInfo? directory = null) => (Journal, _directory) = (journal, directory);

    /// <summary>Those that can be had on this machine.</summary>
    public static TheoryData<string> Names => PostgresServer.Missing is null ? ["memory", "sqlite", "postgres"] : ["memory", "sqlite"];

    public IJournal Journal { get; }

    public static async Task<Store> Open(string name)
    {
        if (name == "memory") return new(new MemoryJournal(TimeProvider.System));
        if (name == "postgres")
        {
            return new(await PostgresJournal.Open(new() { ConnectionString = PostgresServer.Shared.CreateDatabase($"api_{Interlocked.Increment(ref _databases)}") }));
        }

        var directory = Directory.CreateTempSubdirectory("agora-api-");
        return new(SqliteJournal.Open(new() { Path = Path.Combine(directory.FullName, "agora.db") }), directory);
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        _directory?.Delete(recursive: true);
    }
}
