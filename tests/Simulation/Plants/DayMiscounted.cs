using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A day is counted without its dead letters.</summary>
public sealed class DayMiscounted : Plant
{
    public override string Name => "day-miscounted";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ConversationState, ConversationCommand, ConversationEvent> talk => talk with
        {
            Decide = (state, command, context) => talk.Decide(
                command is ConversationCommand.Tick ? state with { Days = [.. state.Days.Select(static count => count with { Dead = 0 })] } : state, command, context),
        },
        _ => entity,
    };
}
