using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.TestEngine;

/// <summary>
/// One living entity, and the TaskScheduler on which everything of it runs: `await` returns to where it started, so to here.
/// Invariants: at most one slice is under way, so no two turns run at once; an accepted call is answered, expires, or moves on
/// to the next activation of its stream. Bound: after TurnsPerSlice turns another entity gets the thread.
/// </summary>
internal sealed class Activation(GrainEngine engine, EntityKind kind, StreamId stream) : TaskScheduler, IActivationHost, IThreadPoolWorkItem
{
    private enum State { New, Activating, Active, Deactivating, Dead }

    // The gate guards both queues, `scheduled`, and the steps out of New and into Dead; all else belongs to the turn.
    private readonly Lock _gate = new();
    private readonly Queue<object> _begun = new(); // the rest of running calls: tasks, and what goes on without one
    private readonly Queue<Call> _calls = new();
    private readonly TaskCompletionSource _gone = new(engine.Continuations);
    private State _state;
    private bool _scheduled;
    private bool _callFirst;
    private int _running;
    private long _lastCallAt;
    private Task? _slice;
    private EntityActivation? _entity;
    private bool _leaving;

    public StreamId Stream => stream;
    internal GrainEngine Engine => engine;
    internal long LastCallAt => Volatile.Read(ref _lastCallAt);
    internal Task Gone => _gone.Task;

    /// <summary>False when this activation is gone: then look the entity up again.</summary>
    internal bool TryTake(Call call)
    {
        lock (_gate)
        {
            if (_state == State.Dead)
                return false;
            _calls.Enqueue(call);
            if (_state == State.New)
            {
                _state = State.Activating;
                Detached(static self => ((Activation)self!).Activate()).Start(this);
            }
            Wake();
            return true;
        }
    }

    /// <summary>Ends this activation once nothing runs.</summary>
    public void Leave() => Leave(null);

    /// <param name="unusedSince">Only if no call came later: judged in a turn, so one that came since the sweep looked is seen.</param>
    internal void Leave(long? unusedSince) => Detached(_ =>
    {
        if (unusedSince is null || (_state == State.Active && _running == 0 && _lastCallAt <= unusedSince))
            _leaving = true;
        LeaveIfAsked();
    }).Start(this);

    // Even a dead activation runs what is left of its calls: whoever awaits them must not hang.
    protected override void QueueTask(Task task) => Enqueue(task);

    private void Enqueue(object begun)
    {
        lock (_gate)
        {
            _begun.Enqueue(begun);
            Wake();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && (task == _slice || Current == this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    /// <summary>What is known elsewhere, and goes on here.</summary>
    public void Post(ITurn turn) => Enqueue(turn);

    private void Wake()
    {
        if (!_scheduled)
            Slice();
        _scheduled = true;
    }

    // On the thread pool without a task.
    private void Slice()
    {
        if (engine.Scheduler == Default)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        else
            Detached(static self => ((Activation)self!).RunSlice()).Start(engine.Scheduler);
    }

    void IThreadPoolWorkItem.Execute() => RunSlice();

    private void RunSlice()
    {
        // Within a task of this scheduler TaskScheduler.Current is this activation: that is what awaits return to.
        var own = _slice = Detached(static self => ((Activation)self!).Turns());
        own.RunSynchronously(this);
        if (own.Exception is { } defect)
            Environment.FailFast("The grain engine failed.", defect);
    }

    private void Turns()
    {
        for (var turn = 0; turn < engine.Options.TurnsPerSlice; turn++)
        {
            var (begun, call) = Next();
            if (begun is Task task)
                TryExecuteTask(task);
            else if (begun is not null)
                ((ITurn)begun).Turn();
            else if (call is not null)
                Run(call);
            else
                return;
        }
        Slice();
    }

    private (object? Begun, Call? Call) Next()
    {
        lock (_gate)
        {
            // By turns, so that neither new calls nor the rest of running ones can starve the other.
            _callFirst = !_callFirst;
            var mayBegin = _state == State.Active && (!_leaving || engine.IsDraining);
            if (mayBegin && _calls.Count > 0 && (_callFirst || _begun.Count == 0))
                return (null, _calls.Dequeue());
            _scheduled = _begun.TryDequeue(out var begun);
            return (begun, null);
        }
    }

    // The two that follow are not awaited, and they catch what an entity throws: anything else is a defect of the engine, which as
    // `async void` ends the process instead of passing unseen.
    private async void Activate()
    {
        try
        {
            _entity = kind.Create(this);
            await _entity.Begin(CancellationToken.None);
            _state = State.Active;
            LeaveIfAsked();
        }
        catch (Exception failure)
        {
            End(call => call.Failed(failure));
        }
    }

    private void Run(Call call)
    {
        Volatile.Write(ref _lastCallAt, call.SentAt);
        if (!call.Begin(this))
        {
            LeaveIfAsked();
            return;
        }
        _running++;
        try
        {
            _entity!.Receive(call.Request, call);
        }
        catch (Exception failure)
        {
            call.Failed(failure);
        }
    }

    /// <summary>A call that this entity had begun has been answered, in a turn of its own.</summary>
    internal void Finished()
    {
        _running--;
        LeaveIfAsked();
    }

    private async void LeaveIfAsked()
    {
        // While draining, what waits is served here: passed on, it would wake an entity that is asked to leave at once. A glance
        // without the gate is enough, because what comes after it is passed on, as always.
        if (!_leaving || _state != State.Active || _running > 0 || (engine.IsDraining && _calls.Count > 0))
            return;
        _state = State.Deactivating;
        try
        {
            await _entity!.End();
        }
        catch (Exception failure)
        {
            engine.Options.EndFailed(stream, failure);
        }
        End(call => engine.Dispatch(kind, stream, call));
    }

    private void End(Action<Call> passOn)
    {
        kind.Directory.TryRemove(KeyValuePair.Create(stream, this));
        List<Call> left;
        lock (_gate)
        {
            _state = State.Dead;
            left = [.. _calls];
            _calls.Clear();
        }
        left.ForEach(passOn);
        _gone.SetResult();
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
