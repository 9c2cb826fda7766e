using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Whether something was said since it was looked is not asked: two that import at once have the same stand here twice.</summary>
public sealed class ImportedTwice : MovePlant
{
    public override string Name => "imported-twice";

    public override Entity Instead(Entity entity) => entity is Entity<ChatState, ChatCommand, ChatEvent> chats
        ? chats with { Decide = static (state, command, context) => ChatDecider.Decide(state, command is ChatCommand.Import c ? c with { Known = state.Turns.Count } : command, context) }
        : entity;
}
