using Agora.Core.Clocks;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A clock says of a tenant that was reset what it said before: whoever asks goes on in the former generation.</summary>
public sealed class ResetUnheard : Plant
{
    public override string Name => "reset-unheard";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ClockState, ClockCommand, ClockEvent> clock => clock with { Decide = Decide },
        _ => entity,
    };

    private static Decision<ClockState, ClockEvent> Decide(ClockState state, ClockCommand command, Context context) => command is ClockCommand.Get && state.View.Generation > 1
        ? Decision<ClockState, ClockEvent>.Query(new ClockView(state.View.Generation - 1, TimeSpan.Zero))
        : ClockDecider.Decide(state, command, context);
}
