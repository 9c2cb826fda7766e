using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>Closed union. Those of drivers are answered with <see cref="WatchView"/>, an <see cref="Intervention"/> with <see cref="Intervened"/>.</summary>
public abstract record WatchCommand
{
    private WatchCommand()
    {
    }

    /// <param name="AgentId">As of the view.</param>
    /// <param name="Brief">A <see cref="WatchBrief"/>.</param>
    public sealed record Begin(string AgentId, string SessionId, WatchPlan Plan, Personal Brief) : WatchCommand;

    public sealed record Get : WatchCommand;

    /// <summary>Claims the next turn: whoever finds itself as the caller of the answer's turn calls, and nobody else.</summary>
    /// <param name="Driver">Of one process, which asks for one turn at a time.</param>
    /// <param name="Attempt">The one behind those that failed.</param>
    /// <param name="MostMicros">All that the call can cost.</param>
    public sealed record BeginTurn(Guid Driver, int Number, int Attempt, long MostMicros) : WatchCommand;

    /// <summary>The driver is there; or another is gone, and this one looks what became of the call, which it never makes anew.</summary>
    public sealed record HoldTurn(Guid Driver, int Number, int Attempt) : WatchCommand;

    /// <summary>The reply is whole, and kept by its run.</summary>
    /// <param name="CostMicros">What the run posted.</param>
    public sealed record EndTurn(Guid Driver, int Number, int Attempt, TurnFinish Finish, long CostMicros) : WatchCommand;

    /// <summary>There will be no reply of this run.</summary>
    /// <param name="Code">Why, as one of our codes.</param>
    /// <param name="CostMicros">What the run posted all the same.</param>
    /// <param name="IsFinal">Another attempt would be refused as well.</param>
    public sealed record FailTurn(Guid Driver, int Number, int Attempt, string Code, long CostMicros, bool IsFinal = false) : WatchCommand;

    public sealed record Tick : WatchCommand;

    /// <summary>What a person does to a dialogue: once, whatever how often it comes, and in the dialogue that was seen.</summary>
    /// <param name="Id">By which it is known again.</param>
    /// <param name="Seen">Null, of <see cref="Pause"/> and <see cref="Stop"/> alone: it is meant whatever happened meanwhile.</param>
    public abstract record Intervention(Guid Id, Seen? Seen) : WatchCommand;

    /// <summary>A turn under way goes on to its end; then nothing follows.</summary>
    public sealed record Pause(Guid Id, Seen? Seen) : Intervention(Id, Seen);

    /// <param name="SessionId">Of the same agent and user: a dialogue outlives the session with which it was begun. Null: it goes on with the one that it has.</param>
    public sealed record Resume(Guid Id, Seen? Seen, string? SessionId = null) : Intervention(Id, Seen);

    /// <summary>A turn of the person's own words: at once, or behind the turn under way.</summary>
    /// <param name="Seat">In its place, where it is the next; null: between the seats, and the next one stays the next.</param>
    public sealed record Say(Guid Id, Seen? Seen, Personal Words, int? Seat = null) : Intervention(Id, Seen);

    /// <summary>From its next turn on the seat's words are a person's; a turn under way is its model's still.</summary>
    public sealed record TakeSeat(Guid Id, Seen? Seen, int Seat) : Intervention(Id, Seen);

    /// <summary>Its model speaks again.</summary>
    public sealed record LeaveSeat(Guid Id, Seen? Seen, int Seat) : Intervention(Id, Seen);

    /// <summary>A turn under way goes on to its end, for it costs what it costs; then it is over.</summary>
    public sealed record Stop(Guid Id, Seen? Seen) : Intervention(Id, Seen);

    /// <summary>A dialogue that asks for it goes on when it is resumed.</summary>
    /// <param name="Micros">So much more.</param>
    public sealed record RaiseBudget(Guid Id, Seen? Seen, int Seat, long Micros) : Intervention(Id, Seen);
}
