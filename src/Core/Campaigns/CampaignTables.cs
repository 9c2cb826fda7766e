using System.Text.Json;
using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>
/// One row a campaign, as of its last operator's act: runs do not write here (a hot campaign would upsert its row with every
/// batch), so escrow and completions may lag; whoever needs them now asks the campaign.
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
        "updated_at");

    public static IEnumerable<Row> Rows(CampaignState state, CampaignEvent @event, DateTimeOffset at) => @event switch
    {
        CampaignEvent.DefinitionPut e => [Row(state.Stream, e.View)],
        CampaignEvent.Funded e => [Row(state.Stream, e.View), Book(state, at)],
        CampaignEvent.Closed e => [Row(state.Stream, e.View), Book(state, at)],
        CampaignEvent.TransferSent or CampaignEvent.Credited => [Book(state, at)],
        _ => [],
    };

    private static Row Book(CampaignState state, DateTimeOffset at) => FundTables.Row(state.Stream, state.Book, state.Escrow.Held, at);

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
        view.UpdatedAt.ToMicros());
}
