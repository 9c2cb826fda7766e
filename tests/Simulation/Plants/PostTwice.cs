using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Simulation.Plants;

/// <summary>A campaign that forgets what it has posted: a Post that is sent again is paid again, while the escrow lasts.</summary>
public sealed class PostTwice : Plant
{
    public override string Name => "post-twice";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, Forgetful>(engine, ports);

    private sealed class Forgetful : Delegating<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>, IDecider<CampaignState, CampaignCommand, CampaignEvent>
    {
        public static new Decided Decide(CampaignState state, CampaignCommand command, Context context)
        {
            var decided = CampaignDecider.Decide(state, command, context);
            return command is CampaignCommand.Post post && state.Holds.Find(post.HoldId, context.Now) == HoldStanding.Posted
                && state.Escrow.CanReserve(post.AmountMicros) && state.Payables.Keys.FirstOrDefault(w => w != state.SponsorWallet) is { } provider
                ? decided.AlsoFirst(Again(post, provider, context)).AlsoFirst(Hold(post, provider, context))
                : decided;
        }

        private static CampaignEvent Hold(CampaignCommand.Post post, string provider, Context context) =>
            new CampaignEvent.HoldReserved(post.HoldId, "", post.HoldId, "", post.AmountMicros, provider, CampaignState.DayOf(context.Now));

        private static CampaignEvent Again(CampaignCommand.Post post, string provider, Context context) =>
            new CampaignEvent.HoldPosted(post.HoldId, post.AmountMicros);
    }
}
