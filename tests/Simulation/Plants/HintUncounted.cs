using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A hint that was given does not count any more.</summary>
public sealed class HintUncounted : PlayPlant
{
    public override string Name => "hint-uncounted";

    protected override Entity<ChatState, ChatCommand, ChatEvent> Instead(Entity<ChatState, ChatCommand, ChatEvent> chat) => chat with
    {
        Evolve = static (state, happened, at) => state.Evolve(happened, at) is { Play: { } play } after && happened is ChatEvent.HintGiven e ? after with { Play = play with { Hints = play.Hints.Remove(e.Id) } } : state.Evolve(happened, at),
    };
}
