using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>An agent whose card was revoked is still there to be asked.</summary>
public sealed class RevokedAsked : Plant
{
    public override string Name => "revoked-asked";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<AgentState, AgentCommand, AgentEvent> agent => agent with
        {
            Decide = (state, command, context) => agent.Decide(
                command is AgentCommand.GetPresence && state.Card is { } card ? state with { Card = card with { Signed = card.Signed with { Revocation = null } } } : state, command, context),
        },
        _ => entity,
    };
}
