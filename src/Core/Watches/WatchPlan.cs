using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>How a dialogue goes on: its seats speak in order, the first behind the last.</summary>
/// <param name="Turns">It ends behind this one.</param>
/// <param name="PaceSeconds">From the end of one turn to the next.</param>
/// <param name="SilentTurns">It ends behind so many turns of models in a row in which nothing was said; 0: it does not end by that.</param>
public sealed record WatchPlan(IReadOnlyList<Seat> Seats, int Turns, int PaceSeconds = 0, int SilentTurns = 0);

/// <param name="Model">The id of its service; null: the seat is a person's.</param>
/// <param name="BudgetMicros">All that its calls may cost; of a person's 0.</param>
public sealed record Seat(string? Model, long BudgetMicros);

/// <summary>What people said of a dialogue when they began it: it is sealed as one.</summary>
/// <param name="Seats">Of each seat of the plan, in its order.</param>
/// <param name="StopWord">The dialogue ends behind the turn of a model that says it, whoever brought it to; null: no word ends it.</param>
public sealed record WatchBrief(string Topic, IReadOnlyList<SeatBrief> Seats, string? StopWord = null);

public sealed record SeatBrief(string Name, string Role);

/// <summary>A seat as it stands.</summary>
/// <param name="SpentMicros">What its calls came to, those that failed among them.</param>
/// <param name="IsTaken">A person speaks in place of its model.</param>
public sealed record SeatStanding(string? Model, long BudgetMicros, long SpentMicros = 0, bool IsTaken = false)
{
    public long LeftMicros => BudgetMicros - SpentMicros;

    public bool IsPersons => Model is null || IsTaken;
}

/// <summary>A model's turn that is under way.</summary>
/// <param name="Attempt">Of this turn, from 1 on; each is a run of its own, and is called by the driver that began it alone.</param>
/// <param name="Driver">Who says what becomes of it.</param>
/// <param name="Caller">Who began it, and alone may call.</param>
/// <param name="MostMicros">All that it can cost.</param>
/// <param name="SessionId">Whose run it is, whatever session the dialogue goes on with.</param>
/// <param name="Until">When whoever says nothing till then is gone.</param>
public sealed record TurnUnderWay(int Number, int Seat, int Attempt, Guid RunId, string SessionId, Guid Driver, Guid Caller, long MostMicros, DateTimeOffset Until);

/// <summary>A person's words that stand behind the turn under way.</summary>
/// <param name="Seat">In whose place they are said; null: between the seats.</param>
public sealed record WordsAhead(int Number, int? Seat);

/// <summary>As whoever intervenes saw the dialogue: what was done in another is refused, for it was meant for this one.</summary>
/// <param name="Turn">The turn that was under way, or next.</param>
/// <param name="Interventions">So many there had been.</param>
public sealed record Seen(int Turn, int Interventions);

/// <summary>What an intervention did. Stored, for ever.</summary>
public enum Intervening
{
    Pause = 1,
    Resume = 2,
    Say = 3,
    TakeSeat = 4,
    LeaveSeat = 5,
    Stop = 6,
    RaiseBudget = 7,
}

/// <summary>An intervention that was taken, as it is answered whenever it comes again.</summary>
/// <param name="Number">Of this dialogue's interventions, from 1 on.</param>
/// <param name="Turn">Of words, the turn that they are; otherwise the one that was under way, or next.</param>
/// <param name="Seat">Null: it is about none.</param>
public sealed record Intervened(Guid Id, Intervening What, int Number, int Turn, int? Seat = null);

/// <summary>How a turn of a model ended. Stored, for ever.</summary>
public enum TurnFinish
{
    Said = 1,

    /// <summary>Nothing was said.</summary>
    Silent = 2,

    /// <summary>The brief's word was said.</summary>
    StopWord = 3,

    /// <summary>The provider cut it off, or it was as long as a turn may be: what was said until then stands.</summary>
    Cut = 4,
}

/// <summary>Why a dialogue stands still until a person resumes it. Stored, for ever.</summary>
public enum Pausing
{
    /// <summary>A person wants it.</summary>
    Person = 1,

    /// <summary>What is left of the seat's budget, or of a limit above, does not pay its next call.</summary>
    Budget = 2,

    /// <summary>The seat's model was called several times in vain.</summary>
    Failed = 3,

    /// <summary>The call is refused, and would be again.</summary>
    Refused = 4,
}

/// <param name="Seat">Whose budget or model it is; null: a person wants it.</param>
/// <param name="Code">Of what failed or was refused; null: nothing was.</param>
public sealed record WatchPause(Pausing Why, int? Seat = null, string? Code = null);

/// <summary>Why a dialogue is over. Stored, for ever.</summary>
public enum Ending
{
    /// <summary>A person stopped it.</summary>
    Stopped = 1,
    Turns = 2,
    StopWord = 3,
    Silence = 4,
}

/// <summary>How a dialogue stands, in its table: stored, for ever.</summary>
public static class WatchStandings
{
    public const string Running = "running";

    /// <summary>It stands still when the turn under way is over.</summary>
    public const string Pausing = "pausing";

    public const string Paused = "paused";

    /// <summary>It is over when the turn under way is.</summary>
    public const string Ending = "ending";

    public const string Ended = "ended";
}

/// <summary>A dialogue, as whoever drives or watches it sees it.</summary>
/// <param name="AgentId">The agents on its session's path, root first, with &gt; between.</param>
/// <param name="SessionId">Whose the next runs are.</param>
/// <param name="Brief">A <see cref="WatchBrief"/>; null: the user's key is gone.</param>
/// <param name="Turn">Under way, or next.</param>
/// <param name="Seat">Whose turn that is.</param>
/// <param name="Attempts">Of that turn, the one under way among them.</param>
/// <param name="Interventions">So many there were.</param>
/// <param name="NotBefore">The next call of a model.</param>
public sealed record WatchView(
    string WatchId, string UserId, string AgentId, string SessionId, WatchPlan Plan, Personal? Brief, IReadOnlyList<SeatStanding> Seats, string Standing, int Turn, int Seat, int Attempts, int Interventions, DateTimeOffset NotBefore, DateTimeOffset CreatedAt,
    TurnUnderWay? Under = null, WordsAhead? Ahead = null, WatchPause? Pause = null, Ending? End = null);
