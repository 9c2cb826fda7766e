using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Watches.WatchState, Agora.Core.Watches.WatchEvent>;

namespace Agora.Core.Watches;

/// <summary>
/// What people do to a dialogue. One that was taken is answered with what it did whenever it comes again; one that was refused has done nothing, and may come again as it is or changed.
/// </summary>
internal static class InterventionDecider
{
    public static Decided Decide(WatchState state, WatchCommand.Intervention c, Context context)
    {
        if (state.Interventions.TryGetValue(c.Id, out var known))
        {
            return known.What == What(c) && known.Seat == SeatOf(c) ? Decided.Accept(known) : Decided.Reject(WatchRejection.Other);
        }

        if (state.End is not null) return Decided.Reject(WatchRejection.Over);
        if (state.Interventions.Count >= WatchLimits.Interventions && c is not WatchCommand.Stop)
        {
            return Decided.Reject(WatchRejection.TooManyInterventions);
        }

        if (c.Seen is null && c is not (WatchCommand.Pause or WatchCommand.Stop)) return Decided.Reject(WatchRejection.Unseen);
        if (c.Seen is not null && c.Seen != state.Seen) return Decided.Reject(WatchRejection.Changed(state));
        if (Refusal(state, c) is { } refusal) return Decided.Reject(refusal);

        var did = new Intervened(c.Id, What(c), state.Interventions.Count + 1, c is WatchCommand.Say ? NumberOf(state) : state.Turn, SeatOf(c));
        var happened = Of(c, did);
        return WatchDecider.Ending(state.Evolve(happened, context.Now), TurnFinish.Said) is { } over ? Decided.Accept(did, happened, over) : Decided.Accept(did, happened);
    }

    private static Rejection? Refusal(WatchState state, WatchCommand.Intervention intervention) => intervention switch
    {
        WatchCommand.Pause => state.Pause is null ? null : WatchRejection.IsPaused(state),
        WatchCommand.Resume => state.Pause is null ? WatchRejection.NotPaused(state) : null,
        WatchCommand.Say c => Refusal(state, c),
        WatchCommand.Stop => null,
        _ when SeatOf(intervention) is not { } seat || seat < 0 || seat >= state.Seats.Length => WatchRejection.NoSuchSeat,
        WatchCommand.TakeSeat c => state.Seats[c.Seat].IsPersons ? WatchRejection.SeatIsPersons(state) : null,
        WatchCommand.LeaveSeat c => state.Seats[c.Seat].Model is null ? WatchRejection.NoModel : state.Seats[c.Seat].IsTaken ? null : WatchRejection.SeatIsModels(state),
        WatchCommand.RaiseBudget c => state.Seats[c.Seat].Model is null ? WatchRejection.NoModel
            : c.Micros > 0 && Money.InRange(c.Micros) && Money.InRange(state.Seats[c.Seat].BudgetMicros + c.Micros) ? null : WatchRejection.RaiseOutOfRange,
        _ => throw new UnreachableException(intervention.GetType().Name),
    };

    private static Rejection? Refusal(WatchState state, WatchCommand.Say c) =>
        c.Words.Utf8.Length > WatchLimits.WordsBytes ? WatchRejection.WordsTooLong
        : c.Seat < 0 || c.Seat >= state.Seats.Length ? WatchRejection.NoSuchSeat
        : state.Ahead is not null && (state.Under is not null || c.Seat is null) ? WatchRejection.WordsWait(state)
        : c.Seat is { } seat && seat != state.NextSeat ? WatchRejection.NotItsTurn(state)
        : NumberOf(state) > state.Plan!.Turns ? WatchRejection.NoTurnLeft(state)
        : null;

    /// <summary>Of what a person says now.</summary>
    private static int NumberOf(WatchState state) => state.Under is null ? state.Turn : state.Turn + 1;

    private static WatchEvent Of(WatchCommand.Intervention intervention, Intervened did) => intervention switch
    {
        WatchCommand.Pause => new WatchEvent.Paused(did),
        WatchCommand.Resume c => new WatchEvent.Resumed(did, c.SessionId),
        WatchCommand.Say c => new WatchEvent.Said(did) { Words = c.Words },
        WatchCommand.TakeSeat => new WatchEvent.SeatTaken(did),
        WatchCommand.LeaveSeat => new WatchEvent.SeatLeft(did),
        WatchCommand.Stop => new WatchEvent.Stopped(did),
        WatchCommand.RaiseBudget c => new WatchEvent.BudgetRaised(did, c.Micros),
        _ => throw new UnreachableException(intervention.GetType().Name),
    };

    private static Intervening What(WatchCommand.Intervention intervention) => intervention switch
    {
        WatchCommand.Pause => Intervening.Pause,
        WatchCommand.Resume => Intervening.Resume,
        WatchCommand.Say => Intervening.Say,
        WatchCommand.TakeSeat => Intervening.TakeSeat,
        WatchCommand.LeaveSeat => Intervening.LeaveSeat,
        WatchCommand.Stop => Intervening.Stop,
        WatchCommand.RaiseBudget => Intervening.RaiseBudget,
        _ => throw new UnreachableException(intervention.GetType().Name),
    };

    private static int? SeatOf(WatchCommand.Intervention intervention) => intervention switch
    {
        WatchCommand.Say c => c.Seat,
        WatchCommand.TakeSeat c => c.Seat,
        WatchCommand.LeaveSeat c => c.Seat,
        WatchCommand.RaiseBudget c => c.Seat,
        _ => null,
    };
}
