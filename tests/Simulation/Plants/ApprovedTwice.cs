using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session does not remember that a run was approved: it goes on waiting, and begins again with the next approval.</summary>
public sealed class ApprovedTwice : Plant
{
    public override string Name => "approved-twice";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Evolve = Evolve },
        _ => entity,
    };

    private static SessionState Evolve(SessionState state, LeafEvent @event, DateTimeOffset at) => @event is RunEvent.Approved
        ? SessionEntity.Entity.Evolve(state, @event, at) with { Approvals = state.Approvals }
        : SessionEntity.Entity.Evolve(state, @event, at);
}
