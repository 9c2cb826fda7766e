using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session that does not know a hold says void and leaves nothing that keeps the run's request from becoming durable after all.</summary>
public sealed class InquiryUnfenced : Plant
{
    public override string Name => "inquiry-unfenced";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context)
    {
        var decision = SessionDecider.Decide(state, command, context);
        return command is SessionCommand.Node { Asked: NodeCommand.Inquire } && !decision.Events.IsEmpty ? Decision<SessionState, LeafEvent>.Query(decision.Answer!.Reply!) : decision;
    }
}
