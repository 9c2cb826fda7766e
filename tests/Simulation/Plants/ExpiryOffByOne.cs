using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session takes on runs, its own and those below it, for one second after it has expired.</summary>
public sealed class ExpiryOffByOne : Plant
{
    public override string Name => "expiry-off-by-one";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context)
    {
        if (command is not (RunCommand.RunService or SessionCommand.Node { Asked: NodeCommand.Reserve }))
        {
            return SessionDecider.Decide(state, command, context);
        }

        var decision = SessionDecider.Decide(state with { ExpiresAt = state.ExpiresAt.AddSeconds(1) }, command, context);
        return decision.Soft is { } soft ? decision.WithSoft(soft with { ExpiresAt = state.ExpiresAt }) : decision;
    }
}
