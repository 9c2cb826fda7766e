using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>
/// The writing thread. What waits (a batch of rows, snapshots, keys) shares one transaction, hence one sync. A job that is refused for a defect of its own is alone in that: all is rolled back, and done
/// again with a savepoint before each. Not at first, for in a savepoint SQLite keeps each page as it was before each statement, and writes that to a file: half of all that was written. An operating error
/// rolls back all and fails all.
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
        if (TryTransact(jobs, apart: false)) return;
        foreach (var job in jobs) job.Error = null;
        TryTransact(jobs, apart: true);
    }

    /// <param name="apart">A savepoint before each.</param>
    /// <returns>False: one of them was refused for a defect of its own, and nothing was written.</returns>
    private bool TryTransact(List<SqliteJob> jobs, bool apart)
    {
        var atCommit = false;
        try
        {
            _session ??= new SqliteSession(path, readOnly: false, busyTimeout);
            _session.Control("BEGIN IMMEDIATE");
            foreach (var job in jobs)
            {
                if (apart)
                {
                    RunApart(job, _session);
                }
                else
                {
                    job.Run(_session);
                }
            }

            atCommit = true;
            _session.Control("COMMIT");
            return true;
        }
        catch (Exception e)
        {
            // Whatever it is, the thread lives on: those who wait get it, and the next transaction starts afresh.
            Abandon(e);
            foreach (var job in jobs) job.Error ??= e is SqliteException error ? SqliteErrors.Map(error, atCommit) : e;
            return apart || atCommit || !IsDefect(e);
        }
    }

    private static void RunApart(SqliteJob job, SqliteSession session)
    {
        session.Control("SAVEPOINT job");
        try
        {
            job.Run(session);
        }
        catch (Exception e) when (IsDefect(e))
        {
            job.Error = e;
            session.Control("ROLLBACK TO job");
            session.Heads.Clear();
        }

        session.Control("RELEASE job");
    }

    private static bool IsDefect(Exception e) => e is not SqliteException error || !SqliteErrors.IsOperating(error);

    private void Abandon(Exception e)
    {
        if (!(e is SqliteException error && SqliteErrors.NeedsReopening(error)) && _session?.TryRollback() == true) return;
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
