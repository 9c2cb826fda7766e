using Agora.Contracts;

namespace Agora.Testing;

/// <summary>
/// One simulated process: the scheduler on which all of it runs (its engine, its committer, its sweeper) and the clock it sees.
/// Once killed, nothing of it ever runs again: no turn that waits, no continuation, no timer, no OnDeactivateAsync.
/// </summary>
public sealed class SimulatedSilo : TaskScheduler
{
    private readonly TaskScheduler _scheduler;

    internal SimulatedSilo(int number, int start, TaskScheduler scheduler, TimeProvider time, TimeSpan skew, IEntityCalls calls)
    {
        (Number, Start, _scheduler, Calls) = (number, start, scheduler, calls);
        Clock = new ProcessClock(this, time, skew);
    }

    /// <summary>Its place, which the process that follows it after a kill takes over.</summary>
    public int Number { get; }

    /// <summary>How many processes had this place before.</summary>
    public int Start { get; }

    public TimeProvider Clock { get; }

    /// <summary>Where its entities' calls go.</summary>
    public IEntityCalls Calls { get; }

    public bool Killed { get; private set; }

    internal void Kill() => Killed = true;

    protected override void QueueTask(Task task)
    {
        if (!Killed)
            Task.Factory.StartNew(() => RunUnlessKilled(task), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !Killed && Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void RunUnlessKilled(Task task)
    {
        if (!Killed)
            TryExecuteTask(task);
    }

    /// <summary>The same time, told wrong, as by a machine whose clock is off; how long something lasts does not change.</summary>
    private sealed class ProcessClock(SimulatedSilo silo, TimeProvider time, TimeSpan skew) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + skew;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(at => FireUnlessKilled(callback, at), state, dueTime, period);

        private void FireUnlessKilled(TimerCallback callback, object? state)
        {
            if (!silo.Killed)
                callback(state);
        }
    }
}
