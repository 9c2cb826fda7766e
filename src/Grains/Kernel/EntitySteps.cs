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
    private bool _stopped;
    private bool _leaving;
    private int _minted;

    /// <summary>These will be started, in their phases.</summary>
    public void Take(ImmutableArray<Step> steps)
    {
        foreach (var step in steps)
        {
            _running[step.Key] = _running.GetValueOrDefault(step.Key) + 1;
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
        }
        else
        {
            _ = Run(step, trace);
        }
    }

    // A step that broke is one without an outcome: whoever waits for it is told now, and not when an alarm finds it.
    private async Task Run(Step step, string? trace)
    {
        StepOutcome outcome;
        try
        {
            outcome = await ports.Steps.Run(stream, step.Target, NewId(), trace, progress => Report(step, progress, trace), step.IsSole ? (_ending ??= new()).Token : default);
        }
        catch (Exception broken)
        {
            ports.Log.StepBroke(stream.ToString(), step.Target.GetType().Name, broken);
            outcome = step.Target is StepTarget.Outside { Call: var call } ? call.Kind.IfUnknown : new StepOutcome.Unreachable();
        }

        if (step.IsSole)
        {
            _sole.Remove(step.Key); // what it comes to may begin the next
        }

        if (Next(step, () => step.Then(outcome)) is { } command)
        {
            own(new(new(NewId(), trace, command, IsStep: true), () => Done(step)));
        }
        else
        {
            Done(step);
        }
    }

    private void Report(Step step, object progress, string? trace)
    {
        if (Next(step, () => step.Progress?.Invoke(progress)) is { } command)
        {
            own(new(new(NewId(), trace, command, IsStep: true), static () => { }));
        }
    }

    private TCommand? Next(Step step, Func<object?> command)
    {
        try
        {
            return _stopped ? null : command() as TCommand;
        }
        catch (Exception broken)
        {
            ports.Log.StepBroke(stream.ToString(), step.Target.GetType().Name, broken);
            return null;
        }
    }

    private void Done(Step step)
    {
        if ((_running[step.Key] -= 1) == 0)
        {
            _running.Remove(step.Key);
        }

        if (_running.Count == 0)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>Nobody else has it, whatever the clocks say.</summary>
    public Guid NewId() => Ids.Derive(ports.Time.GetUtcNow(), ports.Activation, ++_minted);
}
