using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A call of which nobody knows what it cost is taken for one that was not sent.</summary>
public sealed class UnknownUnsent : Plant
{
    public override string Name => "unknown-unsent";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state, command is RunCommand.EndCall { End: { Standing: CallStanding.Unknown } end } c ? c with { End = end with { Standing = CallStanding.Unsent } } : command, context);
}
