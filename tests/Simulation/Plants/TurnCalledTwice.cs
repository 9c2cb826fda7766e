using Agora.Core.Kernel;
using Agora.Core.Watches;

namespace Agora.Simulation.Plants;

/// <summary>Whoever asks for a turn has it, whoever has it already.</summary>
public sealed class TurnCalledTwice : WatchPlant
{
    public override string Name => "turn-called-twice";

    protected override Entity<WatchState, WatchCommand, WatchEvent> Instead(Entity<WatchState, WatchCommand, WatchEvent> watch) => watch with
    {
        Decide = static (state, command, context) => command is WatchCommand.BeginTurn c && state.Under is not null
            ? WatchDecider.Decide(state with { Under = null }, c with { Attempt = state.Attempts + 1 }, context)
            : WatchDecider.Decide(state, command, context),
    };
}
