using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A model may be called when user and fund hold what it can cost: the sessions above are not waited for.</summary>
public sealed class PermitUnheld : Plant
{
    public override string Name => "permit-unheld";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state.Pending.Values.Where(run => run.Model is not null).Aggregate(state, Agreed), command, context);

    private static SessionState Agreed(SessionState state, PendingRun run) => state with { Pending = state.Pending.SetItem(run.RunId, run with { Agreed = state.AllAgreed }) };
}
