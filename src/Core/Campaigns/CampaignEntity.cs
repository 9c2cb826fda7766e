using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Campaigns;

/// <summary>A sponsor's escrow, and the task that it pays for.</summary>
public static class CampaignEntity
{
    public const string Kind = Kinds.Campaign;

    public static Entity<CampaignState, CampaignCommand, CampaignEvent> Entity { get; } = new(Kind)
    {
        Events = CampaignCodec.Events,
        Commands = CampaignCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<CampaignView>("answer.campaign")
            .Case<FundReserved>("answer.campaign_reserved")
            .Case<CompletionCounted>("answer.completion_counted")
            .Case<CompletionUncounted>("answer.completion_uncounted")
            .Case<RewardClaimed>("answer.reward_claimed")
            .Case<RewardFollowed>("answer.reward_followed")
            .Case<RewardView>("answer.reward"),
        Tables = [.. CampaignTables.All, .. FundTables.All],
        Snapshots = new(4, CampaignCodec.Save, CampaignCodec.Restore) { Oldest = 3 }, // version 3 has no forgotten sources: what it leaves out is nothing
        Initial = CampaignState.Initial,
        Hear = static asked => asked is NodeCommand node ? new CampaignCommand.Node(node) : null,
        Decide = CampaignDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Unfinished = CampaignDecider.Unfinished,
        IsUnfinished = CampaignDecider.IsUnfinished,
        Due = CampaignDecider.Due,
        Recall = CampaignDecider.Recall,
        Rows = CampaignTables.Rows,
        Tick = new CampaignCommand.Tick(),
    };
}
