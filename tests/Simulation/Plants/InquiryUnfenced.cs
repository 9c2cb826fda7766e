using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A session that does not know a hold says void and leaves nothing that keeps the run's request from becoming durable after all.</summary>
public sealed class InquiryUnfenced : Plant
{
    public override string Name => "inquiry-unfenced";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, Hasty, WalletDecider>(engine, ports);

    private sealed class Hasty : Delegating<SessionDecider, SessionState, SessionCommand, SessionEvent>, IDecider<SessionState, SessionCommand, SessionEvent>
    {
        public static new Decision<SessionState, SessionEvent> Decide(SessionState state, SessionCommand command, Context context)
        {
            var decision = SessionDecider.Decide(state, command, context);
            return command is SessionCommand.Inquire && !decision.Events.IsEmpty ? Decision<SessionState, SessionEvent>.Query(decision.Answer!.Reply!) : decision;
        }
    }
}
