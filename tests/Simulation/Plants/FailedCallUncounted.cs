using Agora.Core.Watches;

namespace Agora.Simulation.Plants;

/// <summary>What a call cost of which nothing came is not counted.</summary>
public sealed class FailedCallUncounted : WatchPlant
{
    public override string Name => "failed-call-uncounted";

    protected override Core.Kernel.Entity<WatchState, WatchCommand, WatchEvent> Instead(Core.Kernel.Entity<WatchState, WatchCommand, WatchEvent> watch) => watch with
    {
        Decide = static (state, command, context) => WatchDecider.Decide(state, command is WatchCommand.FailTurn c ? c with { CostMicros = 0 } : command, context),
    };
}
