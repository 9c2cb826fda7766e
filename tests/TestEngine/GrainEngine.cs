using System.Collections.Concurrent;
using System.Diagnostics;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Orleans.Runtime;

namespace Agora.TestEngine;

/// <summary>Bounds of the engine.</summary>
public sealed record GrainEngineOptions
{
    /// <summary>After this a call fails with TimeoutException; the entity may still finish it.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The activation of an entity without calls for this long ends, at most half as much later.</summary>
    public TimeSpan IdleAge { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Turns of one entity before another gets the thread. 1 gives a simulation the most orders to choose from.</summary>
    public int TurnsPerSlice { get; init; } = 64;

    /// <summary>Called when an activation's end threw; it is gone all the same.</summary>
    public Action<StreamId, Exception> EndFailed { get; init; } = static (stream, failure) => Trace.TraceError($"{stream} failed to end: {failure}");
}

/// <summary>One kind of entity, and those of it that live.</summary>
internal sealed record EntityKind(Func<IActivationHost, EntityActivation> Create)
{
    internal ConcurrentDictionary<StreamId, Activation> Directory { get; } = [];
}

/// <summary>
/// The engine of one process: what Orleans gives to a cluster, for one machine, tests and simulation.
/// Promises: one activation a stream, made at the first call; turns as <see cref="Activation"/> says; every call ends, by answer,
/// exception or timeout. Nothing stored may rest on the first: another process can hold the same stream.
/// All turns go through one TaskScheduler and all time through one TimeProvider; on a single-threaded scheduler the engine is
/// deterministic: nothing depends on the order of a hash table, and no completion leaves that thread.
/// </summary>
public sealed class GrainEngine : IEngine, IAsyncDisposable
{
    private readonly Dictionary<string, EntityKind> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TimeSpan, Patience> _patience = [];
    private readonly TimeProvider _time;
    private readonly ITimer _idleTimer;
    private volatile bool _draining;

    /// <param name="scheduler">Runs the turns; the thread pool if not given.</param>
    /// <param name="time">The clock; the system's if not given.</param>
    public GrainEngine(GrainEngineOptions? options = null, TaskScheduler? scheduler = null, TimeProvider? time = null)
    {
        (Options, Scheduler, _time) = (options ?? new(), scheduler ?? TaskScheduler.Default, time ?? TimeProvider.System);
        // On the thread pool a caller's code must not run on inside the turn that answers it. On any other scheduler it cannot,
        // and the detour over the pool that Task.WhenAll would then make ends determinism.
        Continuations = Scheduler == TaskScheduler.Default ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        _idleTimer = _time.CreateTimer(static self => ((GrainEngine)self!).Sweep(), this, Options.IdleAge / 2, Options.IdleAge / 2);
    }

    public int ActivationCount => _kinds.Values.Sum(static kind => kind.Directory.Count);
    internal GrainEngineOptions Options { get; }
    internal TaskScheduler Scheduler { get; }
    internal TaskCreationOptions Continuations { get; }
    internal bool IsDraining => _draining;

    /// <summary>Says what serves a kind of entity, before the first call. It is made in its activation's first turn.</summary>
    public GrainEngine Register(string kind, Func<IActivationHost, EntityActivation> create)
    {
        _kinds.Add(kind, new(create));
        return this;
    }

    /// <summary>All entities there are.</summary>
    public GrainEngine RegisterAll(Func<Entity, IActivationHost, EntityActivation> create)
    {
        foreach (var entity in Manifest.Entities)
            Register(entity.Kind, host => create(entity, host));
        return this;
    }

    public Task<Envelope> Send(StreamId stream, Envelope envelope)
    {
        var reply = new TaskReply(envelope, Continuations);
        Post(stream, envelope, null, null, reply);
        return reply.Task;
    }

    /// <summary>From within an entity the answer comes in a turn of that entity; from anywhere else in the turn that gives it.</summary>
    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => Post(stream, envelope, atMost, TaskScheduler.Current as Activation, reply);

    private void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, Activation? sender, IReply reply)
    {
        if (!_kinds.TryGetValue(stream.Kind, out var kind))
            throw new ArgumentException($"No class is registered for {stream.Kind}.", nameof(stream));
        // What entities still have to ask each other is let through while draining, or their calls could not finish.
        if (_draining && !(TaskScheduler.Current is Activation caller && caller.Engine == this))
            reply.Failed(new SiloUnavailableException("This process is draining."));
        else
            Dispatch(kind, stream, PatienceOf(atMost).Begin(envelope, sender, reply));
    }

    /// <summary>Ends the activation of an entity, if there is one, when its running calls have finished.</summary>
    public void Deactivate(StreamId stream)
    {
        if (_kinds[stream.Kind].Directory.TryGetValue(stream, out var activation))
            activation.Leave();
    }

    /// <summary>
    /// Refuses new calls from outside with SiloUnavailableException, lets those under way finish, and ends every activation. TimeoutException: some are left after
    /// twice the time that a call may take.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        _draining = true;
        // A call that finishes may still call entities that were gone already, so until none is left.
        while (Living(static _ => true) is { Count: > 0 } living)
        {
            foreach (var activation in living)
                activation.Leave();
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

    internal void Dispatch(EntityKind kind, StreamId stream, Call call)
    {
        // An activation leaves the directory before it refuses, so the next look-up finds another.
        while (!Find(kind, stream).TryTake(call))
        {
        }
    }

    private Activation Find(EntityKind kind, StreamId stream) =>
        kind.Directory.TryGetValue(stream, out var there) ? there : kind.Directory.GetOrAdd(stream, new Activation(this, kind, stream));

    /// <summary>In an order that is the same in every process.</summary>
    private List<Activation> Living(Func<Activation, bool> which) =>
        [.. _kinds.Values.SelectMany(kind => kind.Directory.Values.Where(which).OrderBy(activation => activation.Stream.ToString(), StringComparer.Ordinal))];

    private void Sweep()
    {
        foreach (var activation in Living(living => _time.GetElapsedTime(living.LastCallAt) >= Options.IdleAge))
            activation.Leave(unusedSince: activation.LastCallAt);
    }
}
