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
        if (settings.Postgres is { } postgres) return await PostgresJournal.Open(new() { ConnectionString = postgres, ReadOnly = readOnly });

        if (!readOnly)
        {
            data.Create();
        }

        else if (!File.Exists(data.Database))
        {
            throw new JournalRefusedException($"There is no journal in {data.Path}.");
        }

        return SqliteJournal.Open(new() { Path = data.Database, ReadOnly = readOnly });
    }

    /// <summary>For reading only, all of it as it stood at one moment: what is written meanwhile is not seen, and whoever writes waits for nothing.</summary>
    /// <exception cref="JournalRefusedException">There is no journal, or it cannot be opened.</exception>
    public static async Task<IJournal> OpenMoment(AgoraSettings settings, DataDirectory data)
    {
        await using (await Open(settings, data, readOnly: true))
        {
            // Refused in one line where there is none.
        }

        return settings.Postgres is { } postgres ? await PostgresJournal.Open(new() { ConnectionString = postgres, ReadOnly = true, AtOneMoment = true })
            : SqliteJournal.Open(new() { Path = data.Database, ReadOnly = true, AtOneMoment = true });
    }

    /// <summary>For verbs: a journal that is there, with the master key that it was written with. Nothing is made.</summary>
    /// <exception cref="JournalRefusedException">There is none, or it cannot be opened.</exception>
    /// <exception cref="SettingException">The master key is missing, or another.</exception>
    public static async Task<IJournal> OpenExisting(AgoraSettings settings, DataDirectory data)
    {
        await using (await Open(settings, data, readOnly: true))
        {
            // Opened for reading it is not made, and refused where nothing ever brought its schema up to date.
        }

        var journal = await OpenAlone(settings, data);
        try
        {
            await SharedKeys.RequireMasterKey(journal, data);
            if (settings.Postgres is not null)
            {
                await SharedKeys.Check(journal, data, mayWrite: false);
            }

            return journal;
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    private static async Task<IJournal> OpenAlone(AgoraSettings settings, DataDirectory data)
    {
        try
        {
            return await Open(settings, data);
        }
        catch (JournalInUseException e)
        {
            throw new JournalRefusedException($"{e.Message} Stop that server first.", e);
        }
    }

    /// <summary>
    /// Who may write to a shared database: processes of a cluster together, or one process alone. Null: a SQLite file, whose journal has a lock of its own.
    /// </summary>
    /// <exception cref="JournalRefusedException">Others are there.</exception>
    public static async Task<PostgresOwnership?> Own(AgoraSettings settings, bool alone) =>
        settings.Postgres is { } postgres ? await PostgresOwnership.Take(new() { ConnectionString = postgres }, alone, TimeProvider.System) : null;

    /// <summary>Over a network one batch travels while the other is synced.</summary>
    public static CommitterOptions Committer(AgoraSettings settings) => new() { MaxBatchesInFlight = settings.Postgres is null ? 1 : 2 };

    /// <summary>SQLite's file belongs to this process alone, so no key is destroyed behind its back; a database is shared.</summary>
    public static TimeSpan KeysLive(AgoraSettings settings) => settings.Postgres is null ? TimeSpan.MaxValue : PersonalKeys.TimeToLive;
}
