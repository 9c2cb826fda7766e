using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>What was acknowledged goes on waiting.</summary>
public sealed class AcknowledgementLost : Plant
{
    public override string Name => "acknowledgement-lost";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Evolve = static (state, happened, at) => happened is ConversationEvent.Acknowledged ? state : state.Evolve(happened, at),
        },
        _ => entity,
    };
}
