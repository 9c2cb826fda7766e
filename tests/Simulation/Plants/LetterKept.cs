using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A dead letter that was sent anew is there still, and is sent anew again.</summary>
public sealed class LetterKept : Plant
{
    public override string Name => "letter-kept";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Evolve = static (state, happened, at) => state.Evolve(happened is ConversationEvent.Said said ? said with { Requeues = null } : happened, at),
        },
        _ => entity,
    };
}
