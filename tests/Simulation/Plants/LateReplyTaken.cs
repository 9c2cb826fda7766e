using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A reply that comes after its time answers the request all the same.</summary>
public sealed class LateReplyTaken : Plant
{
    public override string Name => "late-reply-taken";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(
                command is ConversationCommand.Say { Saying.ReplyTo: { } id } && state.Requests.TryGetValue(id, out var request)
                    ? state with { Requests = state.Requests.SetItem(id, request with { ReplyBy = DateTimeOffset.MaxValue }) } : state,
                command,
                context),
        },
        _ => entity,
    };
}
