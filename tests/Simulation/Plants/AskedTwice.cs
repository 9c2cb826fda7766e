using Agora.Core.Cached;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Who asks what is being asked calls as well.</summary>
public sealed class AskedTwice : Plant
{
    public override string Name => "asked-twice";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CachedState, CachedCommand, CachedEvent> cached => cached with { Decide = Decide },
        _ => entity,
    };

    private static Decision<CachedState, CachedEvent> Decide(CachedState state, CachedCommand command, Context context) =>
        CachedDecider.Decide(command is CachedCommand.Claim && state.View is { FilledAt: null } ? state with { View = null } : state, command, context);
}
