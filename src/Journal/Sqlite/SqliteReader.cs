using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>A reading thread: one job, one answer.</summary>
/// <param name="atOneMoment">All answers are of one state, or there is none.</param>
internal sealed class SqliteReader(string path, TimeSpan busyTimeout, bool atOneMoment = false)
{
    private SqliteSession? _session;
    private bool _hadMoment;

    public void Work(BlockingCollection<SqliteJob> jobs)
    {
        foreach (var job in jobs.GetConsumingEnumerable())
        {
            Do(job);
            job.Complete();
        }

        _session?.Dispose();
    }

    /// <summary>A transaction reads what was committed when it read first, so the first question makes it.</summary>
    private SqliteSession Moment()
    {
        if (_session is null && !_hadMoment)
        {
            _session = new SqliteSession(path, readOnly: true, busyTimeout);
            _session.Control("BEGIN");
            _hadMoment = true;
        }

        return _session is { InTransaction: true } standing ? standing : throw new JournalUnavailableException("what was being read of one moment cannot be read any more");
    }

    private void Do(SqliteJob job)
    {
        try
        {
            job.Run(atOneMoment ? Moment() : _session ??= new SqliteSession(path, readOnly: true, busyTimeout));
        }
        catch (SqliteException e)
        {
            job.Error = SqliteErrors.Map(e, atCommit: false);
            if (!SqliteErrors.NeedsReopening(e)) return;
            _session?.Dispose();
            _session = null;
        }
        catch (Exception e)
        {
            job.Error = e;
        }
    }
}
