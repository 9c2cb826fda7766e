using Agora.Core.Clocks;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A clock says that it was advanced, and forgets it with its process.</summary>
public sealed class AdvanceUnwritten : Plant
{
    public override string Name => "advance-unwritten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ClockState, ClockCommand, ClockEvent> clock => clock with { Decide = Decide },
        _ => entity,
    };

    private static Decision<ClockState, ClockEvent> Decide(ClockState state, ClockCommand command, Context context) =>
        ClockDecider.Decide(state, command, context) is { Events: [ClockEvent.Advanced { View: var view }] }
            ? Decision<ClockState, ClockEvent>.Query(view).WithSoft(state with { View = view })
            : ClockDecider.Decide(state, command, context);
}
