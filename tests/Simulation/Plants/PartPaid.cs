using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A part of a reply is the reply.</summary>
public sealed class PartPaid : Plant
{
    public override string Name => "part-paid";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(state, command is ConversationCommand.Say { Saying.More: true } part ? part with { Saying = part.Saying with { More = false } } : command, context),
        },
        _ => entity,
    };
}
