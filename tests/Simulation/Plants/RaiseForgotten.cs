using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>When the user's terms come anew, what the user raised a session's budget by is gone.</summary>
public sealed class RaiseForgotten : Plant
{
    public override string Name => "raise-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Evolve = static (state, happened, at) => SessionEntity.Entity.Evolve(state with { RaisedMicros = 0 }, happened, at) },
        _ => entity,
    };
}
