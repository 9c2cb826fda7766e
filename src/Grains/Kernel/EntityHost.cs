using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using StreamWriter = Agora.Journal.StreamWriter;

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
public sealed class EntityHost<TDecider, TState, TCommand, TEvent>(StreamId stream, EntityPorts ports, Action end)
    where TDecider : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private readonly EntityStore<TDecider, TState, TCommand, TEvent> _store = new(stream, ports);
    private readonly Dictionary<Guid, InFlight> _inFlight = [];
    private readonly LateAnswers _later = new(ports.Time);
    private readonly RunningSteps _running = new();
    private readonly StreamAlarm _alarm = new();
    private TState _state = TDecider.Initial(stream);
    private DateTimeOffset _last;
    private StreamWriter? _writer;
    private Task<AppendResult> _lastAppend = Task.FromResult(new AppendResult(AppendStatus.Written, 0));
    private OperatingFailure? _ended;
    private bool _flushing;
    private int _minted;

    /// <summary>Reads the stream, opens its writer and takes up what a crash left unfinished.</summary>
    public async Task Load(CancellationToken cancel)
    {
        var loaded = await _store.Load(cancel);
        (_state, _last) = (loaded.State, loaded.At);
        TDecider.CheckInvariants(_state, thorough: true);
        _writer = ports.Committer.Open(stream.ToString(), loaded.Head, loaded.ReadAt);
        Resume(trace: null);
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
                await Task.WhenAny(_running.Idle(), Task.Delay(patience, ports.Time));
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
        if (_inFlight.TryGetValue(envelope.CommandId, out var first))
        {
            return KeyRejection.Between(first.Key, envelope.Key) is { } refused ? Answer.No(refused) : await first.Answer.Task;
        }

        first = new(envelope.Key);
        _inFlight.Add(envelope.CommandId, first);
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
        var key = await ports.PersonalKey(TDecider.PersonalKey(_state));

        // Nothing is awaited from here to the decision: what was decided meanwhile would be decided again.
        return answer is not null ? answer
            : _store.FindRecent(envelope.CommandId) is { } row ? await _store.Recall(envelope.CommandId, row)
            : _store.IsStale(envelope) ? Answer.No(KeyRejection.Stale)
            : await Decide(envelope, key);
    }

    private async Task<Answer> Decide(Envelope envelope, PersonalKey? key)
    {
        if (!envelope.IsStep && !ports.Committer.HasRoom)
        {
            throw new NotDecidedException(new(FailureKind.Overloaded));
        }

        if (_ended is { } ended)
        {
            throw new NotDecidedException(ended);
        }

        var (decision, append) = Commit(envelope, (TCommand)envelope.Body, key);
        var later = decision.IsLater ? _later.Wait(envelope.CommandId) : null;
        _running.Add(decision.Steps);
        Start(decision.Steps, Phase.AtOnce, envelope.Trace);

        var result = await append;
        if (result.Status != AppendStatus.Written)
        {
            throw End(Failures.Of(result.Status));
        }

        await AfterCommit(decision.Events);
        Settle(decision);
        Start(decision.Steps, Phase.AfterCommit, envelope.Trace);
        if (envelope.Body.Equals(TDecider.Tick))
        {
            Resume(envelope.Trace);
        }

        return later is null ? decision.Answer! : await later;
    }

    // What could not be done now is done by the next load, so this activation must not go on as if it were done.
    private async ValueTask AfterCommit(IReadOnlyList<TEvent> events)
    {
        try
        {
            await _store.AfterCommit(events, _last, _writer!);
        }
        catch (JournalUnavailableException)
        {
            throw End(Failures.Of(AppendStatus.Unavailable));
        }
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

        if (await LostItsPlace() is { } lost)
        {
            return End(lost);
        }

        ports.Log.EntityBroke(stream.ToString(), envelope.Body.GetType().Name, failed);
        return End(new(FailureKind.Defect));
    }

    // An activation that has lost its place decides on what is no longer so, and may find a contradiction in it: no defect.
    private async Task<OperatingFailure?> LostItsPlace()
    {
        try
        {
            return _writer is { } writer && (await writer.Confirm()).Status is not AppendStatus.Written and var status ? Failures.Of(status) : null;
        }
        catch (Exception broken)
        {
            ports.Log.EntityBroke(stream.ToString(), "the journal", broken); // whose writer answers with its defect from now on
            return null;
        }
    }

    // Synchronous from the decision to the queue: what is decided in this order is written in this order.
    private (Decision<TState, TEvent> Decision, Task<AppendResult> Append) Commit(Envelope envelope, TCommand command, PersonalKey? key)
    {
        var now = ports.Time.GetUtcNow().ToMicros() is var micros && micros > _last.ToMicros() ? Timestamps.FromMicros(micros) : _last;
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
            return (decision, decision.IsQuery ? Settled() : _writer!.Confirm());
        }

        var entry = draft.Build(candidate, alarm, KeyTaken(envelope.CommandId, decision, draft.Recalls));
        var recalls = draft.Recalls;
        Task<AppendResult> row;
        if (decision.Riding is Riding.Soon or Riding.UntilAlarm && alarm is null)
        {
            (row, recalls) = (Ride(entry, decision.Riding), []); // nobody knows its row, so nothing is recalled from it: own commands and reads
        }
        else
        {
            row = decision.Riding == Riding.No || alarm is not null ? _lastAppend = _writer!.Append(entry) : RideAwaited(entry);
        }

        // Only now: an entry that could not be queued must not show in what is decided until the activation has ended.
        (_state, _last) = (candidate, now);
        _store.Remember(recalls, row, now);
        return (decision, row);
    }

    // A key is taken by the entry that opens its command or, where nothing was opened, by the one that decides it: so a repeat
    // that meets another activation, between the two or after both, finds it.
    private (Guid CommandId, CommandKey Key)? KeyTaken(Guid commandId, Decision<TState, TEvent> decision, IReadOnlyList<Guid> recalls)
    {
        foreach (var id in decision.IsLater ? [commandId, .. recalls] : recalls)
        {
            if (_inFlight.GetValueOrDefault(id) is { KeyIsStored: false, Key: { } key } command)
            {
                command.KeyIsStored = true;
                return (id, key);
            }
        }

        return null;
    }

    private Task<AppendResult> RideAwaited(PendingEntry entry)
    {
        var carried = _writer!.RideAwaited(entry);
        _ = FlushSoon();
        return carried;
    }

    private Task<AppendResult> Ride(PendingEntry entry, Riding riding)
    {
        _writer!.Ride(entry);
        if (riding == Riding.Soon)
        {
            _ = FlushSoon();
        }

        return Settled();
    }

    // A query's fence: what it rests on is durable, and the journal has confirmed this activation within the last second.
    private Task<AppendResult> Settled() =>
        ports.Time.GetElapsedTime(_writer!.ConfirmedAt) > Limits.RideAtMost ? _writer.Confirm() : _lastAppend;

    private void Settle(Decision<TState, TEvent> decision)
    {
        foreach (var settled in decision.Settled)
        {
            _later.Settle(settled.CommandId, settled.Answer);
        }
    }

    private void Resume(string? trace)
    {
        var steps = TDecider.Unfinished(_state, _last).Where(s => !_running.Has(s.Key)).ToList();
        _running.Add(steps);
        Start(steps, null, trace);
    }

    private void Start(IEnumerable<Step> steps, Phase? phase, string? trace)
    {
        foreach (var step in steps)
        {
            if (phase is null || step.Phase == phase)
            {
                _ = Run(step, trace);
            }
        }
    }

    private async Task Run(Step step, string? trace)
    {
        try
        {
            var outcome = await Outcome(step, trace);
            if (_ended is null && step.Then(outcome) is TCommand own)
            {
                await Once(new(NewId(), trace, own, IsStep: true));
            }
        }
        catch (NotDecidedException)
        {
            // A fresh activation, or the alarm, takes the step up again.
        }
        catch (Exception broken)
        {
            ports.Log.StepBroke(stream.ToString(), step.Target.GetType().Name, broken);
        }
        finally
        {
            _running.Remove(step.Key);
        }
    }

    // A step that broke is one without an outcome: whoever waits for it is told now, and not when an alarm finds it.
    private async Task<StepOutcome> Outcome(Step step, string? trace)
    {
        try
        {
            return await ports.Steps.Run(stream, step.Target, NewId(), trace);
        }
        catch (Exception broken)
        {
            ports.Log.StepBroke(stream.ToString(), step.Target.GetType().Name, broken);
            return new StepOutcome.Unreachable();
        }
    }

    private async Task FlushSoon()
    {
        if (_flushing)
        {
            return;
        }

        _flushing = true;
        await Task.Delay(Limits.RideAtMost, ports.Time);
        _flushing = false;
        if (_ended is not null)
        {
            return;
        }

        try
        {
            if ((await _writer!.Flush()).Status is not AppendStatus.Written and var status)
            {
                End(Failures.Of(status));
            }
        }
        catch (Exception broken)
        {
            ports.Log.EntityBroke(stream.ToString(), "what rides", broken);
            End(new(FailureKind.Defect));
        }
    }

    private Guid NewId() => Ids.Derive(ports.Time.GetUtcNow(), ports.Activation, ++_minted);

    private NotDecidedException End(OperatingFailure failure)
    {
        if (_ended is null)
        {
            _ended = failure;
            _writer?.Close();
            _later.Fail(failure);
            end();
        }

        return new(_ended);
    }
}
