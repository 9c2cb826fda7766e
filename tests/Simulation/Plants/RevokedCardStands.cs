using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A card that was revoked is put again, and counts.</summary>
public sealed class RevokedCardStands : Plant
{
    public override string Name => "revoked-card-stands";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<AgentState, AgentCommand, AgentEvent> agent => agent with
        {
            Decide = (state, command, context) => agent.Decide(
                command is AgentCommand.PutCard && state.Card is { } card ? state with { Card = card with { Signed = card.Signed with { Revocation = null } } } : state, command, context),
        },
        _ => entity,
    };
}
