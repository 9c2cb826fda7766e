using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>Whoever loads a user begins its links anew.</summary>
public sealed class EndedLinksStand : Plant
{
    public override string Name => "ended-links-stand";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Snapshots = user.Snapshots with { Restore = saved => user.Snapshots.Restore(saved) with { LinkGeneration = 0 } } },
        _ => entity,
    };
}
