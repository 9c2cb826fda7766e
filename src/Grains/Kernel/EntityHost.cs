using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>
/// One activation of one entity: load, decide, evolve, append, answer when durable, then the steps.
/// <para>A command is decided at once on the newest state, and the next one right after it: nothing waits for the disk but
/// the answers. So answers of a hot entity share appends, and its rate is bounded by CPU.</para>
/// <para>Invariants. <c>reply_after_durable</c>: an answer leaves only when all it was decided on is durable.
/// <c>one_writer</c>: the journal's (stream, seq) is the only fence; an activation that lost its place fails every waiting
/// command with the retryable Conflict, ends, and never decides again. <c>no_half_state</c>: a decision whose candidate state
/// breaks an invariant writes nothing and ends the activation.</para>
/// <para>No type of an engine is used here. All continuations stay on the scheduler of the turn that awaited.</para>
/// </summary>
public sealed class EntityHost<TDecider, TState, TCommand, TEvent>
    where TDecider : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private readonly StreamId _stream;
    private readonly EntityPorts _ports;
    private readonly Action _end;
    private readonly EntityStore<TDecider, TState, TCommand, TEvent> _store;
    private readonly CommandsInFlight _inFlight = new();
    private readonly LateAnswers _later;
    private readonly EntitySteps<TCommand> _steps;
    private readonly StreamAlarm _alarm = new();
    private EntityWriter? _writer;
    private TState _state;
    private TState _loaded;
    private DateTimeOffset _last;
    private OperatingFailure? _ended;

    /// <param name="end">Asks the engine to end this activation; called once.</param>
    public EntityHost(StreamId stream, EntityPorts ports, Action end)
    {
        (_stream, _ports, _end) = (stream, ports, end);
        _store = new(stream, ports);
        _later = new(ports.Time);
        _steps = new(stream, ports, Once);
        _state = _loaded = TDecider.Initial(stream);
    }

    /// <summary>Reads the stream, opens its writer and takes up what a crash left unfinished.</summary>
    public async Task Load(CancellationToken cancel)
    {
        var loaded = await _store.Load(cancel);
        (_state, _loaded, _last) = (loaded.State, loaded.State, loaded.At);
        TDecider.CheckInvariants(_state, thorough: true);
        _writer = new(_ports.Committer.Open(_stream.ToString(), loaded.Head, loaded.ReadAt), _stream, _ports, failure => End(failure));
        _steps.Resume(TDecider.Unfinished(_state, _last), trace: null);
    }

    /// <summary>Answers one command; the body of the result is an <see cref="Answer"/> or an <see cref="OperatingFailure"/>.</summary>
    public async Task<Envelope> Send(Envelope envelope)
    {
        try
        {
            return new(envelope.CommandId, envelope.Trace, await Once(envelope));
        }
        catch (NotDecidedException notDecided)
        {
            return new(envelope.CommandId, envelope.Trace, notDecided.Failure);
        }
    }

    /// <summary>Waits for steps under way, then writes what rides. The activation decides nothing after it.</summary>
    public async Task Close(TimeSpan patience)
    {
        try
        {
            if (_writer is { } writer && _ended is null)
            {
                await Task.WhenAny(_steps.Idle(), Task.Delay(patience, _ports.Time));
                await writer.Flush();
                await _store.SaveSnapshot(writer.Durable);
            }
        }
        finally
        {
            End(new(FailureKind.Conflict));
        }
    }

    // A command id is decided once: a repeat shares the first's answer, or is answered from the journal.
    private async Task<Answer> Once(Envelope envelope)
    {
        if (_inFlight.Find(envelope.CommandId) is { } first)
        {
            return KeyRejection.Between(first.Key, envelope.Key) is { } refused ? Answer.No(refused) : await first.Answer.Task;
        }

        first = _inFlight.Add(envelope);
        try
        {
            var answer = await RecallOrDecide(envelope, first);
            first.Answer.SetResult(answer);
            return answer;
        }
        catch (Exception failed)
        {
            var notDecided = await NotDecided(envelope, failed);
            first.Answer.SetException(notDecided);
            _ = first.Answer.Task.Exception; // seen: there may be no repeat that waits for it
            throw notDecided;
        }
        finally
        {
            _inFlight.Remove(envelope.CommandId);
        }
    }

    private async Task<Answer> RecallOrDecide(Envelope envelope, InFlight first)
    {
        (var answer, first.KeyIsStored) = await _store.FindKey(envelope);
        var key = await _ports.PersonalKey(TDecider.PersonalKey(_state));

        // Nothing is awaited from here to the decision: what was decided meanwhile would be decided again.
        return answer is not null ? answer
            : _store.FindRecent(envelope.CommandId) is { } row ? await _store.Recall(envelope.CommandId, row)
            : _store.IsStale(envelope) ? Answer.No(KeyRejection.Stale)
            : await Decide(envelope, key);
    }

    private async Task<Answer> Decide(Envelope envelope, PersonalKey? key)
    {
        if (!envelope.IsStep && !_ports.Committer.HasRoom)
        {
            throw new NotDecidedException(new(FailureKind.Overloaded));
        }

        if (_ended is { } ended)
        {
            throw new NotDecidedException(ended);
        }

        var (decision, append) = Commit(envelope, (TCommand)envelope.Body, key);
        var later = decision.IsLater ? _later.Wait(envelope.CommandId) : null;
        _steps.Take(decision.Steps);
        _steps.Start(decision.Steps, Phase.AtOnce, envelope.Trace);

        var result = await append;
        if (result.Status != AppendStatus.Written)
        {
            throw End(Failures.Of(result.Status));
        }

        await AfterCommit(decision.Events);
        foreach (var settled in decision.Settled)
        {
            _later.Settle(settled.CommandId, settled.Answer);
        }

        _steps.Start(decision.Steps, Phase.AfterCommit, envelope.Trace);
        if (envelope.Body.Equals(TDecider.Tick))
        {
            await ResumeDurable(envelope.Trace);
        }

        return later is null ? decision.Answer! : await later;
    }

    // Synchronous from the decision to the queue: what is decided in this order is written in this order.
    private (Decision<TState, TEvent> Decision, Task<AppendResult> Append) Commit(Envelope envelope, TCommand command, PersonalKey? key)
    {
        var now = _ports.Time.GetUtcNow().ToMicros() is var micros && micros > _last.ToMicros() ? Timestamps.FromMicros(micros) : _last;
        var decision = TDecider.Decide(_state, command, new(now, envelope.CommandId));
        var draft = _store.Draft(envelope, now, key);
        var candidate = decision.Soft ?? _state;
        foreach (var @event in decision.Events)
        {
            candidate = TDecider.Evolve(candidate, @event, now);
            draft.Add(@event, candidate);
        }

        TDecider.CheckInvariants(candidate, thorough: false);
        var alarm = _alarm.Next(TDecider.Due(candidate), TDecider.IsUnfinished(candidate), command.Equals(TDecider.Tick), now);
        if (decision.Events.IsEmpty && alarm is null)
        {
            _state = candidate;
            return (decision, decision.IsQuery ? _writer!.Settled() : _writer!.Confirm());
        }

        var riding = alarm is null ? decision.Riding : Riding.No;
        var row = _writer!.Write(draft.Build(candidate, alarm, _inFlight.KeyTaken(envelope.CommandId, decision.IsLater, draft.Recalls)), riding);

        // Only now: an entry that could not be queued must not show in what is decided until the activation has ended.
        (_state, _last) = (candidate, now);
        if (riding is Riding.No or Riding.Awaited)
        {
            _store.Remember(draft.Recalls, row, now); // of what rides unawaited nobody knows the row: own commands and reads
        }

        return (decision, row);
    }

    // What could not be done now is done by the next load, so this activation must not go on as if it were done.
    private async ValueTask AfterCommit(IReadOnlyList<TEvent> events)
    {
        try
        {
            await _store.AfterCommit(events, _last, _writer!.Durable);
        }
        catch (JournalUnavailableException)
        {
            throw End(Failures.Of(AppendStatus.Unavailable));
        }
    }

    // An alarm takes up only what is durable: a step of what rides would be done before it is decided for good, and, were the
    // ride lost, be decided again otherwise.
    private async Task ResumeDurable(string? trace)
    {
        var flushed = await _writer!.Flush();
        if (flushed.Status != AppendStatus.Written)
        {
            throw End(Failures.Of(flushed.Status));
        }

        _steps.Resume(TDecider.Unfinished((TState?)_writer.Durable.State ?? _loaded, _last), trace);
    }

    // Every caller is told in the same words what it may do next; what nobody foresaw ends the activation.
    private async Task<NotDecidedException> NotDecided(Envelope envelope, Exception failed)
    {
        switch (failed)
        {
            case NotDecidedException typed:
                return typed;
            case JournalUnavailableException:
                return new(Failures.Of(AppendStatus.Unavailable));
        }

        // An activation that has lost its place decides on what is no longer so, and may find a contradiction in it: no defect.
        if (_writer is { } writer && await writer.LostItsPlace() is { } lost)
        {
            return End(lost);
        }

        _ports.Log.EntityBroke(_stream.ToString(), envelope.Body.GetType().Name, failed);
        return End(new(FailureKind.Defect));
    }

    private NotDecidedException End(OperatingFailure failure)
    {
        if (_ended is null)
        {
            _ended = failure;
            _steps.Stop();
            _writer?.Close();
            _later.Fail(failure);
            _end();
        }

        return new(_ended);
    }
}
