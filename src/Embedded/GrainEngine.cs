using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Agora.Contracts;
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

    /// <summary>Turns of one grain before another grain gets the thread. 1 gives a simulation the most orders to choose from.</summary>
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
/// exception or timeout. Nothing that is stored may rest on the first: another process can hold the same key.
/// All turns go through one TaskScheduler and all time through one TimeProvider; with a single-threaded scheduler the engine
/// is deterministic: nothing here enumerates a hash table, and no completion leaves that thread.
/// </summary>
public sealed class GrainEngine : IMessagePath, IAsyncDisposable
{
    private readonly Dictionary<Type, GrainKind> kinds = [];
    private readonly PendingCalls[] pending;
    private readonly TimeProvider time;
    private readonly TaskCreationOptions continuations;
    private readonly CancellationTokenSource stopping;
    private readonly ITimer idleTimer;
    private readonly Lock gate = new();
    private readonly LinkedList<Activation> activations = new();
    private TaskCompletionSource? empty;
    private volatile bool draining;
    private volatile bool closed;
    private bool disposed;

    /// <param name="scheduler">Runs the turns; the thread pool if not given.</param>
    /// <param name="time">The clock; the system's if not given.</param>
    /// <param name="outward">Where the calls of this engine's grains go; into the engine itself if not given.</param>
    public GrainEngine(
        GrainEngineOptions? options = null, TaskScheduler? scheduler = null, TimeProvider? time = null, IMessagePath? outward = null)
    {
        Options = options ?? new();
        Scheduler = scheduler ?? TaskScheduler.Default;
        this.time = time ?? TimeProvider.System;
        Grains = new GrainReferences(outward ?? this);
        // On the thread pool a caller's code must not run on inside the turn that answers it. On any other scheduler it cannot:
        // it returns to the scheduler it came from, and a detour over the pool would end determinism (Task.WhenAll makes one).
        continuations = Scheduler == TaskScheduler.Default ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        stopping = new CancellationTokenSource(Timeout.InfiniteTimeSpan, this.time);
        idleTimer = this.time.CreateTimer(static self => ((GrainEngine)self!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        pending = new PendingCalls[Scheduler == TaskScheduler.Default ? 16 : 1];
        for (var i = 0; i < pending.Length; i++)
            pending[i] = new PendingCalls(this.time, Options.CallTimeout);
    }

    /// <summary>References to grains, for callers inside and outside of grains.</summary>
    public IGrainFactory Grains { get; }

    public int ActivationCount
    {
        get
        {
            lock (gate)
                return activations.Count;
        }
    }

    internal GrainEngineOptions Options { get; }

    internal TaskScheduler Scheduler { get; }

    internal CancellationToken Stopping => stopping.Token;

    /// <summary>Says which class serves an interface. All registrations come before the first call.</summary>
    /// <param name="create">Called once an activation, in its first turn.</param>
    public GrainEngine Register<TMarker, TGrain>(Func<TGrain> create)
        where TMarker : IEntityGrain
        where TGrain : Grain, TMarker
    {
        kinds.Add(typeof(TMarker), new GrainKind(typeof(TMarker), create, typeof(TGrain).IsDefined(typeof(ReentrantAttribute))));
        return this;
    }

    /// <inheritdoc/>
    public Task<Envelope> Send(Type grain, string key, Envelope request)
    {
        if (!kinds.TryGetValue(grain, out var kind))
            throw new ArgumentException($"No class is registered for {grain.Name}.", nameof(grain));
        // What grains still have to ask each other while draining is let through, or their calls could not finish.
        if (draining && !(TaskScheduler.Current is Activation caller && caller.BelongsTo(this)))
            return Task.FromException<Envelope>(new SiloUnavailableException("This process is draining."));
        var call = new Call(kind, key, request, pending[Environment.CurrentManagedThreadId & (pending.Length - 1)], continuations);
        call.Pending.Add(call);
        Dispatch(call);
        return call.Task;
    }

    /// <summary>Ends the activation of a grain, if there is one, when its running calls have finished.</summary>
    public void Deactivate(Type grain, string key)
    {
        if (kinds[grain].Directory.TryGetValue(key, out var activation))
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "The engine was asked to."));
    }

    /// <summary>
    /// Refuses new calls from outside with SiloUnavailableException, lets those under way finish or time out, then deactivates
    /// every grain. OnDeactivateAsync's token is cancelled after one call timeout; a grain that still does not end after two
    /// makes this fail with TimeoutException.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        draining = true;
        while (pending.Any(shard => !shard.IsEmpty))
            foreach (var shard in pending)
                await shard.WhenEmpty(continuations).WaitAsync(cancellationToken);
        Task none;
        List<Activation> living;
        lock (gate)
        {
            closed = true;
            living = [.. activations];
            none = living.Count == 0 ? Task.CompletedTask : (empty ??= new TaskCompletionSource(continuations)).Task;
        }
        foreach (var activation in living)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The process is draining."));
        stopping.CancelAfter(Options.CallTimeout);
        await none.WaitAsync(2 * Options.CallTimeout, time, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        disposed = true;
        await DrainAsync();
        await idleTimer.DisposeAsync();
        foreach (var shard in pending)
            shard.Stop();
        stopping.Dispose();
    }

    internal void Dispatch(Call call)
    {
        // An activation leaves the directory before it refuses, so the next look-up finds another.
        while (true)
        {
            if (!call.Kind.Directory.TryGetValue(call.Key, out var activation))
            {
                if (closed)
                {
                    call.Fail(new SiloUnavailableException("This process has drained."));
                    return;
                }
                activation = call.Kind.Directory.GetOrAdd(call.Key, static (key, at) => new Activation(at.Engine, at.Kind, key), (Engine: this, call.Kind));
            }
            if (activation.Post(call))
                return;
        }
    }

    internal void Add(Activation activation)
    {
        lock (gate)
        {
            if (closed)
                throw new SiloUnavailableException("This process has drained.");
            activation.Node = activations.AddLast(activation);
            if (activations.Count == 1)
                idleTimer.Change(Options.IdleAge / 2, Timeout.InfiniteTimeSpan);
        }
    }

    internal void Remove(Activation activation)
    {
        activation.Kind.Directory.TryRemove(KeyValuePair.Create(activation.Key, activation));
        TaskCompletionSource? signal = null;
        lock (gate)
        {
            if (activation.Node is { } node)
                activations.Remove(node);
            if (activations.Count == 0)
                (signal, empty) = (empty, null);
        }
        signal?.SetResult();
    }

    /// <summary>Work of the engine's own: it must not inherit the AsyncLocals of whichever call happened to wake a grain.</summary>
    internal static Task Unattached(Action<object?> work, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return new Task(work, state, TaskCreationOptions.DenyChildAttach);
        using (ExecutionContext.SuppressFlow())
            return new Task(work, state, TaskCreationOptions.DenyChildAttach);
    }

    private void Sweep()
    {
        var now = time.GetTimestamp();
        List<Activation> idle;
        lock (gate)
        {
            idle = [.. activations.Where(a => time.GetElapsedTime(a.LastCallAt, now) >= Options.IdleAge)];
            if (activations.Count > 0)
                idleTimer.Change(Options.IdleAge / 2, Timeout.InfiniteTimeSpan);
        }
        foreach (var activation in idle)
            activation.DeactivateIfUnusedSince(activation.LastCallAt);
    }
}
