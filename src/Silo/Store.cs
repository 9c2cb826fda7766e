using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Silo.Settings;

namespace Agora.Silo;

/// <summary>Which database is the store of record, and what follows from it for those who write to it.</summary>
internal static class Store
{
    /// <param name="file">Of SQLite, when it is the store.</param>
    /// <exception cref="JournalRefusedException">One line: why the journal cannot be opened.</exception>
    public static async Task<IJournal> Open(AgoraSettings settings, string file, bool readOnly = false) =>
        settings.Postgres is { } postgres
            ? await PostgresJournal.Open(new() { ConnectionString = postgres, ReadOnly = readOnly })
            : SqliteJournal.Open(new() { Path = file, ReadOnly = readOnly });

    /// <summary>Over a network one batch travels while the other is synced.</summary>
    public static CommitterOptions Committer(AgoraSettings settings) => new() { MaxBatchesInFlight = settings.Postgres is null ? 1 : 2 };

    /// <summary>SQLite's file belongs to this process alone, so no key is destroyed behind its back; a database is shared.</summary>
    public static TimeSpan KeysLive(AgoraSettings settings) => settings.Postgres is null ? TimeSpan.MaxValue : PersonalKeys.TimeToLive;
}
