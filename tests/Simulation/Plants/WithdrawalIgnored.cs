using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A campaign that is told of a withdrawn consent says that it has heard, and pays the reward all the same.</summary>
public sealed class WithdrawalIgnored : Plant
{
    public override string Name => "withdrawal-ignored";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CampaignState, CampaignCommand, CampaignEvent> campaign => campaign with { Decide = Decide },
        _ => entity,
    };

    private static Decision<CampaignState, CampaignEvent> Decide(CampaignState state, CampaignCommand command, Context context) => command is CampaignCommand.ReturnReward told
        ? Decision<CampaignState, CampaignEvent>.Accept(new RewardFollowed(told.CompletionId))
        : CampaignDecider.Decide(state, command, context);
}
