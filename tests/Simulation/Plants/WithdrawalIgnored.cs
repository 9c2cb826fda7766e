using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A campaign that is told of a withdrawn consent says that it has heard, and pays the reward all the same.</summary>
public sealed class WithdrawalIgnored : Plant
{
    public override string Name => "withdrawal-ignored";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, Deaf, SessionDecider, WalletDecider>(engine, ports);

    private sealed class Deaf : Delegating<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, IDecider<CampaignState, CampaignCommand, CampaignEvent>
    {
        public static new Decision<CampaignState, CampaignEvent> Decide(CampaignState state, CampaignCommand command, Context context) => command is CampaignCommand.ReturnReward told
            ? Decision<CampaignState, CampaignEvent>.Accept(new RewardFollowed(told.CompletionId))
            : CampaignDecider.Decide(state, command, context);
    }
}
