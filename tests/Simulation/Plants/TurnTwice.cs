using System.Collections.Immutable;
using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>What is said again under the same id is said twice.</summary>
public sealed class TurnTwice : Plant
{
    public override string Name => "turn-twice";

    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Chats = true };

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<ChatState, ChatCommand, ChatEvent> chat => chat with { Decide = Decide },
        _ => entity,
    };

    private static Decision<ChatState, ChatEvent> Decide(ChatState state, ChatCommand command, Context context) =>
        ChatDecider.Decide(command is ChatCommand.Ask ? state with { Turns = state.Turns.Select(static turn => turn with { Id = Guid.Empty }).ToImmutableList() } : state, command, context);
}
