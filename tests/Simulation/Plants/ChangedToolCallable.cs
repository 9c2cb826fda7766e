using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Simulation.Plants;

/// <summary>Whoever asks what may be called is told whatever was ever approved, however it is offered now.</summary>
public sealed class ChangedToolCallable : Plant
{
    public override string Name => "changed-tool-callable";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UpstreamState, UpstreamCommand, UpstreamEvent> upstream => upstream with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UpstreamState, UpstreamEvent> Decide(UpstreamState state, UpstreamCommand command, Context context)
    {
        var decided = UpstreamDecider.Decide(state, command, context);
        return decided.Answer?.Reply is UpstreamAccess access
            ? Decision<UpstreamState, UpstreamEvent>.Query(access with { Callable = [.. state.Tools.Values.Select(kept => kept.Tool.Approved).OfType<OfferedTool>().Select(tool => new CallableTool(tool.Name, tool.Hash))] })
            : decided;
    }
}
