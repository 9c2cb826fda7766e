using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>Whoever is asked to raise a budget raises it also by a no.</summary>
public sealed class RaisedByDenial : Plant
{
    public override string Name => "raised-by-denial";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Evolve = Evolve },
        _ => entity,
    };

    private static SessionState Evolve(SessionState state, LeafEvent @event, DateTimeOffset at) =>
        SessionEntity.Entity.Evolve(state, @event is RunEvent.WaitEnded { Waited.BeyondBudget: true, Approval: ApprovalState.Denied } denied ? denied with { RaisedMicros = denied.Waited.MaxMicros } : @event, at);
}
