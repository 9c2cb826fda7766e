using Agora.Core.Kernel;
using Agora.Core.Watches;

namespace Agora.Simulation.Plants;

/// <summary>An intervention is not known again, and what its person saw is not looked at.</summary>
public sealed class InterventionTwice : WatchPlant
{
    public override string Name => "intervention-twice";

    protected override Entity<WatchState, WatchCommand, WatchEvent> Instead(Entity<WatchState, WatchCommand, WatchEvent> watch) => watch with
    {
        Decide = static (state, command, context) => WatchDecider.Decide(state, command is WatchCommand.Intervention c ? c with { Seen = state.Seen } : command, context),
        Evolve = static (state, happened, at) => Forgetting(state.Evolve(happened, at), happened),
    };

    private static WatchState Forgetting(WatchState state, WatchEvent happened) => happened is not WatchEvent.Intervention { Did: var did } ? state
        : state with { Interventions = state.Interventions.Remove(did.Id).Add(Ids.Derive(DateTimeOffset.UnixEpoch, did.Id, did.Number), did) };
}
