using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Simulation.Plants;

/// <summary>An approval is taken for one of whatever is offered when it comes, by whatever hash it was given.</summary>
public sealed class ApprovedUnseen : Plant
{
    public override string Name => "approved-unseen";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UpstreamState, UpstreamCommand, UpstreamEvent> upstream => upstream with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UpstreamState, UpstreamEvent> Decide(UpstreamState state, UpstreamCommand command, Context context) => UpstreamDecider.Decide(
        state, command is UpstreamCommand.Approve c && state.Tools.GetValueOrDefault(c.ServiceId)?.Tool.Offered is { } offered ? c with { Hash = offered.Hash } : command, context);
}
