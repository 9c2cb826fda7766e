using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A message that is sent again as a dead letter is not counted.</summary>
public sealed class DayMiscounted : Plant
{
    public override string Name => "day-miscounted";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Evolve = static (state, happened, at) => happened is ConversationEvent.Said { Requeues: not null } ? state.Evolve(happened, at) with { Days = state.Days } : state.Evolve(happened, at),
        },
        _ => entity,
    };
}
