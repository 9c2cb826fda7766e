namespace Agora.Journal.Sqlite;

/// <summary>One call on its way to a database thread.</summary>
internal abstract class SqliteJob
{
    public Exception? Error { get; set; }

    public abstract void Run(SqliteSession session);

    /// <summary>Tells the caller: the result of Run, or the error.</summary>
    public abstract void Complete();
}

internal sealed class SqliteJob<T>(Func<SqliteSession, T> run) : SqliteJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Done => _done.Task;

    public override void Run(SqliteSession session) => _result = run(session);

    public override void Complete()
    {
        if (Error is { } error)
            _done.SetException(error);
        else
            _done.SetResult(_result!);
    }
}
