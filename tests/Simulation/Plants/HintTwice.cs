using System.Collections.Immutable;
using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A hint that is asked for again under its key is another.</summary>
public sealed class HintTwice : PlayPlant
{
    public override string Name => "hint-twice";

    protected override Entity<ChatState, ChatCommand, ChatEvent> Instead(Entity<ChatState, ChatCommand, ChatEvent> chat) => chat with
    {
        Decide = static (state, command, context) => ChatDecider.Decide(
            command is ChatCommand.AskHint && state.Play is { } play ? state with { Play = play with { Hints = play.Hints.Select(static _ => Guid.Empty).ToImmutableList() } } : state, command, context),
    };
}
