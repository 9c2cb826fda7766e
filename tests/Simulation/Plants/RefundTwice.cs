using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A session that forgets which refunds it has taken: one that it is told again counts again.</summary>
public sealed class RefundTwice : Plant
{
    public override string Name => "refund-twice";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Forgetful, WalletDecider>(engine, ports);

    private sealed class Forgetful : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context) => SessionDecider.Decide(
            command is SessionCommand.TakeRefund told && told.AmountMicros <= state.Budget.Posted ? Without(state, told.TellId) : state, command, context);

        public static new SessionState Evolve(SessionState state, SessionEvent happened, DateTimeOffset at) =>
            SessionDecider.Evolve(happened is SessionEvent.RefundTaken taken ? Without(state, taken.TellId) : state, happened, at);

        private static SessionState Without(SessionState state, Guid tellId) => state with { Refunds = state.Refunds with { Open = state.Refunds.Open.Remove(tellId) } };
    }
}
