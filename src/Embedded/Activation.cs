using Agora.Contracts;
using Agora.Contracts.Engine;
using Orleans;

namespace Agora.Embedded;

/// <summary>
/// One living grain, and the TaskScheduler on which everything of it runs: `await` returns to where it started, so to here.
/// Invariants: at most one slice is under way, so no two turns run at once; an accepted call is answered, expires, or moves on
/// to the next activation of its key. Bound: after TurnsPerSlice turns another grain gets the thread.
/// </summary>
internal sealed class Activation(GrainEngine engine, GrainKind kind, string key) : TaskScheduler, IActivation
{
    private enum State { New, Activating, Active, Deactivating, Dead }

    // The gate guards both queues, `scheduled`, and the steps out of New and into Dead; all else belongs to the turn.
    private readonly Lock gate = new();
    private readonly Queue<Task> tasks = new();
    private readonly Queue<Call> calls = new();
    private readonly TaskCompletionSource gone = new(engine.Continuations);
    private State state;
    private bool scheduled;
    private bool callFirst;
    private int running;
    private long lastCallAt;
    private Task? slice;
    private Grain? grain;
    private (DeactivationReason Reason, CancellationToken Deadline)? leaving;

    public string Key => key;
    public IGrainFactory Grains => engine.Grains;
    internal GrainEngine Engine => engine;
    internal long LastCallAt => Volatile.Read(ref lastCallAt);
    internal Task Gone => gone.Task;

    /// <summary>False when this activation is gone: then look the grain up again.</summary>
    internal bool Post(Call call)
    {
        lock (gate)
        {
            if (state == State.Dead)
                return false;
            calls.Enqueue(call);
            if (state == State.New)
            {
                state = State.Activating;
                Detached(static self => ((Activation)self!).Activate()).Start(this);
            }
            Wake();
            return true;
        }
    }

    public void Deactivate(DeactivationReason reason) => Deactivate(reason, CancellationToken.None);

    /// <summary>Ends this activation once nothing runs.</summary>
    /// <param name="unusedSince">Only if no call came later: judged in a turn, so one that came since the sweep looked is seen.</param>
    internal void Deactivate(DeactivationReason reason, CancellationToken deadline, long? unusedSince = null) => Detached(_ =>
    {
        if (unusedSince is null || (state == State.Active && running == 0 && lastCallAt <= unusedSince))
            leaving ??= (reason, deadline);
        LeaveIfAsked();
    }).Start(this);

    // Even a dead activation runs what is left of its calls: whoever awaits them must not hang.
    protected override void QueueTask(Task task)
    {
        lock (gate)
        {
            tasks.Enqueue(task);
            Wake();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && (task == slice || Current == this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Wake()
    {
        if (!scheduled)
            Detached(static self => ((Activation)self!).RunSlice()).Start(engine.Scheduler);
        scheduled = true;
    }

    private void RunSlice()
    {
        // Within a task of this scheduler TaskScheduler.Current is this activation: that is what awaits return to.
        var own = slice = Detached(static self => ((Activation)self!).Turns());
        own.RunSynchronously(this);
        if (own.Exception is { } defect)
            Environment.FailFast("The grain engine failed.", defect);
    }

    private void Turns()
    {
        for (var turn = 0; turn < engine.Options.TurnsPerSlice; turn++)
        {
            var (task, call) = Next();
            if (task is not null)
                TryExecuteTask(task);
            else if (call is not null)
                Run(call);
            else
                return;
        }
        Detached(static self => ((Activation)self!).RunSlice()).Start(engine.Scheduler);
    }

    private (Task?, Call?) Next()
    {
        lock (gate)
        {
            // By turns, so that neither new calls nor the rest of running ones can starve the other.
            callFirst = !callFirst;
            var mayBegin = state == State.Active && (leaving is null || engine.IsDraining) && (kind.IsReentrant || running == 0);
            if (mayBegin && calls.Count > 0 && (callFirst || tasks.Count == 0))
                return (null, calls.Dequeue());
            scheduled = tasks.TryDequeue(out var task);
            return (task, null);
        }
    }

    // Nobody awaits the three that follow, and what a grain throws they catch: anything else is a defect of the engine, which as
    // `async void` ends the process instead of passing unseen.
    private async void Activate()
    {
        try
        {
            grain = kind.Create();
            await grain.OnActivateAsync(CancellationToken.None);
            state = State.Active;
            LeaveIfAsked();
        }
        catch (Exception failure)
        {
            End(call => call.TrySetException(failure));
        }
    }

    private async void Run(Call call)
    {
        Volatile.Write(ref lastCallAt, call.SentAt);
        running++;
        try
        {
            if (engine.HasExpired(call))
                throw new TimeoutException("It expired before its turn.");
            call.SetResult(await ((IEntityGrain)grain!).Send(call.Request));
        }
        catch (Exception failure)
        {
            call.SetException(failure);
        }
        running--;
        LeaveIfAsked();
    }

    private async void LeaveIfAsked()
    {
        // While draining, what waits is served here: passed on, it would wake a grain that is told to leave at once. A glance
        // without the gate is enough, because whoever comes after it is passed on, as always.
        if (leaving is null || state != State.Active || running > 0 || (engine.IsDraining && calls.Count > 0))
            return;
        state = State.Deactivating;
        try
        {
            await grain!.OnDeactivateAsync(leaving.Value.Reason, leaving.Value.Deadline);
        }
        catch (Exception failure)
        {
            engine.Options.DeactivationFailed(kind.Marker, key, failure);
        }
        End(call => engine.Dispatch(kind, key, call));
    }

    private void End(Action<Call> passOn)
    {
        if (kind.Directory.TryRemove(KeyValuePair.Create(key, this)))
            engine.Left();
        List<Call> left;
        lock (gate)
        {
            state = State.Dead;
            left = [.. calls];
            calls.Clear();
        }
        left.ForEach(passOn);
        gone.SetResult();
    }

    /// <summary>The activation's own work must not inherit the AsyncLocals of whichever call happened to wake it.</summary>
    private Task Detached(Action<object?> work)
    {
        var restore = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        var task = new Task(work, this, TaskCreationOptions.DenyChildAttach);
        restore?.Undo();
        return task;
    }
}
