using Agora.Core.Agents;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Of two cards the one that came last stands.</summary>
public sealed class OlderCardStands : Plant
{
    public override string Name => "older-card-stands";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<AgentState, AgentCommand, AgentEvent> agent => agent with
        {
            Decide = (state, command, context) => agent.Decide(
                command is AgentCommand.PutCard && state.Card is { } card ? state with { Card = card with { Signed = card.Signed with { Version = -1, Rotations = [], Hash = "" } } } : state, command, context),
        },
        _ => entity,
    };
}
