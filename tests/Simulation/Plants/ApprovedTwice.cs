using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session does not remember that a run was approved: it goes on waiting, and begins again with the next approval.</summary>
public sealed class ApprovedTwice : Plant
{
    public override string Name => "approved-twice";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, SessionCommand, SessionEvent> session => session with { Evolve = Evolve },
        _ => entity,
    };

    private static SessionState Evolve(SessionState state, SessionEvent @event, DateTimeOffset at) => @event is SessionEvent.RunApproved
        ? SessionEntity.Entity.Evolve(state, @event, at) with { Approvals = state.Approvals }
        : SessionEntity.Entity.Evolve(state, @event, at);
}
