using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>The request of a run that may be called for once only rides as others do: after a crash a repeat calls for it again.</summary>
public sealed class OnceForgotten : Plant
{
    public override string Name => "once-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(state, command is RunCommand.RunService { Service: { Once: true } service } run ? run with { Service = service with { Once = false } } : command, context);
}
