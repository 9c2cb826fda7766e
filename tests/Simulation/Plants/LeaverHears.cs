using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Who left a conversation is told what is said there afterwards.</summary>
public sealed class LeaverHears : Plant
{
    public override string Name => "leaver-hears";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Evolve = static (state, happened, at) => happened is ConversationEvent.Left left && state.Evolve(happened, at) is { } after
                ? after with { Members = after.Members.SetItem(left.AgentId, after.Members[left.AgentId] with { Until = null }) } : state.Evolve(happened, at),
        },
        _ => entity,
    };
}
