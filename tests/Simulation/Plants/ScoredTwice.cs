using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A score that a play has is not known: the next judge scores it anew.</summary>
public sealed class ScoredTwice : PlayPlant
{
    public override string Name => "scored-twice";

    protected override Entity<ChatState, ChatCommand, ChatEvent> Instead(Entity<ChatState, ChatCommand, ChatEvent> chat) => chat with
    {
        Decide = static (state, command, context) => ChatDecider.Decide(command is ChatCommand.Score && state.Play is { } play ? state with { Play = play with { Score = null } } : state, command, context),
    };
}
