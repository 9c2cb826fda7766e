using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>A session that forgets which refunds it has taken: one that it is told again counts again.</summary>
public sealed class RefundTwice : Plant
{
    public override string Name => "refund-twice";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = Decide, Evolve = Evolve },
        _ => entity,
    };

    private static Decision<SessionState, LeafEvent> Decide(SessionState state, LeafCommand command, Context context) => SessionDecider.Decide(
        command is SessionCommand.Node { Asked: NodeCommand.TakeRefund told } && told.AmountMicros <= state.Budget.Posted ? Without(state, told.TellId) : state, command, context);

    private static SessionState Evolve(SessionState state, LeafEvent happened, DateTimeOffset at) =>
        SessionEntity.Entity.Evolve(happened is SessionEvent.RefundTaken taken ? Without(state, taken.TellId) : state, happened, at);

    private static SessionState Without(SessionState state, Guid tellId) => state with { Refunds = state.Refunds with { Open = state.Refunds.Open.Remove(tellId) } };
}
