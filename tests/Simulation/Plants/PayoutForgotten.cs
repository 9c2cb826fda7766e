using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>What a campaign owes waits for its time, and then nobody sends it.</summary>
public sealed class PayoutForgotten : Plant
{
    public override string Name => "payout-forgotten";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CampaignState, CampaignCommand, CampaignEvent> campaign => campaign with
        {
            Decide = Decide,
            Unfinished = (state, now) => CampaignDecider.Unfinished(state, now).Where(step => step.Target is not StepTarget.Later),
        },
        _ => entity,
    };

    private static Decision<CampaignState, CampaignEvent> Decide(CampaignState state, CampaignCommand command, Context context)
    {
        var decision = CampaignDecider.Decide(state, command, context);
        return decision with { Steps = [.. decision.Steps.Where(step => step.Target is not StepTarget.Later)] };
    }
}
