using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>An invitation takes two numbers.</summary>
public sealed class InvitedTwice : Plant
{
    public override string Name => "invited-twice";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Evolve = static (state, happened, at) => happened is ConversationEvent.Invited invited ? state.Evolve(happened, at) with { Last = invited.Number + 1 } : state.Evolve(happened, at),
        },
        _ => entity,
    };
}
