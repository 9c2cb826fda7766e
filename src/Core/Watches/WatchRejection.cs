using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>Why a dialogue refuses, in order of precedence.</summary>
public static class WatchRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such dialogue.");

    public static Rejection Exists { get; } = new(Codes.IdempotencyConflict, "Another agent's dialogue has this id.");

    public static Rejection Seats { get; } = Invalid("/seats", "range", $"A dialogue has {WatchLimits.SeatsLeast} to {WatchLimits.Seats} seats.");

    public static Rejection NoModels { get; } = Invalid("/seats", "contains", "At least one seat is a model's.");

    public static Rejection Budgets { get; } = Invalid("/seats", "range", "A model's seat has a budget, of 100000000000 cents at most, and a person's has none.");

    public static Rejection Turns { get; } = Invalid("/turns", "range", $"A dialogue has 1 to {WatchLimits.Turns} turns.");

    public static Rejection Pace { get; } = Invalid("/pace_seconds", "range", $"From one turn to the next are 0 to {WatchLimits.PaceSeconds} seconds.");

    public static Rejection Silence { get; } = Invalid("/silent_turns", "range", $"A dialogue ends behind 1 to {WatchLimits.SilentTurns} silent turns; 0: it does not.");

    public static Rejection BriefTooLong { get; } = new(Codes.PayloadTooLarge, $"Topic, names, roles and stop word of a dialogue have {WatchLimits.BriefBytes} bytes together at most.");

    /// <summary>Another intervention has this id.</summary>
    public static Rejection Other { get; } = new(Codes.IdempotencyConflict, "Another intervention has this id.");

    public static Rejection Over { get; } = new(Codes.ConversationClosed, "The dialogue is over: nothing more is said in it.");

    public static Rejection TooManyInterventions { get; } = Invalid("", "max_items", $"A dialogue takes {WatchLimits.Interventions} interventions: it can still be stopped.");

    public static Rejection Unseen { get; } = Invalid("/seen", "required", "What is done is meant for the dialogue as it was seen: say which turn, and how many interventions, that was.");

    /// <summary>A turn ended meanwhile, or another intervention came first.</summary>
    public static Rejection Changed(WatchState state) => Stands(state, "The dialogue has changed: a turn ended meanwhile, or somebody else intervened. Look at it, and say which turn is expected.");

    public static Rejection IsPaused(WatchState state) => Stands(state, "The dialogue stands still already.");

    public static Rejection NotPaused(WatchState state) => Stands(state, "The dialogue does not stand still.");

    public static Rejection WordsTooLong { get; } = new(Codes.PayloadTooLarge, $"What a person says in one turn has {WatchLimits.WordsBytes} bytes at most.");

    public static Rejection NoSuchSeat { get; } = Invalid("/seat", "range", "The dialogue has no such seat: they are numbered from 0.");

    public static Rejection NotItsTurn(WatchState state) => Stands(state, "It is another seat's turn.");

    /// <summary>A person has spoken already, behind the turn under way.</summary>
    public static Rejection WordsWait(WatchState state) => Stands(state, "Other words stand behind this turn: more can be said when it is over.");

    public static Rejection NoTurnLeft(WatchState state) => Stands(state, "The turn under way is the last of the dialogue.");

    public static Rejection SeatIsPersons(WatchState state) => Stands(state, "The seat is a person's.");

    public static Rejection SeatIsModels(WatchState state) => Stands(state, "The seat is its model's.");

    public static Rejection NoModel { get; } = Invalid("/seat", "not", "The seat has no model.");

    public static Rejection RaiseOutOfRange { get; } = Invalid("/amount_cents", "range", "A budget is raised by more than 0, to 100000000000 cents at most.");

    /// <summary>To a driver.</summary>
    public static Rejection UnderWay(TurnUnderWay turn, DateTimeOffset now) => new(Codes.Unavailable, "Another driver has the turn.", RetryAfterSeconds: Seconds(turn.Until - now), Retry: true);

    /// <summary>To a driver.</summary>
    public static Rejection TooSoon(TimeSpan left) => new(Codes.RateLimited, "The next turn begins later.", RetryAfterSeconds: Seconds(left), Retry: true);

    public static Rejection CostOutOfRange { get; } = Invalid("/cents", "range", "A call costs 0 to 100000000000 cents.");

    /// <summary>The dialogue asks.</summary>
    public static Rejection BudgetSpent(int seat, long askedMicros, long leftMicros) =>
        new Rejection(Codes.BudgetExceeded, "What is left of the seat's budget does not pay its next call: raise it, and resume.").WithRaw("seat", Number(seat)).Beyond(askedMicros, leftMicros);

    private static Rejection Stands(WatchState state, string message) =>
        new Rejection(Codes.PreconditionFailed, message).With("state", state.Standing).WithRaw("turn", Number(state.Turn)).WithRaw("interventions", Number(state.Interventions.Count));

    private static long Seconds(TimeSpan left) => Math.Max(1, (long)Math.Ceiling(left.TotalSeconds));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
