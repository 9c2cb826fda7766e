using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Whatever scopes and limit are asked for a sub-session are given.</summary>
public sealed class DelegationUnchecked : Plant
{
    public override string Name => "delegation-unchecked";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context)
    {
        if (command is not SessionCommand.Delegate) return SessionDecider.Decide(state, command, context);

        var wide = state with { Scopes = new(["*"], ["*"], ["*"], ["*"]), Budget = state.Budget.SetLimit(Limits.MaxMicros) };
        var decision = SessionDecider.Decide(wide, command, context);
        return decision.Soft is { } soft ? decision.WithSoft(soft with { Scopes = state.Scopes, Budget = state.Budget }) : decision;
    }
}
