using Agora.Core.Kernel;
using Agora.Core.Moves;

namespace Agora.Simulation.Plants;

/// <summary>That a session has come is written each time it is said.</summary>
public sealed class CameTwice : MovePlant
{
    public override string Name => "came-twice";

    public override Entity Instead(Entity entity) => entity is Entity<MoveState, MoveCommand, MoveEvent> moves
        ? moves with { Decide = static (state, command, context) => MoveDecider.Decide(command is MoveCommand.Come c ? state with { Whole = state.Whole.Remove(c.Session) } : state, command, context) }
        : entity;
}
