using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Whoever is blocked by a member is heard by it all the same.</summary>
public sealed class BlockedHeard : Plant
{
    public override string Name => "blocked-heard";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(command is ConversationCommand.Say ? state with { Blocks = [] } : state, command, context),
        },
        _ => entity,
    };
}
