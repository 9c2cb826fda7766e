using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Tokens of calls below a session are not held by it.</summary>
public sealed class TokensBelowUnheld : Plant
{
    public override string Name => "tokens-below-unheld";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) => SessionDecider.Decide(
        state, command is SessionCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfSession terms } asked } ? new SessionCommand.Node(asked with { Terms = terms with { Tokens = null } }) : command, context);
}
