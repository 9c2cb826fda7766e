using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Watches.WatchState, Agora.Core.Watches.WatchEvent>;

namespace Agora.Core.Watches;

/// <summary>
/// A dialogue decides whose turn it is, and what people did to it.
/// <para>Rules. A turn of a model is begun, durably, before its model is called, and by one driver, which alone calls: whoever comes after it looks what became of the call, and never makes it anew. Only when that has failed the turn
/// is called once more, as another run. What a call can cost is within what is left of its seat's budget before it is made. Where nothing can go on by itself the dialogue stands still, and asks.</para>
/// <para>An intervention is known by its id as long as the dialogue is there, and is taken in the dialogue that its person saw: of two at once one is taken, and the other is told. A turn under way goes on to its end whatever
/// comes, for it costs what it costs.</para>
/// </summary>
public static class WatchDecider
{
    public static Decided Decide(WatchState state, WatchCommand command, Context context) => command switch
    {
        WatchCommand.Tick => Decided.Accept(Nothing.Value),
        WatchCommand.Begin c => Begin(state, c, context),
        _ when state.Plan is null => Decided.Reject(WatchRejection.NotFound),
        WatchCommand.Get => Decided.Query(state.View),
        WatchCommand.BeginTurn c => TurnDecider.Begin(state, c, context),
        WatchCommand.HoldTurn c => TurnDecider.Hold(state, c, context),
        WatchCommand.EndTurn c => TurnDecider.End(state, c, context),
        WatchCommand.FailTurn c => TurnDecider.Fail(state, c, context),
        WatchCommand.Intervention c => InterventionDecider.Decide(state, c, context),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    /// <summary>Interventions are told by their events; all else by the state, for what was done once changes nothing again.</summary>
    public static LateAnswer? Recall(WatchEvent happened, Guid commandId) => happened is WatchEvent.Intervention e ? new(commandId, Answer.Of(e.Did)) : null;

    private static Decided Begin(WatchState state, WatchCommand.Begin c, Context context)
    {
        if (state.Plan is not null) return state.AgentId == c.AgentId ? Decided.Accept(state.View) : Decided.Reject(WatchRejection.Exists);
        if (Refusal(c.Plan) is { } refusal) return Decided.Reject(refusal);
        if (c.Brief.Utf8.Length > WatchLimits.BriefBytes) return Decided.Reject(WatchRejection.BriefTooLong);

        return Happened(state, context, new WatchEvent.Begun(c.AgentId, c.SessionId, c.Plan) { Brief = c.Brief });
    }

    private static Rejection? Refusal(WatchPlan plan) =>
        plan.Seats.Count is < WatchLimits.SeatsLeast or > WatchLimits.Seats ? WatchRejection.Seats
        : plan.Seats.All(seat => seat.Model is null) ? WatchRejection.NoModels
        : plan.Seats.Any(seat => seat.Model is null ? seat.BudgetMicros != 0 : !Money.InRange(seat.BudgetMicros)) ? WatchRejection.Budgets
        : plan.Turns is < 1 or > WatchLimits.Turns ? WatchRejection.Turns
        : plan.PaceSeconds is < 0 or > WatchLimits.PaceSeconds ? WatchRejection.Pace
        : plan.SilentTurns is < 0 or > WatchLimits.SilentTurns ? WatchRejection.Silence
        : null;

    internal static Decided Happened(WatchState state, Context context, params ReadOnlySpan<WatchEvent> events)
    {
        foreach (var happened in events)
        {
            state = state.Evolve(happened, context.Now);
        }

        return Decided.Accept(state.View, events);
    }

    /// <summary>Why the dialogue is over by its plan, when a turn is; null: it goes on, or is over already.</summary>
    internal static WatchEvent.Ended? Ending(WatchState state, TurnFinish finish) =>
        state.End is not null ? null
        : finish == TurnFinish.StopWord ? new(Watches.Ending.StopWord)
        : state.Turn > state.Plan!.Turns ? new(Watches.Ending.Turns)
        : state.Plan.SilentTurns > 0 && state.Silent >= state.Plan.SilentTurns ? new(Watches.Ending.Silence)
        : null;
}
