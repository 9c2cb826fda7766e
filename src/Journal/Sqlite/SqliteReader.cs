using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>A reading thread: one job, one answer.</summary>
internal sealed class SqliteReader(string path, TimeSpan busyTimeout)
{
    private SqliteSession? _session;

    public void Work(BlockingCollection<SqliteJob> jobs)
    {
        foreach (var job in jobs.GetConsumingEnumerable())
        {
            Do(job);
            job.Complete();
        }

        _session?.Dispose();
    }

    private void Do(SqliteJob job)
    {
        try
        {
            job.Run(_session ??= new SqliteSession(path, readOnly: true, busyTimeout));
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
