using System.Collections.Concurrent;

namespace Agora.Journal.Sqlite;

/// <summary>A bounded queue of jobs and the threads that do them. SQLite's calls block, hence threads of its own, never a grain's or the pool's.</summary>
internal sealed class SqliteQueue : IAsyncDisposable
{
    private readonly BlockingCollection<SqliteJob> _jobs;
    private readonly List<Task> _threads = [];

    public SqliteQueue(int maxWaiting) => _jobs = new BlockingCollection<SqliteJob>(maxWaiting);

    public Task<T> Add<T>(Func<SqliteSession, T> run, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
        var job = new SqliteJob<T>(run);
        try
        {
            if (!_jobs.TryAdd(job)) return Task.FromException<T>(new JournalUnavailableException("too many calls wait for the database"));
        }
        catch (InvalidOperationException e)
        {
            return Task.FromException<T>(new JournalUnavailableException("the journal is closed", e));
        }

        return job.Done;
    }

    /// <summary>A thread that works until the queue is closed and empty.</summary>
    public void Start(string name, Action<BlockingCollection<SqliteJob>> work)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _threads.Add(ended.Task);
        new Thread(() =>
        {
            try
            {
                work(_jobs);
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        { IsBackground = true, Name = name }.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.CompleteAdding();
        await Task.WhenAll(_threads);
        _jobs.Dispose();
    }
}
