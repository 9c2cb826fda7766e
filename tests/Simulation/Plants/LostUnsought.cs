using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Nobody looks for whoever calls a model and says nothing any more: what is held for it is held for ever.</summary>
public sealed class LostUnsought : Plant
{
    public override string Name => "lost-unsought";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide, Unfinished = static (state, now) => SessionDecider.Unfinished(Uncalled(state), now) },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(command is SessionCommand.Tick ? Uncalled(state) : state, command, context);

    private static SessionState Uncalled(SessionState state) => state with { Pending = state.Pending.RemoveRange(state.Pending.Values.Where(run => run.Calling is not null).Select(run => run.RunId)) };
}
