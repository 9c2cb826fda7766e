using Agora.Core.Kernel;
using Agora.Core.Moves;

namespace Agora.Simulation.Plants;

/// <summary>A switch that is sent again under its key is done again, whoever was switched since.</summary>
public sealed class SwitchedAgain : MovePlant
{
    public override string Name => "switched-again";

    public override Entity Instead(Entity entity) => entity is Entity<MoveState, MoveCommand, MoveEvent> moves ? moves with { Recall = static (_, _) => null } : entity;
}
