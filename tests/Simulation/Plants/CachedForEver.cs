using Agora.Core.Cached;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A reply answers equal requests however old it is.</summary>
public sealed class CachedForEver : Plant
{
    public override string Name => "cached-for-ever";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CachedState, CachedCommand, CachedEvent> cached => cached with { Decide = Decide },
        _ => entity,
    };

    private static Decision<CachedState, CachedEvent> Decide(CachedState state, CachedCommand command, Context context) =>
        CachedDecider.Decide(state, command is CachedCommand.Claim c ? c with { MaxAgeSeconds = 1_000_000 } : command, context);
}
