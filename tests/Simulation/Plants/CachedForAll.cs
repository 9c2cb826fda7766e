using Agora.Core.Cached;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A reply answers whoever asks the same, whatever user or tenant asks.</summary>
public sealed class CachedForAll : Plant
{
    public override string Name => "cached-for-all";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CachedState, CachedCommand, CachedEvent> cached => Of(cached, []),
        _ => entity,
    };

    private static Entity Of(Entity<CachedState, CachedCommand, CachedEvent> cached, Dictionary<string, CachedView> all) => cached with
    {
        Decide = (state, command, context) =>
        {
            var question = state.Stream.Id[..32];
            if (state.View is { FilledAt: not null } view)
            {
                all[question] = view;
            }

            return command is CachedCommand.Claim c && state.View is null && all.TryGetValue(question, out var others) && context.Now < others.FilledAt + TimeSpan.FromSeconds(c.MaxAgeSeconds)
                ? Decision<CachedState, CachedEvent>.Query(others)
                : CachedDecider.Decide(state, command, context);
        },
    };
}
