using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>What the provider counted is posted, also beyond what was held.</summary>
public sealed class CostUnbounded : Plant
{
    public override string Name => "cost-unbounded";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide, Evolve = Evolve },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) =>
        SessionDecider.Decide(command is RunCommand.EndCall { End.Standing: CallStanding.Known } c ? Raised(state, c.RunId, c.End.CostMicros) : state, command, context);

    private static SessionState Evolve(SessionState state, LeafEvent happened, DateTimeOffset at) =>
        SessionEntity.Entity.Evolve(happened is RunEvent.Concluded { Model: not null } e ? Raised(state, e.RunId, e.AmountMicros) : state, happened, at);

    private static SessionState Raised(SessionState state, Guid runId, long cost) => state.Pending.TryGetValue(runId, out var run) && run.Calling is not null && cost > run.PriceMicros
        ? state with { Pending = state.Pending.SetItem(runId, run with { PriceMicros = cost }), Budget = state.Budget with { Held = state.Budget.Held + cost - run.PriceMicros } }
        : state;
}
