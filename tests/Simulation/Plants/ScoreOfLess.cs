using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>What a judge reads goes on to be said in, until it has been judged.</summary>
public sealed class ScoreOfLess : PlayPlant
{
    public override string Name => "score-of-less";

    protected override Entity<ChatState, ChatCommand, ChatEvent> Instead(Entity<ChatState, ChatCommand, ChatEvent> chat) => chat with
    {
        Decide = static (state, command, context) => command is ChatCommand.EndPlay ? Decision<ChatState, ChatEvent>.Accept(Nothing.Value) : ChatDecider.Decide(state, command, context),
    };
}
