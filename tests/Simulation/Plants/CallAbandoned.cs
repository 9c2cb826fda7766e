using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A restart voids a call that was under way, as it voids any other run.</summary>
public sealed class CallAbandoned : Plant
{
    public override string Name => "call-abandoned";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide, Unfinished = static (state, now) => SessionDecider.Unfinished(Uncalled(state), now) },
        _ => entity,
    };

    /// <summary>What a step came to is decided so; whatever somebody asks is decided as ever.</summary>
    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(SessionEntity.Entity.Commands.Knows(command.GetType()) ? state : Uncalled(state), command, context);

    private static SessionState Uncalled(SessionState state) => state.Pending.Values.Where(run => run.Calling is not null)
        .Aggregate(state, (others, run) => others with { Pending = others.Pending.SetItem(run.RunId, run with { Stage = run.Calling!.From }) });
}
