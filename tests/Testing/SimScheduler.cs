namespace Agora.Testing;

/// <summary>
/// Runs tasks one at a time on the thread that asks it to, each time choosing one of the ready ones with a seeded Random: the
/// same seed gives the same order, another seed another of the orders that real threads could give. When nothing is ready,
/// time moves to the next timer.
/// Bound: everything simulated stays on this scheduler. Task.Run, ConfigureAwait(false) or a completion source with
/// RunContinuationsAsynchronously under a Task.WhenAll lead out of it; what comes back from another thread is an error here.
/// </summary>
public sealed class SimScheduler(Random random, SimTimeProvider time) : TaskScheduler
{
    /// <summary>Turns at one moment: what does more goes round without end, since only time ends it, and no time passes.</summary>
    private const int MostAtOnce = 1_000_000;

    private readonly List<Task> _ready = [];
    private readonly int _owner = Environment.CurrentManagedThreadId;
    private volatile bool _escaped;
    private int _atOnce;

    /// <summary>How much virtual time RunUntil gives a task before it calls it hung.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Every choice made: two runs with the same trace did the same.</summary>
    public TraceHash Trace { get; } = new();

    /// <summary>Turns run so far.</summary>
    public long Turns { get; private set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Starts asynchronous work on this scheduler; nothing of it runs before the next Run….</summary>
    public Task<T> Start<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <inheritdoc cref="Start{T}"/>
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Runs <paramref name="work"/> to its end, with all that it causes on the way.</summary>
    public T Run<T>(Func<Task<T>> work)
    {
        var task = Start(work);
        RunUntil(task);
        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Func<Task> work)
    {
        var task = Start(work);
        RunUntil(task);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs until the task is complete. When that takes more than <see cref="Patience"/> of virtual time, it hangs.</summary>
    public void RunUntil(Task task)
    {
        if (!Loop(() => task.IsCompleted, time.Elapsed + Patience))
            throw new InvalidOperationException($"The task was not complete after {Patience} of virtual time.");
    }

    /// <summary>Runs what is ready now, without moving time.</summary>
    public void RunReady() => Loop(static () => false, time.Elapsed);

    /// <summary>Runs everything that happens within the next <paramref name="span"/>, and moves time by it.</summary>
    public void RunFor(TimeSpan span)
    {
        var end = time.Elapsed + span;
        Loop(static () => false, end);
        time.AdvanceTo(end);
    }

    protected override void QueueTask(Task task)
    {
        if (Environment.CurrentManagedThreadId == _owner)
            _ready.Add(task);
        else
            _escaped = true;
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    private bool Loop(Func<bool> reached, TimeSpan until)
    {
        // A context, such as a test framework's, would take the awaits' continuations away from this scheduler.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (!reached())
            {
                if (_escaped)
                    throw new InvalidOperationException("Simulated code left its thread: a continuation came back from another one.");
                if (_ready.Count > 0)
                {
                    if (++_atOnce > MostAtOnce)
                        throw new InvalidOperationException($"Time stands still: {MostAtOnce} turns were run at one moment.");
                    RunOne();
                }
                else if (time.NextDue is { } due && due <= until)
                {
                    _atOnce = 0;
                    time.AdvanceTo(due);
                }
                else
                    return false;
            }
            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void RunOne()
    {
        var index = random.Next(_ready.Count);
        var task = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Turns++;
        Trace.Add(index);
        Trace.Add(_ready.Count);
        Trace.Add(time.GetTimestamp());
        TryExecuteTask(task);
    }
}
