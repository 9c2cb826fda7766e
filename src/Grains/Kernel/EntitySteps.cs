using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// The steps of one activation: each is run, and its outcome handed back as a command of the entity's own. Counted from the
/// decision on, by what they work on, so that an alarm resumes only what nothing works on here.
/// </summary>
internal sealed class EntitySteps<TCommand>(StreamId stream, EntityPorts ports, Action<Command> own)
    where TCommand : class
{
    private readonly Dictionary<Guid, int> _running = [];
    private readonly HashSet<Guid> _sole = [];
    private CancellationTokenSource? _ending;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _settled;
    private int _awaited;
    private bool _stopped;
    private bool _leaving;
    private int _minted;

    /// <summary>These will be started, in their phases.</summary>
    public void Take(ImmutableArray<Step> steps)
    {
        foreach (var step in steps)
        {
            _running[step.Key] = _running.GetValueOrDefault(step.Key) + 1;
            _awaited += step.CanBeLeft ? 0 : 1;
        }
    }

    public void Start(ImmutableArray<Step> taken, Phase phase, string? trace)
    {
        foreach (var step in taken)
        {
            if (step.Phase == phase)
            {
                Begin(step, trace);
            }
        }
    }

    /// <summary>Takes up what is unfinished and not under way here.</summary>
    public void Resume(IEnumerable<Step> unfinished, string? trace)
    {
        ImmutableArray<Step> steps = [.. unfinished.Where(s => s.Key == default || !_running.ContainsKey(s.Key))];
        Take(steps);
        foreach (var step in steps)
        {
            Begin(step, trace);
        }
    }

    /// <summary>Completes when nothing is under way.</summary>
    public Task Idle() => _running.Count == 0 ? Task.CompletedTask : (_idle ??= new()).Task;

    /// <summary>Completes when nothing is under way but what can be left to the next activation.</summary>
    public Task Settled() => _awaited == 0 ? Task.CompletedTask : (_settled ??= new()).Task;

    /// <summary>No sole step begins any more, and those under way end soon.</summary>
    public void Leave()
    {
        _leaving = true;
        _ending?.Cancel();
    }

    /// <summary>Outcomes that come from now on are dropped: a fresh activation, or the alarm, takes the steps up again.</summary>
    public void Stop()
    {
        _stopped = true;
        Leave();
    }

    private void Begin(Step step, string? trace)
    {
        if (step.IsSole && (_leaving || !_sole.Add(step.Key)))
        {
            Done(step);
            return;
        }

        var running = new Running(this, step, trace);
        try
        {
            ports.Steps.Run(stream, step.Target, NewId(), trace, running, step.IsSole ? (_ending ??= new()).Token : default);
        }
        catch (Exception broken)
        {
            running.Broke(broken);
        }
    }

    private void Came(Running running, StepOutcome outcome)
    {
        var step = running.Step;
        if (step.IsSole)
        {
            _sole.Remove(step.Key); // what it comes to may begin the next
        }

        if (_stopped)
        {
            running.Done();
            return;
        }

        object? next = null;
        try
        {
            next = step.Then(outcome);
        }
        catch (Exception broken)
        {
            Log(step, broken);
        }

        if (next is TCommand command)
        {
            own(new(new(NewId(), running.Trace, command, IsStep: true), null, running));
        }
        else
        {
            running.Done();
        }
    }

    private void Reported(Running running, object progress)
    {
        try
        {
            if (!_stopped && running.Step.Progress?.Invoke(progress) is TCommand command)
            {
                own(new(new(NewId(), running.Trace, command, IsStep: true), null));
            }
        }
        catch (Exception broken)
        {
            Log(running.Step, broken);
        }
    }

    private void Log(Step step, Exception broken) => ports.Log.StepBroke(stream.ToString(), step.Target.GetType().Name, broken);

    private void Done(Step step)
    {
        if ((_running[step.Key] -= 1) == 0)
        {
            _running.Remove(step.Key);
        }

        if (!step.CanBeLeft && --_awaited == 0)
        {
            _settled?.TrySetResult();
            _settled = null;
        }

        if (_running.Count == 0)
        {
            _idle?.TrySetResult();
            _idle = null; // the next caller of Idle waits for steps that begin from now on
        }
    }

    /// <summary>Nobody else has it, whatever the clocks say.</summary>
    public Guid NewId() => Ids.Derive(ports.Time.GetUtcNow(), ports.Activation, ++_minted);

    /// <summary>A step under way here: it ends with its outcome or, where that becomes a command, with that.</summary>
    private sealed class Running(EntitySteps<TCommand> steps, Step step, string? trace) : IStepEvents, IRunningStep
    {
        private IDisposable? _room;

        public Step Step => step;

        public string? Trace => trace;

        public void Came(StepOutcome outcome)
        {
            _room = outcome.Room;
            steps.Came(this, outcome);
        }

        // A step that broke is one without an outcome: whoever waits for it is told now, and not when an alarm finds it.
        public void Broke(Exception broken)
        {
            steps.Log(step, broken);
            Came(step.Target is StepTarget.Outside { Call: var call } ? call.Kind.IfUnknown : new StepOutcome.Unreachable());
        }

        public void Reported(object progress) => steps.Reported(this, progress);

        public void Done()
        {
            _room?.Dispose();
            steps.Done(step);
        }
    }
}

/// <summary>A step that is done when the command is finished that came of it.</summary>
internal interface IRunningStep
{
    void Done();
}
