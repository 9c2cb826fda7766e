using Agora.Core.Cached;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>The last reply answers whoever asks, whatever user or tenant, and whatever is asked: the key of the cache is too coarse.</summary>
public sealed class CachedForAll : Plant
{
    public override string Name => "cached-for-all";

    public override bool IsWide => true;

    // Each seed has a thread of its own.
    [ThreadStatic]
    private static CachedView? _last;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CachedState, CachedCommand, CachedEvent> cached => cached with { Decide = Decide },
        _ => entity,
    };

    private static Decision<CachedState, CachedEvent> Decide(CachedState state, CachedCommand command, Context context)
    {
        if (command is CachedCommand.Fill f && state.View is { FilledAt: null } open)
        {
            _last = open with { FilledAt = context.Now, CostMicros = f.CostMicros, Reply = f.Reply };
        }

        return command is CachedCommand.Claim c && _last is { FilledAt: { } filled } others && context.Now >= filled && context.Now < filled + TimeSpan.FromSeconds(c.MaxAgeSeconds)
            ? Decision<CachedState, CachedEvent>.Query(others)
            : CachedDecider.Decide(state, command, context);
    }
}
