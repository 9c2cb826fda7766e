using System.Text.Json;
using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>
/// One row a campaign, as of its last operator's act, or of when it passed into exhaustion or out of it: other runs do not write here (a hot campaign
/// would upsert its row with every batch), so escrow and completions may lag; whoever needs them now asks the campaign.
/// </summary>
public static class CampaignTables
{
    public static readonly Table Campaigns = new(
        "campaigns",
        2,
        "tenant",
        "campaign_id",
        "sponsor",
        "name",
        "type",
        "active",
        "closed",
        "starts_at",
        "ends_at",
        "definition",
        "funded_micros",
        "held_micros",
        "spent_micros",
        "remaining_micros",
        "completions",
        "updated_at",
        "short_micros");

    /// <summary>One row for each completion that a reward was ever held for.</summary>
    public static readonly Table Rewards = new(
        "rewards", 2, "tenant", "completion_id", "campaign_id", "user_id", "agent_id", "amount_micros", "state", "pays_at", "reason", "updated_at");

    public static IReadOnlyList<Table> All { get; } = [Campaigns, Rewards];

    public static IEnumerable<Row> Rows(CampaignState state, CampaignEvent @event, DateTimeOffset at) =>
        state is { HasTurned: true, Definition: { } definition } && @event is not (CampaignEvent.DefinitionPut or CampaignEvent.Funded or CampaignEvent.Closed or CampaignEvent.Credited)
            ? [Row(state.Stream, state.View(definition)), .. RowsOf(state, @event, at)]
            : RowsOf(state, @event, at);

    private static IEnumerable<Row> RowsOf(CampaignState state, CampaignEvent @event, DateTimeOffset at) => @event switch
    {
        CampaignEvent.Credited when state.Definition is { } definition => [Row(state.Stream, state.View(definition)), Book(state, at)],
        CampaignEvent.DefinitionPut e => [Row(state.Stream, e.View)],
        CampaignEvent.Funded e => [Row(state.Stream, e.View), Book(state, at)],
        CampaignEvent.Closed e => [Row(state.Stream, e.View), Book(state, at)],
        CampaignEvent.TransferSent or CampaignEvent.Credited => [Book(state, at)],
        CampaignEvent.CompletionCounted { Reward: not null } e => [Pending(state, e.CompletionId, at)],
        CampaignEvent.CompletionUncounted { Reward: { } view } => [Row(state.Stream, view, at)],
        CampaignEvent.RewardScheduled e => [Pending(state, e.CompletionId, at)],
        CampaignEvent.RewardPaid e => [Row(state.Stream, e.View, at)],
        CampaignEvent.RewardDisputed e => [Row(state.Stream, e.View, at)],
        CampaignEvent.RewardReleased e => [Pending(state, e.View.CompletionId, at)],
        CampaignEvent.RewardReturned e => [Row(state.Stream, e.View, at)],
        _ => [],
    };

    private static Row Book(CampaignState state, DateTimeOffset at) => FundTables.Row(state.Stream, state.Book, state.Escrow.Held, at);

    private static Row Pending(CampaignState state, Guid completionId, DateTimeOffset at) =>
        Row(state.Stream, state.View(state.Rewards.Open[completionId], RewardStates.Pending), at);

    private static Row Row(StreamId stream, RewardView reward, DateTimeOffset at) => Rewards.Row(
        stream.Tenant,
        reward.CompletionId.ToString("D"),
        reward.CampaignId,
        reward.UserId,
        reward.AgentId,
        reward.AmountMicros,
        reward.State,
        reward.PaysAt?.ToMicros(),
        reward.Reason,
        at.ToMicros());

    private static Row Row(StreamId stream, CampaignView view) => Campaigns.Row(
        stream.Tenant,
        stream.Id,
        view.Definition.Sponsor,
        view.Definition.Task.Name,
        view.Definition.Task.Type,
        view.Definition.Active ? 1L : 0L,
        view.Closed ? 1L : 0L,
        view.Definition.StartsAt?.ToMicros(),
        view.Definition.EndsAt?.ToMicros(),
        JsonSerializer.Serialize(view.Definition, StoredJson.Options),
        view.Escrow.FundedMicros,
        view.Escrow.HeldMicros,
        view.Escrow.SpentMicros,
        view.Escrow.RemainingMicros,
        view.Completions,
        view.UpdatedAt.ToMicros(),
        view.ShortMicros);
}
