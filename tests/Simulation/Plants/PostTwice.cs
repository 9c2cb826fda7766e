using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Simulation.Plants;

/// <summary>A campaign that forgets what it has posted: a Post that is sent again is paid again, while the escrow lasts.</summary>
public sealed class PostTwice : Plant
{
    public override string Name => "post-twice";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<CampaignState, CampaignCommand, CampaignEvent> campaign => campaign with { Decide = Decide, Evolve = Evolve },
        _ => entity,
    };

    private static Decided Decide(CampaignState state, CampaignCommand command, Context context) =>
        command is CampaignCommand.Node { Asked: NodeCommand.Post post } && state.Holds.Find(post.HoldId, context.Now) == HoldStanding.Posted
        && state.Escrow.CanReserve(post.AmountMicros) && ProviderIn(state) is not null
            ? Decided.Accept(new HoldEnded(post.HoldId, HoldStanding.Posted), new CampaignEvent.HoldPosted(post.HoldId, post.AmountMicros))
            : CampaignDecider.Decide(state, command, context);

    /// <summary>What is posted again is taken out of the escrow again, and owed again.</summary>
    private static CampaignState Evolve(CampaignState state, CampaignEvent happened, DateTimeOffset at) =>
        happened is CampaignEvent.HoldPosted posted && !state.Holds.Open.ContainsKey(posted.HoldId)
            ? CampaignEntity.Entity.Evolve(CampaignEntity.Entity.Evolve(state, HeldAgain(state, posted, at), at), happened, at)
            : CampaignEntity.Entity.Evolve(state, happened, at);

    private static CampaignEvent HeldAgain(CampaignState state, CampaignEvent.HoldPosted posted, DateTimeOffset at) =>
        new CampaignEvent.HoldReserved(posted.HoldId, "", posted.HoldId, "", posted.AmountMicros, ProviderIn(state)!, CampaignState.DayOf(at));

    private static string? ProviderIn(CampaignState state) => state.Dues.Payables.All.Keys.FirstOrDefault(wallet => wallet != state.SponsorWallet);
}
