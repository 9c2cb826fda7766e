using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session that is told what the grant of today leaves it says that it has heard, and goes on as it was opened.</summary>
public sealed class NarrowingIgnored : Plant
{
    public override string Name => "narrowing-ignored";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state, command is SessionCommand.Access { Told: AccessCommand.SetStanding told } ? (SessionCommand)(told with { Terms = null }) : command, context);
}
