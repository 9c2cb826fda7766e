namespace Agora.Journal.Tests.Fakes;

/// <summary>Runs what is queued when the test says so, on the test's thread, in order.</summary>
public sealed class TurnScheduler : TaskScheduler
{
    private readonly Queue<Task> _queue = new();

    /// <summary>Until nothing is queued. The test runner's synchronization context would otherwise take the continuations away from this scheduler.</summary>
    public void Run()
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (_queue.TryDequeue(out var task)) TryExecuteTask(task);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Starts work on this scheduler, as an activation's turn would.</summary>
    public Task Turn(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    protected override void QueueTask(Task task) => _queue.Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _queue;
}
