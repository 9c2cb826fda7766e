using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;

namespace Agora.Hosting;

/// <summary>Which database is the store of record, and what follows from it for those who write to it.</summary>
public static class Store
{
    /// <exception cref="JournalRefusedException">One line: why the journal cannot be opened.</exception>
    public static async Task<IJournal> Open(AgoraSettings settings, DataDirectory data, bool readOnly = false)
    {
        if (settings.Postgres is { } postgres)
        {
            return await PostgresJournal.Open(new() { ConnectionString = postgres, ReadOnly = readOnly });
        }

        if (!readOnly)
        {
            data.Create();
        }

        return SqliteJournal.Open(new() { Path = data.Database, ReadOnly = readOnly });
    }

    /// <summary>Over a network one batch travels while the other is synced.</summary>
    public static CommitterOptions Committer(AgoraSettings settings) => new() { MaxBatchesInFlight = settings.Postgres is null ? 1 : 2 };

    /// <summary>SQLite's file belongs to this process alone, so no key is destroyed behind its back; a database is shared.</summary>
    public static TimeSpan KeysLive(AgoraSettings settings) => settings.Postgres is null ? TimeSpan.MaxValue : PersonalKeys.TimeToLive;
}
