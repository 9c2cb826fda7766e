using System.Collections.Concurrent;
using System.Globalization;
using Agora.Contracts;
using Orleans;
using Orleans.Concurrency;

namespace Agora.Specifications;

/// <summary>A grain that may interleave, as all of ours.</summary>
public interface IProbeGrain : IEntityGrain;

/// <summary>A grain that finishes one call before the next.</summary>
public interface ISerialProbeGrain : IEntityGrain;

/// <summary>
/// What grains of one key do, seen from outside. Silos of the specifications share a process, so a static table reaches them
/// all; a test takes a key of its own.
/// </summary>
public sealed class Probe
{
    private static readonly ConcurrentDictionary<string, Probe> Probes = new(StringComparer.Ordinal);
    private int _inTurn;

    public ConcurrentQueue<string> Log { get; } = new();

    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Deactivated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Activations => Log.Count(entry => entry == "activate");

    public bool Overlapped { get; private set; }

    public static Probe Of(string key) => Probes.GetOrAdd(key, static _ => new Probe());

    /// <summary>Stays in the turn long enough for another one to be seen in it.</summary>
    public void Turn()
    {
        Overlapped |= Interlocked.Increment(ref _inTurn) > 1;
        Thread.SpinWait(200);
        Interlocked.Decrement(ref _inTurn);
    }
}

[Reentrant]
public sealed class ProbeGrain : ProbeGrainBase, IProbeGrain;

public sealed class SerialProbeGrain : ProbeGrainBase, ISerialProbeGrain;

public abstract class ProbeGrainBase : Grain
{
    private readonly Probe _probe;
    private int _count;

    protected ProbeGrainBase() => _probe = Probe.Of(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        _probe.Log.Enqueue("activate");
        if (this.GetPrimaryKeyString().StartsWith("fails-first", StringComparison.Ordinal) && _probe.Activations == 1)
            throw new InvalidOperationException("not yet");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _probe.Log.Enqueue("deactivate");
        _probe.Deactivated.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task<Envelope> Send(Envelope envelope)
    {
        var words = ((string)envelope.Body).Split(' ');
        return envelope with { Body = await Do(words[0], words.ElementAtOrDefault(1), envelope) };
    }

    private async Task<string> Do(string command, string? argument, Envelope envelope)
    {
        switch (command)
        {
            case "count":
                return (++_count).ToString(CultureInfo.InvariantCulture);
            case "key":
                return this.GetPrimaryKeyString();
            case "wait":
                _probe.Log.Enqueue("wait");
                _probe.Entered.TrySetResult();
                await _probe.Gate.Task;
                _probe.Log.Enqueue("waited");
                return "waited";
            case "open":
                _probe.Gate.TrySetResult();
                return "opened";
            case "turns":
                for (var i = 0; i < 5; i++)
                {
                    _probe.Turn();
                    await Task.Yield();
                }
                return "turned";
            case "step":
                _probe.Log.Enqueue("begin");
                for (var i = 0; i < 3; i++)
                    await Task.Yield();
                _probe.Log.Enqueue("end");
                return "stepped";
            case "scheduler":
                var before = TaskScheduler.Current;
                _probe.Entered.TrySetResult();
                await _probe.Gate.Task;
                return (before != TaskScheduler.Default && TaskScheduler.Current == before).ToString();
            case "fail":
                throw new InvalidOperationException("as asked");
            case "cancel":
                throw new OperationCanceledException("as asked");
            case "deactivate":
                DeactivateOnIdle();
                return "leaving";
            case "relay":
                return await Relay(argument!, envelope);
            case "wait-then-relay":
                _probe.Entered.TrySetResult();
                await _probe.Gate.Task;
                return await Relay(argument!, envelope);
            default:
                throw new ArgumentException(command);
        }
    }

    private async Task<string> Relay(string target, Envelope envelope) =>
        (string)(await GrainFactory.GetGrain<IProbeGrain>(target).Send(envelope with { Body = "key" })).Body;
}
