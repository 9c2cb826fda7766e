using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Who asks again for a call that was made is not known again: it is held, and made, once more.</summary>
public sealed class CallForgotten : Plant
{
    public override string Name => "call-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Recall = Recall },
        _ => entity,
    };

    private static LateAnswer? Recall(LeafEvent happened, Guid commandId) =>
        SessionDecider.Recall(happened, commandId) is { } recalled ? recalled with { CommandId = recalled.Also ?? recalled.CommandId } : null;
}
