using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A run is cancelled though its model is being called: what it costs is counted nowhere.</summary>
public sealed class CancelledWhileCalled : Plant
{
    public override string Name => "cancelled-while-called";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(command is RunCommand.Cancel c && state.Pending.TryGetValue(c.RunId, out var run) && run.Calling is { } calling ? Forgetting(state, run, calling) : state, command, context);

    private static SessionState Forgetting(SessionState state, PendingRun run, RunStage.Calling calling) => state with { Pending = state.Pending.SetItem(run.RunId, run with { Stage = calling.From }) };
}
