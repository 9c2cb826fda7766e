using System.Collections.Concurrent;
using System.Diagnostics;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Agora.Embedded;

/// <summary>Bounds of the engine.</summary>
public sealed record GrainEngineOptions
{
    /// <summary>After this a call fails with TimeoutException; the grain may still finish it.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A grain without calls for this long is deactivated, at most half as much later.</summary>
    public TimeSpan IdleAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Grains that live at once. From here on those that were called longest ago are put away first, until a tenth of the room is free; a quarter
    /// beyond it, where they come faster than others can leave, a call to one that does not live is refused.</summary>
    public int ActivationsAtMost { get; init; } = 100_000;

    /// <summary>Turns of one grain before another gets the thread. 1 gives a simulation the most orders to choose from.</summary>
    public int TurnsPerSlice { get; init; } = 64;

    /// <summary>Told (interface, key, exception) when OnDeactivateAsync threw; the activation is gone all the same.</summary>
    public Action<Type, string, Exception> DeactivationFailed { get; init; } =
        static (grain, key, failure) => Trace.TraceError($"{grain.Name}/{key} failed to deactivate: {failure}");
}

/// <summary>One kind of grain, and those of it that live.</summary>
internal sealed record GrainKind(Type Marker, Func<Grain> Create, bool IsReentrant)
{
    internal ConcurrentDictionary<string, Activation> Directory { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The grain engine of one process: what Orleans gives to a cluster, for one machine, tests and simulation.
/// Promises: one activation a key, made at the first call; turns as <see cref="Activation"/> says; every call ends, by answer,
/// exception or timeout. Nothing stored may rest on the first: another process can hold the same key.
/// All turns go through one TaskScheduler and all time through one TimeProvider; on a single-threaded scheduler the engine is
/// deterministic: nothing depends on the order of a hash table, and no completion leaves that thread.
/// </summary>
public sealed class GrainEngine : IMessagePath, IAsyncDisposable
{
    private readonly Dictionary<Type, GrainKind> _kinds = [];
    private readonly ConcurrentDictionary<TimeSpan, Patience> _patience = [];
    private readonly TimeProvider _time;
    private readonly ITimer _idleTimer;
    private volatile bool _draining;
    private int _living;
    private int _puttingAway;

    /// <param name="scheduler">Runs the turns; the thread pool if not given.</param>
    /// <param name="time">The clock; the system's if not given.</param>
    /// <param name="outward">Where the calls of this engine's grains go; into the engine itself if not given.</param>
    public GrainEngine(
        GrainEngineOptions? options = null, TaskScheduler? scheduler = null, TimeProvider? time = null, IMessagePath? outward = null)
    {
        (Options, Scheduler, _time) = (options ?? new(), scheduler ?? TaskScheduler.Default, time ?? TimeProvider.System);
        Grains = new GrainReferences(outward ?? this);
        // On the thread pool a caller's code must not run on inside the turn that answers it. On any other scheduler it cannot,
        // and the detour over the pool that Task.WhenAll would then make ends determinism.
        Continuations = Scheduler == TaskScheduler.Default ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        _idleTimer = _time.CreateTimer(static self => ((GrainEngine)self!).Sweep(), this, Options.IdleAge / 2, Options.IdleAge / 2);
    }

    /// <summary>References to grains, for callers inside and outside of grains.</summary>
    public IGrainFactory Grains { get; }

    public int ActivationCount => Volatile.Read(ref _living);
    internal GrainEngineOptions Options { get; }
    internal TaskScheduler Scheduler { get; }
    internal TaskCreationOptions Continuations { get; }
    internal bool IsDraining => _draining;

    /// <summary>Says which class serves an interface, before the first call. A grain is created in its activation's first turn.</summary>
    public GrainEngine Register<TMarker, TGrain>(Func<TGrain> create) where TMarker : IEntityGrain where TGrain : Grain, IEntityGrain => Register(typeof(TMarker), create);

    public GrainEngine Register<TGrain>(Type marker, Func<TGrain> create) where TGrain : Grain, IEntityGrain
    {
        _kinds.Add(marker, new GrainKind(marker, create, typeof(TGrain).IsDefined(typeof(ReentrantAttribute), true)));
        return this;
    }

    /// <summary>A class for each entity there is.</summary>
    public GrainEngine RegisterAll<TGrain>(Func<Entity, TGrain> create) where TGrain : Grain, IEntityGrain
    {
        foreach (var entity in Manifest.Entities)
            Register(Markers.Of(entity.Kind), () => create(entity));
        return this;
    }

    public Task<Envelope> Send(Type grain, string key, Envelope request)
    {
        var reply = new TaskReply(request, Continuations);
        Post(grain, key, request, null, null, reply);
        return reply.Task;
    }

    /// <summary>From within a grain the answer comes in a turn of that grain; from anywhere else in the turn that gives it.</summary>
    public void Post(Type grain, string key, Envelope request, TimeSpan? atMost, IReply reply) => Post(grain, key, request, atMost, TaskScheduler.Current as Activation, reply);

    private void Post(Type grain, string key, Envelope request, TimeSpan? atMost, Activation? sender, IReply reply)
    {
        if (!_kinds.TryGetValue(grain, out var kind))
            throw new ArgumentException($"No class is registered for {grain.Name}.", nameof(grain));
        // What grains still have to ask each other is let through while draining, or their calls could not finish.
        if (_draining && !(TaskScheduler.Current is Activation caller && caller.Engine == this))
            reply.Failed(new SiloUnavailableException("This process is draining."));
        else if (IsFull && !_draining && !kind.Directory.ContainsKey(key))
            reply.Failed(new SiloUnavailableException("As many grains live here as can; try again."));
        else
            Dispatch(kind, key, PatienceOf(atMost).Begin(request, sender, reply));
    }

    /// <summary>Ends the activation of a grain, if there is one, when its running calls have finished.</summary>
    public void Deactivate(Type grain, string key)
    {
        if (_kinds[grain].Directory.TryGetValue(key, out var activation))
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The engine was asked to."));
    }

    /// <summary>
    /// Refuses new calls from outside with SiloUnavailableException, lets those under way finish, and deactivates every grain.
    /// OnDeactivateAsync's token is cancelled after one call timeout; if grains are left after two, TimeoutException.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        _draining = true;
        using var deadline = new CancellationTokenSource(Options.CallTimeout, _time);
        // A call that finishes may still call grains that were gone already, so until none is left.
        while (Living(static _ => true) is { Count: > 0 } living)
        {
            foreach (var activation in living)
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "Draining."), deadline.Token);
            await Task.WhenAll(living.Select(activation => activation.Gone)).WaitAsync(2 * Options.CallTimeout, _time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DrainAsync();
        await _idleTimer.DisposeAsync();
    }

    private Patience PatienceOf(TimeSpan? atMost)
    {
        var wait = atMost < Options.CallTimeout ? atMost.Value : Options.CallTimeout;
        return _patience.TryGetValue(wait, out var known) ? known : _patience.GetOrAdd(wait, static (time, engine) => new(engine._time, time), this);
    }

    internal void Dispatch(GrainKind kind, string key, Call call)
    {
        // An activation leaves the directory before it refuses, so the next look-up finds another.
        while (!Find(kind, key).TryTake(call))
        {
        }
    }

    /// <summary>An activation has left its directory.</summary>
    internal void Left() => Interlocked.Decrement(ref _living);

    private bool IsFull => Volatile.Read(ref _living) >= Options.ActivationsAtMost + (Options.ActivationsAtMost / 4);

    private Activation Find(GrainKind kind, string key)
    {
        if (kind.Directory.TryGetValue(key, out var there))
            return there;
        var made = new Activation(this, kind, key);
        var found = kind.Directory.GetOrAdd(key, made);
        if (found == made && Interlocked.Increment(ref _living) > Options.ActivationsAtMost)
            PutAway();
        return found;
    }

    // On the engine's own scheduler: whoever came last waits for no sorting. One at a time; what is still too much when it is done is seen by the next that comes.
    private void PutAway()
    {
        if (Interlocked.Exchange(ref _puttingAway, 1) == 0)
            Task.Factory.StartNew(PutAwayOldest, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler);
    }

    private void PutAwayOldest()
    {
        var tooMany = ActivationCount - (Options.ActivationsAtMost - (Options.ActivationsAtMost / 10));
        foreach (var activation in Living(static activation => activation.LastCallAt > 0).OrderBy(activation => activation.LastCallAt).Take(tooMany))
            activation.Deactivate(
                new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Others were called later, and there is no more room."), CancellationToken.None, activation.LastCallAt);
        Volatile.Write(ref _puttingAway, 0);
    }

    /// <summary>In an order that is the same in every process.</summary>
    private List<Activation> Living(Func<Activation, bool> which) =>
        [.. _kinds.Values.SelectMany(kind => kind.Directory.Values.Where(which).OrderBy(activation => activation.Key, StringComparer.Ordinal))];

    private void Sweep()
    {
        foreach (var activation in Living(living => _time.GetElapsedTime(living.LastCallAt) >= Options.IdleAge))
            activation.Deactivate(
                new DeactivationReason(DeactivationReasonCode.ActivationIdle, "No call came for the idle age."), CancellationToken.None, activation.LastCallAt);
    }
}
