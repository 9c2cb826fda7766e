using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A request comes back to whom it is made on behalf of.</summary>
public sealed class CycleSaid : Plant
{
    public override string Name => "cycle-said";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(
                command is ConversationCommand.Say { Saying.Path: { } path } ? state with { Members = state.Members.RemoveRange(path) } : state,
                command,
                context),
        },
        _ => entity,
    };
}
