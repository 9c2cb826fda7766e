using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Watches.WatchState, Agora.Core.Watches.WatchEvent>;

namespace Agora.Core.Watches;

/// <summary>What drivers do. Several may drive one dialogue: each asks for what it believes to be next, and one has it.</summary>
internal static class TurnDecider
{
    public static Decided Begin(WatchState state, WatchCommand.BeginTurn c, Context context)
    {
        if (state.Under is { } under)
        {
            return IsOf(under, c.Number, c.Attempt) && under.Caller == c.Driver ? Decided.Accept(state.View) : Decided.Reject(WatchRejection.UnderWay(under, context.Now));
        }

        if (state.End is not null) return Decided.Reject(WatchRejection.Over);
        if (c.Number != state.Turn || c.Attempt != state.Attempts + 1) return Decided.Reject(WatchRejection.Changed(state));
        if (state.Pause is not null) return Decided.Reject(WatchRejection.IsPaused(state));

        var seat = state.Seats[state.Seat];
        if (seat.IsPersons) return Decided.Reject(WatchRejection.SeatIsPersons(state));
        if (!Money.InRange(c.MostMicros)) return Decided.Reject(WatchRejection.CostOutOfRange);
        if (state.NotBefore > context.Now) return Decided.Reject(WatchRejection.TooSoon(state.NotBefore - context.Now));

        if (c.MostMicros > seat.LeftMicros)
        {
            return Decided.Reject(WatchRejection.BudgetSpent(state.Seat, c.MostMicros, seat.LeftMicros), new WatchEvent.Asked(new(Pausing.Budget, state.Seat, Codes.BudgetExceeded)));
        }

        return WatchDecider.Happened(state, context, new WatchEvent.TurnBegun(state.Turn, state.Seat, c.Attempt, context.NewId(0), state.SessionId, c.Driver, c.MostMicros, context.Now + WatchLimits.HeldFor));
    }

    public static Decided Hold(WatchState state, WatchCommand.HoldTurn c, Context context)
    {
        if (state.Under is not { } under || !IsOf(under, c.Number, c.Attempt)) return Decided.Reject(WatchRejection.Changed(state));
        if (under.Driver != c.Driver && context.Now < under.Until) return Decided.Reject(WatchRejection.UnderWay(under, context.Now));

        var until = context.Now + WatchLimits.HeldFor;
        return under.Driver == c.Driver && under.Until == until ? Decided.Accept(state.View) : WatchDecider.Happened(state, context, new WatchEvent.TurnHeld(c.Number, c.Attempt, c.Driver, until));
    }

    public static Decided End(WatchState state, WatchCommand.EndTurn c, Context context)
    {
        if (Known(state, c.Driver, c.Number, c.Attempt, c.CostMicros, context) is { } known) return known;

        var under = state.Under!;
        var ended = new WatchEvent.TurnEnded(c.Number, c.Attempt, under.RunId, c.Finish, Posted(under, c.CostMicros));
        return WatchDecider.Ending(state.Evolve(ended, context.Now), c.Finish) is { } over ? WatchDecider.Happened(state, context, ended, over) : WatchDecider.Happened(state, context, ended);
    }

    public static Decided Fail(WatchState state, WatchCommand.FailTurn c, Context context)
    {
        if (Known(state, c.Driver, c.Number, c.Attempt, c.CostMicros, context) is { } known) return known;

        var under = state.Under!;
        var failed = new WatchEvent.TurnFailed(c.Number, c.Attempt, under.RunId, c.Code, Posted(under, c.CostMicros));
        return Asking(state, c) is { } asked ? WatchDecider.Happened(state, context, failed, asked) : WatchDecider.Happened(state, context, failed);
    }

    /// <summary>Whether people are asked whether it goes on; null: it is tried once more, or does not go on anyway.</summary>
    private static WatchEvent.Asked? Asking(WatchState state, WatchCommand.FailTurn c) =>
        state.End is not null || state.Pause is not null ? null
        : c.Code == Codes.BudgetExceeded ? new(new(Pausing.Budget, Seat: null, c.Code)) // what the seat has left was looked at when the turn began: it is its session's, or of a limit above that
        : c.IsFinal ? new(new(Pausing.Refused, state.Seat, c.Code))
        : state.Failures + 1 >= WatchLimits.Tries ? new(new(Pausing.Failed, state.Seat, c.Code))
        : null;

    /// <summary>What is said of an attempt that is over changes nothing. Null: it is under way, and the driver's.</summary>
    private static Decided? Known(WatchState state, Guid driver, int number, int attempt, long costMicros, Context context)
    {
        if (state.Under is not { } under || !IsOf(under, number, attempt))
        {
            return number < state.Turn || (number == state.Turn && attempt <= state.Attempts) ? Decided.Accept(state.View) : Decided.Reject(WatchRejection.Changed(state));
        }

        if (under.Driver != driver) return Decided.Reject(WatchRejection.UnderWay(under, context.Now));
        return Money.InRange(costMicros) ? null : Decided.Reject(WatchRejection.CostOutOfRange);
    }

    /// <summary>As the session does: no more than was held.</summary>
    private static long Posted(TurnUnderWay under, long costMicros) => Math.Min(costMicros, under.MostMicros);

    private static bool IsOf(TurnUnderWay under, int number, int attempt) => under.Number == number && under.Attempt == attempt;
}
