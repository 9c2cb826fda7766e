using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A conversation that is loaded anew does not know by their ids which messages it has.</summary>
public sealed class DedupForgotten : Plant
{
    public override string Name => "dedup-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with { Recall = (happened, commandId) => happened is ConversationEvent.Said ? null : talk.Recall(happened, commandId) },
        _ => entity,
    };
}
