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
    private bool _wipeLog;

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
            if (_wipeLog) WipeLog();
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
        catch (SqliteException e)
        {
            Abandon(e);
            foreach (var job in jobs) job.Error ??= SqliteErrors.Map(e, atCommit);
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
        }

        session.Control("RELEASE job");
    }

    private void Abandon(SqliteException error)
    {
        try
        {
            if (!SqliteErrors.NeedsReopening(error)) _session?.Control("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does for a full disk; if not, closing the connection does.
            error = new SqliteException("rollback failed", 10);
        }

        if (!SqliteErrors.NeedsReopening(error)) return;
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
        catch (SqliteException e)
        {
            Abandon(e); // Tried again after the next transaction.
        }
    }
}
