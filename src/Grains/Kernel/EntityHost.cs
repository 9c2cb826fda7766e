using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
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
public sealed class EntityHost<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private readonly Entity<TState, TCommand, TEvent> _entity;
    private readonly StreamId _stream;
    private readonly EntityPorts _ports;
    private readonly IActivationHost _engine;
    private readonly EntityStore<TState, TCommand, TEvent> _store;
    private readonly CommandsInFlight _inFlight = new();
    private readonly LateAnswers _later;
    private readonly EntitySteps<TCommand> _steps;
    private readonly StreamAlarm _alarm = new();
    private readonly List<Waiting> _waiting = [];
    private EntityWriter? _writer;
    private TState _state;
    private TState _loaded;
    private DateTimeOffset _last;
    private OperatingFailure? _ended;
    private bool _isClosing;

    /// <param name="engine">Asked once to end this activation.</param>
    public EntityHost(Entity<TState, TCommand, TEvent> entity, EntityPorts ports, IActivationHost engine)
    {
        (_entity, _stream, _ports, _engine) = (entity, engine.Stream, ports, engine);
        _store = new(entity, _stream, ports);
        _later = new(ports.Time, Finish);
        _steps = new(_stream, ports, Begin);
        _state = _loaded = _entity.Initial(_stream);
    }

    /// <summary>Reads the stream, opens its writer and takes up what a crash left unfinished.</summary>
    public async Task Load(CancellationToken cancel)
    {
        if (_ports.Clock is { } clock)
        {
            await clock.Look();
        }

        var loaded = await _store.Load(cancel);
        (_state, _loaded, _last) = (loaded.State, loaded.State, loaded.At);
        _entity.CheckInvariants(_state, thorough: true);
        _writer = new(_ports.Committer.Open(_stream.ToString(), loaded.Head, loaded.ReadAt), _stream, _ports);
        if (_ports.Clock is not { IsOver: true })
        {
            _steps.Resume([.. _entity.Unfinished(_state, _last), .. _entity.Ongoing(_state, _last)], trace: null);
        }
    }

    /// <summary>Answers one command. A command id is decided once: a repeat shares the first's answer, or is answered from the journal. A body that is no command of the entity's kind fails with ArgumentException.</summary>
    public void Receive(Envelope envelope, IReply reply)
    {
        // Taken for a defect, it would end the activation, and with it what others have under way.
        if (envelope.Body is not (TCommand or OutcomeAsked))
        {
            reply.Failed(new ArgumentException($"{_stream} takes no {envelope.Body.GetType().Name}.", nameof(envelope)));
            return;
        }

        if (_inFlight.Find(envelope.CommandId) is not { } first)
        {
            var command = new Command(envelope, reply);
            _inFlight.Add(command);
            Begin(command);
        }
        else if (KeyRejection.Between(first.Envelope.Key, envelope.Key) is not { } refused)
        {
            first.AlsoAnswers(reply);
        }
        else if (first.LookedUp.IsCompleted)
        {
            reply.Answered(Answer.No(refused));
        }
        else
        {
            _ = ReceiveAfter(first, envelope, reply);
        }
    }

    // Whose key it is stands in the journal, and the first has not read it yet: it may be the one whose body is another.
    private async Task ReceiveAfter(Command first, Envelope envelope, IReply reply)
    {
        await first.LookedUp;
        Receive(envelope, reply);
    }

    /// <inheritdoc cref="EntityActivation.Settle"/>
    public async Task<bool> Settle(bool isLast)
    {
        _steps.Leave();
        var settled = isLast ? _steps.Idle() : _steps.Settled();
        var wasSettled = settled.IsCompleted;
        await settled;
        return wasSettled;
    }

    /// <summary>
    /// Waits for steps under way that cannot be left to the next activation, then writes what rides. After that nothing is decided: an outcome would not be written, and a command whose client's key was still being looked up would leave a row without its steps, which the next
    /// activation would take for an abandoned run and void.
    /// </summary>
    public async Task Close(TimeSpan patience)
    {
        try
        {
            if (_writer is { } writer && _ended is null)
            {
                _steps.Leave();
                var over = Task.Delay(patience, _ports.Time);
                while (!_steps.Settled().IsCompleted && !over.IsCompleted) await Task.WhenAny(_steps.Settled(), over); // a command that is decided when the last step ends can begin further steps
                _isClosing = true;
                _steps.Stop();
                await writer.Flush();
                await _store.SaveSnapshot(writer.Durable);
            }
        }
        finally
        {
            End(new(FailureKind.Conflict));
        }
    }

    // What is usual waits for nothing: no client's key to be looked up, and the personal key at hand.
    private void Begin(Command command)
    {
        command.Span ??= Spans.Of(_stream, command.Envelope);
        try
        {
            if (command.Envelope.Key is null && _ports.PersonalKey(_entity.PersonalKey(_state)) is { IsCompletedSuccessfully: true } key)
            {
                RecallOrDecide(command, key.Result);
            }
            else
            {
                _ = LookUp(command);
            }
        }
        catch (Exception failed)
        {
            _ = Fail(command, failed);
        }
    }

    private async Task LookUp(Command command)
    {
        try
        {
            var person = await _ports.PersonalKey(_entity.PersonalKey(_state));
            (var answer, command.KeyIsStored) = await _store.FindKey(command.Envelope, person);
            var key = await _ports.PersonalKey(_entity.PersonalKey(_state));
            if (answer is not null)
            {
                Finish(command, answer);
                return;
            }

            RecallOrDecide(command, key);
        }
        catch (Exception failed)
        {
            await Fail(command, failed);
        }
        finally
        {
            command.HasLookedUp();
        }
    }

    // Nothing is awaited from here to the decision: what was decided meanwhile would be decided again.
    private void RecallOrDecide(Command command, PersonalKey? key)
    {
        if (_ports.Clock is { IsFresh: false } clock)
        {
            _ = BeginAgain(clock, command);
        }
        else if (_ports.Clock is { IsOver: true } over)
        {
            Rest(over, command);
        }
        else if (command.IsOwn)
        {
            Decide(command, key);
        }
        else if (_store.FindRecent(command.Envelope.CommandId) is { } row)
        {
            _ = Recall(command, row);
        }
        else if (command.Envelope.Body is OutcomeAsked)
        {
            Finish(command, Answer.Of(Nothing.Value));
        }
        else if (_store.IsStale(command.Envelope, _last))
        {
            Finish(command, Answer.No(KeyRejection.Stale));
        }
        else if (!_later.TakesUp(command))
        {
            Decide(command, key);
        }
    }

    // Never at a time that another process may have left behind.
    private async Task BeginAgain(TenantTime clock, Command command)
    {
        try
        {
            await clock.Look();
            Begin(command);
        }
        catch (Exception failed)
        {
            await Fail(command, failed);
        }
    }

    // The tenant was reset: nothing is decided any more, nothing goes on, and the alarm, which is all that would still wake this entity, is put out.
    private void Rest(TenantTime clock, Command command)
    {
        _steps.Stop();
        if (_ended is null && command.Envelope.Body.Equals(_entity.Tick))
        {
            _ = PutOut(clock, command);
        }
        else
        {
            Finish(command, Answer.No(ClockRejection.Over));
        }
    }

    // Where it cannot be put out the activation ends, as after any append: it would be rung for ever, and this one could write nothing.
    private async Task PutOut(TenantTime clock, Command command)
    {
        try
        {
            var ahead = Math.Max(0, _last.ToMicros() - clock.World.GetUtcNow().ToMicros());
            var row = await _writer!.Write(new() { Entry = new(command.Envelope.CommandId, _last.ToMicros(), default, []), Alarm = new(null), AheadMicros = ahead, State = _state }, Riding.No, inward: false, shows: false);
            Finish(command, row.Status == AppendStatus.Written ? Answer.No(ClockRejection.Over) : End(Failures.Of(row.Status)));
        }
        catch (Exception failed)
        {
            await Fail(command, failed);
        }
    }

    private async Task Recall(Command command, Appending row)
    {
        try
        {
            Finish(command, await _store.Recall(command.Envelope.CommandId, row));
        }
        catch (Exception failed)
        {
            await Fail(command, failed);
        }
    }

    private void Decide(Command command, PersonalKey? key)
    {
        var envelope = command.Envelope;
        if (_isClosing)
        {
            Finish(command, _ended ?? new OperatingFailure(FailureKind.Conflict)); // decided by the next activation
            return;
        }

        if (!envelope.IsStep && !_ports.Committer.HasRoom)
        {
            Finish(command, new OperatingFailure(FailureKind.Overloaded));
            return;
        }

        if ((_ended ?? _writer!.Lost) is { } ended)
        {
            Finish(command, End(ended));
            return;
        }

        var (decision, row) = Commit(command, key);
        if (decision.IsLater)
        {
            _later.Wait(command);
        }

        _steps.Take(decision.Steps);
        _steps.Start(decision.Steps, Phase.AtOnce, command.Trace);
        When(row, new(command, decision));
    }

    // Synchronous from the decision to the queue: what is decided in this order is written in this order.
    private (Decision<TState, TEvent> Decision, Appending Append) Commit(Command asked, PersonalKey? key)
    {
        var (envelope, command) = (asked.Envelope, (TCommand)asked.Envelope.Body);
        // Always later than the last: whoever keeps a copy of what a stream shows tells by its stamp what is newer.
        var now = _ports.Time.GetUtcNow().ToMicros() is var micros && micros > _last.ToMicros() ? Timestamps.FromMicros(micros) : _last.AddMicroseconds(1);
        var decision = _entity.Decide(_state, command, new(now, envelope.CommandId, _steps.NewId(), _ports.Zones));
        var candidate = decision.Soft ?? _state;
        var draft = _store.Draft(envelope, now, key, decision.Events.Length);
        draft.Span = asked.Span;
        foreach (var @event in decision.Events)
        {
            candidate = _entity.Evolve(candidate, @event, now);
            draft.Add(@event, candidate);
        }

        _entity.CheckInvariants(candidate, thorough: false);
        var inward = asked.IsOwn && decision.LateAnswers.IsEmpty; // nobody outside hears of it
        var alarm = _alarm.Next(_entity.Due(candidate), _entity.IsUnfinished(candidate), command.Equals(_entity.Tick), now);
        if (decision.Events.IsEmpty && alarm is null && !decision.FixesTime)
        {
            _state = candidate;
            return (decision, asked.IsOwn && decision.ShowsNothing ? EntityWriter.NothingToShow : decision.IsQuery ? _writer!.Fence(inward) : _writer!.Confirm());
        }

        Invariant.Check(decision.Riding is not Riding.Begun || decision.IsLater, "what_begins_is_answered_later");
        var riding = alarm is null ? decision.Riding : Riding.No;
        var row = _writer!.Write(draft.Build(candidate, alarm, Ahead, _inFlight.KeyTaken(envelope.CommandId, decision.IsLater || decision.TakesKey, draft.Recalls), riding is Riding.Begun), riding, inward, !asked.IsOwn || !decision.ShowsNothing);

        // Only now: an entry that could not be queued must not show in what is decided until the activation has ended.
        (_state, _last) = (candidate, now);
        if (riding is Riding.No or Riding.Awaited or Riding.AwaitedLonger)
        {
            _store.Remember(draft.Recalls, row, now); // of what rides unawaited nobody knows the row: own commands and reads
        }

        return (decision, row);
    }

    // Whoever waits for the same row waits together: one turn a row, not one a command.
    private void When(Appending row, Decided decided)
    {
        if (row.IsWritten)
        {
            Go(decided, row.Result);
            return;
        }

        foreach (var others in _waiting)
        {
            if (others.Row == row)
            {
                others.Decided.Add(decided);
                return;
            }
        }

        var waiting = new Waiting(this, row, [decided]);
        _waiting.Add(waiting);
        row.Tell(waiting);
    }

    private void Release(Waiting waiting)
    {
        _waiting.Remove(waiting);
        try
        {
            var result = waiting.Row.Result;
            foreach (var decided in waiting.Decided)
            {
                Spans.Carried(decided.Command.Span, waiting.Row.Batch);
                Go(decided, result);
            }
        }
        catch (Exception failed)
        {
            foreach (var decided in waiting.Decided)
            {
                _ = Fail(decided.Command, failed);
            }
        }
    }

    // Durable, or lost: what was decided shows outside only from here on.
    private void Go(Decided decided, AppendResult result)
    {
        if (result.Status != AppendStatus.Written)
        {
            Finish(decided.Command, End(Failures.Of(result.Status)));
            return;
        }

        var stored = _store.AfterCommit(decided.Decision.Events, _last, _writer!.Durable);
        if (stored.IsCompletedSuccessfully && !IsTick(decided))
        {
            Follow(decided);
            Answered(decided);
        }
        else
        {
            _ = FollowAfter(stored, decided);
        }
    }

    private async Task FollowAfter(ValueTask stored, Decided decided)
    {
        try
        {
            await stored;
            Follow(decided);
            if (IsTick(decided))
            {
                await ResumeDurable(decided.Command.Trace);
                await Settled();
            }

            Answered(decided);
        }
        catch (JournalUnavailableException)
        {
            // What could not be done now is done by the next load, so this activation must not go on as if it were done.
            Finish(decided.Command, End(Failures.Of(AppendStatus.Unavailable)));
        }
        catch (Exception failed)
        {
            await Fail(decided.Command, failed);
        }
    }

    private void Follow(Decided decided)
    {
        foreach (var late in decided.Decision.LateAnswers)
        {
            _later.Give(late.CommandId, late.Answer);
        }

        _steps.Start(decided.Decision.Steps, Phase.AfterCommit, decided.Command.Trace);
    }

    private void Answered(Decided decided)
    {
        if (!decided.Decision.IsLater)
        {
            Finish(decided.Command, decided.Decision.Answer!);
        }
    }

    // An alarm takes up only what is durable: a step of what rides would be done before it is decided for good, and, were the
    // ride lost, be decided again otherwise.
    private async Task ResumeDurable(string? trace)
    {
        var flushed = await _writer!.Flush();
        if (flushed.Status != AppendStatus.Written) throw new NotDecidedException(End(Failures.Of(flushed.Status)));

        var durable = (TState?)_writer.Durable.State ?? _loaded;
        _steps.Resume([.. _entity.Unfinished(durable, _last), .. _entity.Ongoing(durable, _last)], trace);
    }

    // Whoever advanced a tenant's clock asks next what came of it.
    private Task Settled() => _ports.Clock is null ? Task.CompletedTask : Task.WhenAny(_steps.Idle(), Task.Delay(Limits.ClockSettles, _ports.Time));

    // Every caller is told in the same words what it may do next; what nobody foresaw ends the activation.
    private async Task Fail(Command command, Exception failed) => Finish(command, failed switch
    {
        NotDecidedException typed => typed.Failure,
        OperatingException => new OperatingFailure(FailureKind.Unavailable), // its tenant's clock
        JournalUnavailableException => Failures.Of(AppendStatus.Unavailable),
        _ => await Broken(command, failed),
    });

    // An activation that has lost its place decides on what is no longer so, and may find a contradiction in it: no defect.
    private async Task<OperatingFailure> Broken(Command command, Exception failed)
    {
        if (_writer is { } writer && await writer.LostItsPlace() is { } lost) return End(lost);

        _ports.Log.EntityBroke(_stream.ToString(), command.Envelope.Body.GetType().Name, failed);
        return End(new(FailureKind.Defect));
    }

    private void Finish(Command command, object body)
    {
        if (command.IsFinished) return;

        _inFlight.Remove(command);
        command.Finish(body);
    }

    private OperatingFailure End(OperatingFailure failure)
    {
        if (_ended is null)
        {
            _ended = failure;
            _steps.Stop();
            _writer?.Close();
            _later.Fail(failure);
            _engine.Leave();
        }

        return _ended;
    }

    private TimeSpan Ahead => _ports.Clock?.Ahead ?? TimeSpan.Zero;

    private bool IsTick(Decided decided) => decided.Command.Envelope.Body.Equals(_entity.Tick);

    private readonly record struct Decided(Command Command, Decision<TState, TEvent> Decision);

    private sealed class Waiting(EntityHost<TState, TCommand, TEvent> host, Appending row, List<Decided> decided) : IAppended, ITurn
    {
        public Appending Row => row;

        public List<Decided> Decided => decided;

        public void Appended() => host._engine.Post(this);

        public void Turn() => host.Release(this);
    }
}
