using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Simulation.Plants;

/// <summary>What services of an upstream have to be told of its new terms, or of its end, is told once: whoever crashes before is followed by nobody.</summary>
public sealed class PublicationForgotten : Plant
{
    public override string Name => "publication-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UpstreamState, UpstreamCommand, UpstreamEvent> upstream => upstream with { Evolve = Evolve },
        _ => entity,
    };

    private static UpstreamState Evolve(UpstreamState state, UpstreamEvent happened, DateTimeOffset at)
    {
        var after = state.Evolve(happened, at);
        return happened is UpstreamEvent.DefinitionPut or UpstreamEvent.Deleted
            ? after with { Tools = after.Tools.SetItems(after.Tools.Select(kept => KeyValuePair.Create(kept.Key, kept.Value with { Published = kept.Value.Wanted }))) }
            : after;
    }
}
