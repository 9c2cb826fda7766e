using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>
/// The writing thread. What waits (a batch of rows, snapshots, keys) shares one transaction, hence one sync; a job that is refused for
/// a defect of its own is rolled back to its savepoint, an operating error rolls back all and fails all.
/// </summary>
internal sealed class SqliteWriter(string path, TimeSpan busyTimeout)
{
    private const int MaxJobs = 64;

    private SqliteSession? _session;
    private bool _wipeLog = true; // A process that was killed may have left it undone.

    public void Work(BlockingCollection<SqliteJob> jobs)
    {
        var taken = new List<SqliteJob>(MaxJobs);
        foreach (var job in jobs.GetConsumingEnumerable())
        {
            taken.Add(job);
            while (taken.Count < MaxJobs && jobs.TryTake(out var more)) taken.Add(more);
            Transact(taken);
            foreach (var done in taken) done.Complete();
            taken.Clear();
            if (_wipeLog)
            {
                WipeLog();
            }
        }

        _session?.Dispose();
    }

    /// <summary>From within a job: what was deleted is to leave the write-ahead log too, as soon as no reader needs it.</summary>
    public void WipeLogAfterwards() => _wipeLog = true;

    private void Transact(List<SqliteJob> jobs)
    {
        var atCommit = false;
        try
        {
            _session ??= new SqliteSession(path, readOnly: false, busyTimeout);
            _session.Control("BEGIN IMMEDIATE");
            foreach (var job in jobs) Do(job, _session);
            atCommit = true;
            _session.Control("COMMIT");
        }
        catch (Exception e)
        {
            // Whatever it is, the thread lives on: those who wait get it, and the next transaction starts afresh.
            Abandon(e);
            foreach (var job in jobs) job.Error ??= e is SqliteException error ? SqliteErrors.Map(error, atCommit) : e;
        }
    }

    private static void Do(SqliteJob job, SqliteSession session)
    {
        session.Control("SAVEPOINT job");
        try
        {
            job.Run(session);
        }
        catch (Exception e) when (e is not SqliteException error || !SqliteErrors.IsOperating(error))
        {
            job.Error = e;
            session.Control("ROLLBACK TO job");
            session.Heads.Clear();
        }

        session.Control("RELEASE job");
    }

    private void Abandon(Exception e)
    {
        if (e is SqliteException error && !SqliteErrors.NeedsReopening(error) && _session?.TryRollback() == true) return;
        _session?.Dispose();
        _session = null;
    }

    private void WipeLog()
    {
        try
        {
            _session ??= new SqliteSession(path, readOnly: false, busyTimeout);
            _session.Script("PRAGMA busy_timeout = 0"); // Writers are not to wait for readers here.
            _wipeLog = _session.First("PRAGMA wal_checkpoint(TRUNCATE)", static row => row.GetInt64(0)) != 0;
            _session.Script($"PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds}");
        }
        catch (Exception e)
        {
            Abandon(e); // The wish stands: it is tried again after the next transaction.
        }
    }
}
