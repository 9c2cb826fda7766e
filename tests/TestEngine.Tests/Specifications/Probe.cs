using System.Collections.Concurrent;
using System.Globalization;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Specifications;

/// <summary>
/// What activations of one key do, seen from outside. Silos of the specifications share a process, so a static table reaches them
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

    public const string Kind = "probe";

    public static StreamId Stream(string key) => new("default", Kind, key);

    public static Probe Of(string key) => Probes.GetOrAdd(key, static _ => new Probe());

    /// <summary>Stays in the turn long enough for another one to be seen in it.</summary>
    public void Turn()
    {
        Overlapped |= Interlocked.Increment(ref _inTurn) > 1;
        Thread.SpinWait(200);
        Interlocked.Decrement(ref _inTurn);
    }
}

/// <summary>An activation that does what it is sent.</summary>
public sealed class ProbeActivation(IActivationHost host, IEntityCalls calls) : EntityActivation
{
    private readonly string _key = host.Stream.Id;
    private readonly Probe _probe = Probe.Of(host.Stream.Id);
    private int _count;
    private Task _begun = Task.CompletedTask;

    public override async Task Begin(CancellationToken cancel)
    {
        await Task.Yield();
        _probe.Log.Enqueue("activate");
        if (_key.StartsWith("fails-first", StringComparison.Ordinal) && _probe.Activations == 1)
            throw new InvalidOperationException("not yet");
    }

    public override async Task<bool> Settle(bool isLast)
    {
        var wasSettled = _begun.IsCompleted;
        await _begun;
        return wasSettled;
    }

    public override Task End()
    {
        _probe.Log.Enqueue("deactivate");
        _probe.Deactivated.TrySetResult();
        return Task.CompletedTask;
    }

    public override void Receive(Envelope envelope, IReply reply) => _ = reply.Await(() => Send(envelope), null, TimeProvider.System);

    private async Task<Envelope> Send(Envelope envelope)
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
                return _key;
            case "wait":
                _probe.Log.Enqueue("wait");
                _probe.Entered.TrySetResult();
                await _probe.Gate.Task;
                _probe.Log.Enqueue("waited");
                return "waited";
            case "begin":
                _begun = _probe.Gate.Task;
                return "begun";
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
                host.Leave();
                return "leaving";
            case "posted":
                var turn = new PostedTurn(_probe, TaskScheduler.Current);
                await Task.Run(() => host.Post(turn));
                return (await turn.IsOfActivation.Task).ToString();
            case "post":
                var heard = new Heard(TaskScheduler.Current);
                calls.Post(Probe.Stream(argument!), envelope with { Body = "key" }, null, heard);
                return (await heard.IsInTurn.Task).ToString();
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
        (string)(await calls.Send(Probe.Stream(target), envelope with { Body = "key" })).Body;

    private sealed class PostedTurn(Probe probe, TaskScheduler turns) : ITurn
    {
        public TaskCompletionSource<bool> IsOfActivation { get; } = new();

        public void Turn()
        {
            probe.Turn();
            IsOfActivation.SetResult(TaskScheduler.Current == turns);
        }
    }

    private sealed class Heard(TaskScheduler turns) : IReply
    {
        public TaskCompletionSource<bool> IsInTurn { get; } = new();

        public void Answered(object body) => IsInTurn.SetResult(TaskScheduler.Current == turns);

        public void Failed(Exception failure) => IsInTurn.SetException(failure);
    }
}
