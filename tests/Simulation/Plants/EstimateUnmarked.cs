using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>What was held is posted for a call of which nobody knows, as if its provider had counted it.</summary>
public sealed class EstimateUnmarked : Plant
{
    public override string Name => "estimate-unmarked";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state, command is RunCommand.EndCall { End: { Standing: CallStanding.Unknown } end } c ? c with { End = end with { Standing = CallStanding.Known, CostMicros = long.MaxValue } } : command, context);
}
