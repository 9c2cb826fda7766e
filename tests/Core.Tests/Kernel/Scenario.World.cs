using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>One stream of a <see cref="DeciderWorld"/>.</summary>
internal interface IDecides
{
    StreamId Stream { get; }

    object State { get; }

    /// <summary>The command of its alarm.</summary>
    object Tick { get; }

    IEnumerable<object> Happened { get; }

    /// <summary>Decides and evolves; a stream's time never goes back.</summary>
    Decided Decide(object command, DateTimeOffset now, Guid id);

    IReadOnlyList<Step> Unfinished(DateTimeOffset now);

    /// <summary>What a process that begins knows: the journal, read from its bytes, and nothing soft.</summary>
    void Reload();

    void CheckReplay();
}

/// <summary>A decision, whatever its stream's types are.</summary>
internal sealed record Decided(Answer? Answer, IReadOnlyList<object> Events, IReadOnlyList<Step> Steps, IReadOnlyList<LateAnswer> LateAnswers);

/// <summary>A scenario is a stream of a world too.</summary>
public sealed partial class Scenario<TState, TCommand, TEvent> : IDecides
{
    private bool _walks;

    StreamId IDecides.Stream => _stream;

    object IDecides.State => State;

    object IDecides.Tick => _entity.Tick;

    IEnumerable<object> IDecides.Happened => _journal.Select(j => (object)j.Event);

    /// <summary>
    /// It is asked many thousand times: each decision is held against the invariants, and against the journal only when that is asked for. Its time is its world's.
    /// </summary>
    internal Scenario<TState, TCommand, TEvent> Walks()
    {
        (_walks, Now) = (true, DateTimeOffset.MinValue);
        return this;
    }

    Decided IDecides.Decide(object command, DateTimeOffset now, Guid id)
    {
        Now = now > Now ? now : Now;
        if (_walks)
        {
            Walk((TCommand)command, id);
        }
        else When((TCommand)command, id);
        return new(Last.Answer, [.. Last.Events], Last.Steps, Last.LateAnswers);
    }

    IReadOnlyList<Step> IDecides.Unfinished(DateTimeOffset now) => [.. _entity.Unfinished(State, now > Now ? now : Now)];

    void IDecides.Reload()
    {
        State = _entity.Initial(_stream);
        foreach (var (happened, at) in _journal)
        {
            var encoded = _entity.Events.Encode(happened);
            State = _entity.Evolve(State, _entity.Events.Decode(encoded.Name, encoded.Version, encoded.Payload, encoded.Personal), at);
        }
    }

    void IDecides.CheckReplay() => Laws.Replays(_entity, _stream, _journal, State);

    private void Walk(TCommand command, Guid id)
    {
        _last = _entity.Decide(State, command, new(Now, id));
        State = _last.Soft ?? State;
        foreach (var happened in _last.Events)
        {
            State = _entity.Evolve(State, happened, Now);
            _journal.Add((happened, Now));
        }

        _entity.CheckInvariants(State, thorough: true);
    }
}

/// <summary>The stream of any kind, by the manifest alone.</summary>
internal sealed class WalkOf(StreamId stream) : IEntityUse<IDecides>
{
    public static IDecides New(StreamId stream) => Manifest.Of(stream).Use(new WalkOf(stream));

    public IDecides Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
        where TState : class
        where TCommand : class
        where TEvent : class => Scenario<TState, TCommand, TEvent>.Of(stream).Walks();
}
