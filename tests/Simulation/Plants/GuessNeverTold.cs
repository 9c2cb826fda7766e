using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Where the user names another fund than the guessed one, nobody tells that one to void: the sponsor's money stays held until it asks by itself.</summary>
public sealed class GuessNeverTold : Plant
{
    public override string Name => "guess-never-told";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context)
    {
        var decision = SessionDecider.Decide(state, command, context);
        LeafEvent? chosen = decision.Events switch
        {
            [RunEvent.FundChosen { Leaves: true } e] => e with { Leaves = false },
            [RunEvent.WalletChosen { Leaves: true } e] => e with { Leaves = false },
            _ => null,
        };
        if (chosen is null) return decision;

        var silent = Decision<SessionState, LeafEvent>.Did(chosen).Ride(decision.Riding).Then(decision.Steps[0]); // the fund that is asked; those after it tell
        return decision.Soft is { } soft ? silent.WithSoft(soft) : silent;
    }
}
