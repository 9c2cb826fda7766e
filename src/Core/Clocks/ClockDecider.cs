using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Clocks.ClockState, Agora.Core.Clocks.ClockEvent>;

namespace Agora.Core.Clocks;

/// <summary>
/// The clock of a tenant for tests.
/// <para>Rules. It goes forward only, each step and all of them together within bounds. A reset begins the next generation at the world's time; there are few in a day, for what is
/// left behind stays in the journal. A number of a generation is never used again.</para>
/// </summary>
public static class ClockDecider
{
    public static Decided Decide(ClockState state, ClockCommand command, Context context) => command switch
    {
        ClockCommand.Get => Decided.Query(state.View),
        ClockCommand.Advance c => Advance(state, c, context),
        ClockCommand.Reset => Reset(state, context),
        ClockCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(),
    };

    private static Decided Advance(ClockState state, ClockCommand.Advance c, Context context)
    {
        var now = context.Now + state.View.Offset;
        var by = c.By ?? c.To!.Value - now;
        if (by <= TimeSpan.Zero) return Decided.Reject(ClockRejection.NotForward(now));
        if (by > Limits.ClockStepMost) return Decided.Reject(ClockRejection.StepTooLong);
        if (state.View.Offset + by > Limits.ClockAheadMost) return Decided.Reject(ClockRejection.TooFar);

        var view = state.View with { Offset = state.View.Offset + by, UpdatedAt = context.Now };
        return Decided.Accept(view, new ClockEvent.Advanced(view));
    }

    private static Decided Reset(ClockState state, Context context)
    {
        var within = state.ResetsSince(context.Now - Limits.ClockDay);
        if (within.Length >= Limits.ResetsADay) return Decided.Reject(ClockRejection.TooManyResets(context.Now, within[0] + Limits.ClockDay));

        var view = new ClockView(state.View.Generation + 1, TimeSpan.Zero, context.Now);
        return Decided.Accept(view, new ClockEvent.GenerationBegun(view));
    }

    public static LateAnswer? Recall(ClockEvent @event, Guid commandId) => @event switch
    {
        ClockEvent.Advanced e => new(commandId, Answer.Of(e.View)),
        ClockEvent.GenerationBegun e => new(commandId, Answer.Of(e.View)),
        _ => throw new UnreachableException(),
    };
}
