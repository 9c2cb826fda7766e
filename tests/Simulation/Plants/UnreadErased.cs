using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A conversation is erased when its retention is over, whatever waits there.</summary>
public sealed class UnreadErased : Plant
{
    public override string Name => "unread-erased";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(
                command is ConversationCommand.Tick && state.ClosedAt?.AddSeconds(state.Limits.RetentionSeconds) <= context.Now ? state with { Waiting = state.Waiting.Clear(), Sooner = [] } : state, command, context),
        },
        _ => entity,
    };
}
