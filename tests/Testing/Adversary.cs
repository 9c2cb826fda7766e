using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.TestEngine;
using Orleans.Runtime;

namespace Agora.Testing;

/// <summary>How often the adversary does what Orleans may do: probabilities a message, bounds of delay and skew.</summary>
public sealed record AdversaryRates
{
    /// <summary>The adversary keeps quiet: for the phase in which everything must come to its end.</summary>
    public static AdversaryRates None { get; } = new();

    /// <summary>The request never arrives.</summary>
    public double Lose { get; init; }

    /// <summary>The request is executed, its answer never arrives.</summary>
    public double LoseAnswer { get; init; }

    /// <summary>The caller is told at once that the silo is gone, though every other time the request is executed all the same.</summary>
    public double Break { get; init; }

    /// <summary>The request arrives twice; the first answer counts.</summary>
    public double Duplicate { get; init; }

    /// <summary>Request or answer takes up to <see cref="MaxDelay"/>, so that later ones overtake it.</summary>
    public double Delay { get; init; }

    /// <summary>The entity is activated on another silo, while the activation it had lives on and may be reached again.</summary>
    public double Move { get; init; }

    /// <summary>The activation is asked to end while it works on the request.</summary>
    public double Deactivate { get; init; }

    /// <summary>The silo dies just before the request reaches it; another process takes its place.</summary>
    public double Kill { get; init; }

    /// <summary>Request or answer comes <see cref="LateBy"/> later, when its caller has long given up.</summary>
    public double Late { get; init; }

    public TimeSpan LateBy { get; init; } = TimeSpan.FromSeconds(70);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What happened to one message.</summary>
public readonly record struct MessageFate(string Fate, int Silo, StreamId Stream, Guid CommandId);

/// <summary>
/// Stands on the message path between several silos and does to every message whatever Orleans may do. Each silo has its own
/// directory of activations and its own clock; what they share is the journal alone. Every envelope is encoded and decoded,
/// there and back. All choices come from one Random, so on a SimScheduler a seed is a whole history.
/// </summary>
public sealed class Adversary : IEntityCalls
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly Random _random;
    private readonly TaskScheduler _scheduler;
    private readonly TimeProvider _time;
    private readonly Func<SimulatedSilo, GrainEngine> _start;
    private readonly Func<Envelope, Envelope> _recode;
    private readonly (SimulatedSilo Process, GrainEngine Engine)[] _silos;
    private readonly Dictionary<StreamId, int> _homes = [];
    private readonly HashSet<SimulatedSilo> _leaving = [];

    /// <param name="start">Makes what runs in one process, its engine among it; called again after each kill.</param>
    /// <param name="recode">Encodes and decodes an envelope, as a border would.</param>
    public Adversary(
        Random random, TaskScheduler scheduler, TimeProvider time, AdversaryRates rates, int siloCount,
        Func<SimulatedSilo, GrainEngine> start, Func<Envelope, Envelope> recode)
    {
        (_random, _scheduler, _time, _start, _recode) = (random, scheduler, time, start, recode);
        Rates = rates;
        _silos = new (SimulatedSilo, GrainEngine)[siloCount];
        for (var number = 0; number < siloCount; number++)
            Start(number, 0);
    }

    /// <summary>May be changed on the way.</summary>
    public AdversaryRates Rates { get; set; }

    public IReadOnlyList<SimulatedSilo> Silos => [.. _silos.Select(silo => silo.Process)];

    /// <summary>Told of every fate, in order: for a trace, and for tests.</summary>
    public Action<MessageFate> Observe { get; set; } = static _ => { };

    /// <inheritdoc/>
    public Task<Envelope> Send(StreamId stream, Envelope envelope)
    {
        var message = new Message(stream, _recode(envelope), new TaskCompletionSource<Envelope>());
        Begin(() => Carry(message));
        if (Meets(Rates.Duplicate))
        {
            Tell("duplicated", -1, message);
            Begin(() => Carry(message));
        }
        return message.Answer.Task.WaitAsync(Rates.CallTimeout, _time);
    }

    /// <inheritdoc/>
    public async void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => await reply.Await(() => Send(stream, envelope), atMost, _time);

    /// <summary>Kills a process and starts another in its place.</summary>
    public void Kill(int silo)
    {
        var killed = _silos[silo].Process;
        killed.Kill();
        Start(silo, killed.Start + 1);
    }

    /// <summary>
    /// Ends a process in order, as a signal to stop does, and starts another in its place. What comes meanwhile is refused by the one that ends, or goes to another;
    /// one that is killed meanwhile has another in its place already.
    /// </summary>
    /// <param name="end">Runs in the process; one that fails is killed.</param>
    public async Task Drain(int silo, Func<SimulatedSilo, GrainEngine, Task> end)
    {
        var (process, engine) = _silos[silo];
        if (!_leaving.Add(process))
            return;
        var ended = Task.Factory.StartNew(() => end(process, engine), CancellationToken.None, TaskCreationOptions.DenyChildAttach, process).Unwrap();
        while (!ended.IsCompleted && !process.Killed)
            await Task.Delay(Look, _time);
        _leaving.Remove(process);
        if (!process.Killed)
            Kill(silo);
        if (ended.IsCompleted)
            await ended;
    }

    private async Task Carry(Message message)
    {
        try
        {
            await Travel(message);
            if (Meets(Rates.Lose))
                Tell("lost", -1, message);
            else if (!Breaks(message))
                await Execute(Route(message), message);
        }
        catch (Exception failure)
        {
            Tell("failed", -1, message);
            message.Answer.TrySetException(failure);
        }
    }

    private bool Breaks(Message message)
    {
        if (!Meets(Rates.Break))
            return false;
        Tell("broken", -1, message);
        message.Answer.TrySetException(new SiloUnavailableException("The silo went away with this call."));
        return Meets(0.5);
    }

    private async Task Execute(int silo, Message message)
    {
        if (Meets(Rates.Kill))
        {
            Tell("killed", silo, message);
            Kill(silo);
        }
        Tell("delivered", silo, message);
        var answer = _recode(await Deliver(silo, message));
        await Travel(message);
        if (Meets(Rates.LoseAnswer))
            Tell("answer lost", silo, message);
        else if (message.Answer.TrySetResult(answer))
            Tell("answered", silo, message);
    }

    private Task<Envelope> Deliver(int silo, Message message)
    {
        var engine = _silos[silo].Engine;
        if (Meets(Rates.Deactivate))
            Begin(() => Deactivate(engine, silo, message));
        return engine.Send(message.Stream, message.Request);
    }

    private async Task Deactivate(GrainEngine engine, int silo, Message message)
    {
        await Travel(message);
        Tell("deactivated", silo, message);
        engine.Deactivate(message.Stream);
    }

    private async Task Travel(Message message)
    {
        if (Meets(Rates.Late))
        {
            Tell("late", -1, message);
            await Task.Delay(Rates.LateBy, _time);
            return;
        }
        if (!Meets(Rates.Delay))
            return;
        Tell("delayed", -1, message);
        await Task.Delay(TimeSpan.FromTicks(_random.NextInt64(Rates.MaxDelay.Ticks) + 1), _time);
    }

    private int Route(Message message)
    {
        var address = message.Stream;
        if (!_homes.TryGetValue(address, out var home))
            return _homes[address] = _random.Next(_silos.Length);
        if (_leaving.Count > 0 && _leaving.Contains(_silos[home].Process) && _random.Next(2) == 0)
            return _homes[address] = (home + 1) % _silos.Length;
        if (!Meets(Rates.Move))
            return home;
        Tell("moved", home, message);
        return _homes[address] = (home + 1 + _random.Next(Math.Max(1, _silos.Length - 1))) % _silos.Length;
    }

    private void Start(int number, int starts)
    {
        var skew = Rates.MaxSkew * (_random.NextDouble() * 2 - 1);
        var process = new SimulatedSilo(number, starts, _scheduler, _time, skew, this);
        _silos[number] = (process, _start(process));
    }

    private void Begin(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);

    private bool Meets(double rate) => rate > 0 && _random.NextDouble() < rate;

    private void Tell(string fate, int silo, Message message) =>
        Observe(new MessageFate(fate, silo, message.Stream, message.Request.CommandId));

    private sealed record Message(StreamId Stream, Envelope Request, TaskCompletionSource<Envelope> Answer);
}
