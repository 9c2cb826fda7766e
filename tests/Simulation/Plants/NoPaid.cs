using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;

namespace Agora.Simulation.Plants;

/// <summary>That an agent does not do it is what it replied.</summary>
public sealed class NoPaid : Plant
{
    public override string Name => "no-paid";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(
                state, command is ConversationCommand.Say { Saying.ContentType: AgentCaller.Problem } no ? no with { Saying = no.Saying with { ContentType = "application/json" } } : command, context),
        },
        _ => entity,
    };
}
