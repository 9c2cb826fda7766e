using Agora.Contracts;
using Agora.Contracts.Engine;
using Orleans;

namespace Agora.Embedded;

/// <summary>
/// One living grain: an inbox, and the TaskScheduler on which everything of this grain runs.
/// Invariants: at most one slice is under way, so no two turns run at once; a continuation comes back here because `await`
/// returns to the scheduler it started on; a call that is accepted is answered, expires, or moves on to the next activation.
/// Bounds: a slice runs at most TurnsPerSlice turns, then goes to the end of the thread pool's queue.
/// </summary>
internal sealed class Activation(GrainEngine engine, GrainKind kind, string key) : TaskScheduler, IActivation
{
    private enum State
    {
        Activating,
        Active,
        Deactivating,
        Dead,
    }

    // Guarded by the gate: inbox, scheduled, started and the step to Dead. The rest belongs to the turn.
    private readonly Lock gate = new();
    private readonly Queue<object> inbox = new(2);
    private bool scheduled;
    private bool started;
    private State state = State.Activating;
    private Queue<Call>? held;
    private Task? slice;
    private Grain? grain;
    private DeactivationReason? leaving;
    private int running;
    private long lastCallAt;

    public string Key => key;

    public IGrainFactory Grains => engine.Grains;

    public override int MaximumConcurrencyLevel => 1;

    internal GrainKind Kind => kind;

    internal LinkedListNode<Activation>? Node { get; set; }

    internal bool BelongsTo(GrainEngine other) => engine == other;

    internal long LastCallAt => Volatile.Read(ref lastCallAt);

    /// <summary>False when this activation is gone: then look the grain up again.</summary>
    internal bool Post(Call call)
    {
        lock (gate)
        {
            if (state == State.Dead)
                return false;
            if (!started)
            {
                started = true;
                GrainEngine.Unattached(static self => ((Activation)self!).Activate(), this).Start(this);
            }
            Enqueue(call);
            return true;
        }
    }

    /// <summary>Asks from anywhere for an orderly end, within a turn of this activation.</summary>
    public void Deactivate(DeactivationReason why) =>
        GrainEngine.Unattached(_ => LeaveIf(state is State.Activating or State.Active, why), null).Start(this);

    /// <summary>Ends this activation unless a call came since the sweep looked: judged in a turn, so none can slip in between.</summary>
    internal void DeactivateIfUnusedSince(long sweptAt) => GrainEngine.Unattached(
        _ => LeaveIf(
            state == State.Active && running == 0 && LastCallAt <= sweptAt,
            new DeactivationReason(DeactivationReasonCode.ActivationIdle, "No call came for the idle age.")),
        null).Start(this);

    // Even a dead activation runs what is left of its calls: whoever awaits them must not hang.
    protected override void QueueTask(Task task) => Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && (task == slice || Current == this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (gate)
            return [.. inbox.OfType<Task>()];
    }

    private void Enqueue(object item)
    {
        lock (gate)
        {
            inbox.Enqueue(item);
            if (!scheduled)
                Schedule();
            scheduled = true;
        }
    }

    private void Schedule() => GrainEngine.Unattached(static self => ((Activation)self!).RunSlice(), this).Start(engine.Scheduler);

    private void RunSlice()
    {
        // Within a task of this scheduler TaskScheduler.Current is this activation: that is what awaits return to.
        slice = new Task(static self => ((Activation)self!).Turns(), this);
        slice.RunSynchronously(this);
        if (slice.Exception is { } defect)
            Environment.FailFast("The grain engine failed.", defect);
    }

    private void Turns()
    {
        for (var turn = 0; turn < engine.Options.TurnsPerSlice; turn++)
        {
            switch (Next())
            {
                case Task task:
                    TryExecuteTask(task);
                    break;
                case Call call:
                    Begin(call);
                    break;
                default:
                    return;
            }
        }
        Schedule();
    }

    private object? Next()
    {
        lock (gate)
        {
            var mayBegin = state == State.Active && (kind.IsReentrant || running == 0);
            if (mayBegin && held is { Count: > 0 })
                return held.Dequeue();
            while (inbox.TryDequeue(out var item))
            {
                if (mayBegin || item is not Call early)
                    return item;
                (held ??= new()).Enqueue(early);
            }
            scheduled = false;
            return null;
        }
    }

    // Nobody awaits the three that follow, and what a grain throws they catch: anything else is a defect of the engine, which as
    // `async void` ends the process instead of passing unseen.
    private async void Activate()
    {
        try
        {
            engine.Add(this);
            grain = kind.Create();
            await grain.OnActivateAsync(engine.Stopping);
            state = State.Active;
            LeaveIf(leaving is not null, leaving.GetValueOrDefault());
        }
        catch (Exception failure)
        {
            engine.Remove(this);
            foreach (var call in Die())
                call.Fail(failure);
        }
    }

    private void Begin(Call call)
    {
        if (call.Task.IsCompleted)
            return;
        Volatile.Write(ref lastCallAt, call.SentAt);
        running++;
        Run(call);
    }

    private async void Run(Call call)
    {
        try
        {
            call.Answer(await ((IEntityGrain)grain!).Send(call.Request));
        }
        catch (Exception failure)
        {
            call.Fail(failure);
        }
        running--;
        if (state == State.Deactivating && running == 0)
            Leave();
    }

    private void LeaveIf(bool agreed, DeactivationReason why)
    {
        if (!agreed)
            return;
        leaving = why;
        if (state == State.Activating)
            return;
        state = State.Deactivating;
        if (running == 0)
            Leave();
    }

    private async void Leave()
    {
        try
        {
            await grain!.OnDeactivateAsync(leaving!.Value, engine.Stopping);
        }
        catch (Exception failure)
        {
            engine.Options.DeactivationFailed(kind.Marker, key, failure);
        }
        engine.Remove(this);
        foreach (var call in Die())
            engine.Dispatch(call);
    }

    private List<Call> Die()
    {
        lock (gate)
        {
            state = State.Dead;
            List<Call> left = [.. held ?? []];
            left.AddRange(inbox.OfType<Call>());
            var tasks = inbox.OfType<Task>().ToList();
            inbox.Clear();
            tasks.ForEach(inbox.Enqueue);
            held = null;
            return left;
        }
    }
}
