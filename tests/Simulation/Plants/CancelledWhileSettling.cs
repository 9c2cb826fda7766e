using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A run is cancelled though its payment is being settled: its payer pays for what is not delivered.</summary>
public sealed class CancelledWhileSettling : Plant
{
    public override string Name => "cancelled-while-settling";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionEntity.Entity.Decide(command is RunCommand.Cancel c && state.Pending.TryGetValue(c.RunId, out var run) ? Forgetting(state, run) : state, command, context);

    private static SessionState Forgetting(SessionState state, PendingRun run) => state with { Pending = state.Pending.SetItem(run.RunId, run with { Stage = run.Stage.AsAsked() }) };
}
