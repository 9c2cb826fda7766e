using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>
/// The one shape of a decider's test: what had happened, what is asked, what follows. Each <see cref="When(TCommand, Guid?)"/>
/// also holds the laws of <see cref="Entity{TState, TCommand, TEvent}"/> (see <see cref="Laws"/>), so that no test has to name them.
/// <para>Time stands still until <see cref="At"/> or <see cref="After"/> moves it.</para>
/// </summary>
public sealed partial class Scenario<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Entity<TState, TCommand, TEvent> _entity;
    private readonly StreamId _stream;
    private readonly List<(TEvent Event, DateTimeOffset At)> _journal = [];
    private Func<TCommand, bool> _natural = static _ => false;
    private Func<TCommand, Answer, bool> _anew = static (_, _) => false;
    private Decision<TState, TEvent>? _last;
    private int _minted;
    private bool _isFilling;

    private Scenario(StreamId stream)
    {
        (_entity, _stream) = ((Entity<TState, TCommand, TEvent>)Manifest.Of(stream), stream);
        State = _entity.Initial(stream);
    }

    public TState State { get; private set; }

    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>What the last command came to.</summary>
    public Decision<TState, TEvent> Last => _last ?? throw new InvalidOperationException("Nothing was asked yet.");

    public static Scenario<TState, TCommand, TEvent> Of(StreamId stream) => new(stream);

    /// <summary>Commands that carry an id of their own (a hold's, a transfer's) or are absolute: repeated under any command id they change nothing.</summary>
    public Scenario<TState, TCommand, TEvent> Natural(Func<TCommand, bool> natural)
    {
        _natural = natural;
        return this;
    }

    /// <summary>Answers that no event keeps, by design: a repeat of the command is decided anew.</summary>
    public Scenario<TState, TCommand, TEvent> Anew(Func<TCommand, Answer, bool> anew)
    {
        _anew = anew;
        return this;
    }

    public Scenario<TState, TCommand, TEvent> Given(params IReadOnlyList<TEvent> events)
    {
        foreach (var happened in events)
        {
            Append(happened);
        }

        Laws.Replays(_entity, _stream, _journal, State);
        return this;
    }

    /// <summary>What brings an entity up to a bound. The laws read all that has happened before, so here they are held once, of the outcome.</summary>
    public Scenario<TState, TCommand, TEvent> Filled(Action<Scenario<TState, TCommand, TEvent>> fill)
    {
        _isFilling = true;
        fill(this);
        _isFilling = false;
        Laws.Replays(_entity, _stream, _journal, State);
        return this;
    }

    /// <summary>As another process finds it: what no event says is forgotten.</summary>
    public Scenario<TState, TCommand, TEvent> Restarted()
    {
        State = _journal.Aggregate(_entity.Initial(_stream), (state, row) => _entity.Evolve(state, row.Event, row.At));
        return this;
    }

    public Scenario<TState, TCommand, TEvent> At(DateTimeOffset now)
    {
        Assert.True(now >= Now, "A stream's time never goes back.");
        Now = now;
        return this;
    }

    public Scenario<TState, TCommand, TEvent> After(TimeSpan span) => At(Now + span);

    public Scenario<TState, TCommand, TEvent> When(TCommand command, Guid? id = null)
    {
        var context = new Context(Now, id ?? NextId(), Zones: SystemTimeZones.Instance);
        var before = State;
        _last = _isFilling ? _entity.Decide(before, command, context) : Laws.Decides(_entity, before, command, context);
        State = _last.Soft ?? State;
        foreach (var happened in _last.Events)
        {
            Append(happened);
        }

        if (_isFilling) return this;

        Laws.Replays(_entity, _stream, _journal, State);
        Laws.Recalls(_entity, _last, command, context, _anew);
        if (_natural(command))
        {
            var again = _entity.Decide(State, command, new(Now, NextId(), Zones: SystemTimeZones.Instance));
            Assert.True(again.Events.IsEmpty, $"{command.GetType().Name} repeated decided {Names(again.Events)}.");
            Assert.True(_last.IsLater || _last.Answer?.Rejection is not null || Laws.Text(_last.Answer) == Laws.Text(again.Answer), $"{command.GetType().Name} repeated was answered {Laws.Text(again.Answer)}.");
        }

        return this;
    }

    /// <summary>The step's outcome becomes the command it stands for, which is decided at once.</summary>
    public Scenario<TState, TCommand, TEvent> WhenStep(int index, StepOutcome outcome)
    {
        var command = Assert.IsAssignableFrom<TCommand>(Last.Steps[index].Then(outcome));
        return When(command);
    }

    /// <summary>Exactly these events; none: the command changed nothing.</summary>
    public Scenario<TState, TCommand, TEvent> Then(params IReadOnlyList<TEvent> events)
    {
        Assert.Equal(events.Select(e => Laws.Written(_entity.Events, e)), Last.Events.Select(e => Laws.Written(_entity.Events, e)));
        return this;
    }

    /// <summary>Events of these types, where the content is asserted otherwise.</summary>
    public Scenario<TState, TCommand, TEvent> ThenEvents(params IReadOnlyList<Type> types)
    {
        Assert.Equal(types.Select(t => t.Name), Last.Events.Select(e => e.GetType().Name));
        return this;
    }

    public Scenario<TState, TCommand, TEvent> ThenRejected(string code, params IReadOnlyList<TEvent> events)
    {
        Assert.NotNull(Last.Answer);
        Assert.Equal(code, Last.Answer.Rejection?.Code);
        return Then(events);
    }

    /// <summary>The refusal with this very sentence: two refusals may share a code.</summary>
    public Scenario<TState, TCommand, TEvent> ThenRejected(Rejection rejection, params IReadOnlyList<TEvent> events)
    {
        Assert.Equal(Laws.Text(Answer.No(rejection)), Laws.Text(Last.Answer));
        return Then(events);
    }

    public Scenario<TState, TCommand, TEvent> ThenAnswered(object reply)
    {
        Assert.Equal(Laws.Text(Answer.Of(reply)), Laws.Text(Last.Answer));
        return this;
    }

    public Scenario<TState, TCommand, TEvent> ThenAnswered<TReply>(Action<TReply> assert)
    {
        Assert.Null(Last.Answer?.Rejection);
        assert(Assert.IsType<TReply>(Last.Answer?.Reply));
        return this;
    }

    public Scenario<TState, TCommand, TEvent> ThenLater()
    {
        Assert.True(Last.IsLater);
        return this;
    }

    public Scenario<TState, TCommand, TEvent> ThenAnsweredLate(Guid commandId, Action<Answer> assert)
    {
        assert(Assert.Single(Last.LateAnswers, s => s.CommandId == commandId).Answer);
        return this;
    }

    /// <summary>What the decision wants done elsewhere: the commands to other streams, in order.</summary>
    public Scenario<TState, TCommand, TEvent> ThenSteps(params IReadOnlyList<object> commands)
    {
        Assert.Equal(commands.Select(Written), Last.Steps.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Command).Select(Written));
        return this;
    }

    public Scenario<TState, TCommand, TEvent> ThenState(Action<TState> assert)
    {
        assert(State);
        return this;
    }

    /// <summary>Ids in order of time, as a client would mint them: the n-th of a scenario is always the same.</summary>
    public Guid NextId() => Ids.Derive(Now, Guid.Empty, _minted++);

    private static string Written(object value) => $"{value.GetType().Name} {JsonSerializer.Serialize(value, value.GetType(), StoredJson.Options)}";

    private static string Names(IEnumerable<TEvent> events) => string.Join(", ", events.Select(e => e.GetType().Name));

    private void Append(TEvent happened)
    {
        Laws.Sealable(_entity.Events, happened);
        State = _entity.Evolve(State, happened, Now);
        Laws.Projects(_entity.Rows(State, happened, Now));
        _journal.Add((happened, Now));
    }
}
