using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Admin.Campaigns;

/// <summary>What a campaign's completions earn: seen, disputed within the campaign's payout delay, and then released or returned.</summary>
internal sealed class RewardEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts) : IFeature
{
    private const string Example =
        """{"completion_id":"0198c0de-0000-7000-8000-000000000000","campaign_id":"survey","user_id":"user-1","agent_id":"agent-1","amount_cents":50,"state":"disputed","pays_at":"2030-01-01T01:00:00.000000Z","reason":"Answers that make no sense"}""";

    private static readonly string[] Conflicts = [.. AdminFlow.Mutation, Codes.DuplicateRequest];

    public static readonly Operation<(string CampaignId, Page Page)> List = new(Audience.Operators, "list_rewards", "GET /admin/campaigns/{campaign_id}/rewards", "Rewards of a campaign's completions, and how each stands")
    {
        Owners = Role.Sponsor,
        Read = static call => (call.Id("campaign_id"), call.Query.Page()),
        SubjectFirst = static _ => true,
        Data = typeof(RewardsData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"rewards":[{{Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<RewardAct> Dispute = new(Audience.Operators, "dispute_reward", "POST /admin/campaigns/{campaign_id}/rewards/{completion_id}/dispute", "Freeze a reward before it is paid")
    {
        Owners = Role.Sponsor,
        Read = RewardAct.Read,
        Data = typeof(RewardData),
        Codes = Conflicts,
        BodyExample = """{"reason":"Answers that make no sense"}""",
        DataExample = Example,
    };

    public static readonly Operation<RewardAct> Release = Dispute with
    {
        Name = "release_reward",
        Endpoint = "POST /admin/campaigns/{campaign_id}/rewards/{completion_id}/release",
        Summary = "End a dispute: the agent is paid at once",
        BodyExample = """{"reason":"Checked with the sponsor"}""",
        DataExample = Example.Replace("disputed", RewardStates.Paid, StringComparison.Ordinal),
    };

    public static readonly Operation<RewardAct> Return = Dispute with
    {
        Name = "return_reward",
        Endpoint = "POST /admin/campaigns/{campaign_id}/rewards/{completion_id}/return",
        Summary = "End a dispute: the campaign has the reward again",
        DataExample = Example.Replace("disputed", RewardStates.Returned, StringComparison.Ordinal),
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "No reward was ever held for such a completion of this campaign.");

    public void Map(Routes routes) => routes.Map(List, ListRewards).Map(Dispute, DisputeReward).Map(Release, ReleaseReward).Map(Return, ReturnReward);

    private async Task<Reply> ListRewards(OperatorCall call, (string CampaignId, Page Page) asked)
    {
        var (campaignId, page) = asked;
        if ((await entities.In(call.Tenant).Campaign(campaignId).Send(new CampaignCommand.Get(), call.Fresh())).Rejection is { } rejection)
        {
            return Reply.Refused(rejection);
        }

        if (call.Findings.Refusal is { } refusal) return Reply.Refused(refusal);

        var cancel = call.Cancel;
        var (rows, total) = await tables.In(call.Tenant).Page(CampaignTables.Rewards, page, [new("completion_id")], cancel, TableReader.Is("campaign_id", campaignId));
        var rewards = new List<RewardData>();
        foreach (var row in rows) rewards.Add(await Shown(call.Tenant, RewardData.Recorded(row), cancel));
        return Reply.Ok(new RewardsData(rewards, total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private Task<Reply> DisputeReward(OperatorCall call, RewardAct act) => Send(call, act, (id, reason, recorded) => new CampaignCommand.DisputeReward(id, reason, recorded));

    private Task<Reply> ReleaseReward(OperatorCall call, RewardAct act) => Send(call, act, (id, reason, recorded) => new CampaignCommand.EndDispute(id, Pays: true, reason, recorded));

    private Task<Reply> ReturnReward(OperatorCall call, RewardAct act) => Send(call, act, (id, reason, recorded) => new CampaignCommand.EndDispute(id, Pays: false, reason, recorded));

    private async Task<Reply> Send(OperatorCall call, RewardAct act, Func<Guid, string, RewardView?, CampaignCommand> command)
    {
        var (campaignId, id, reason) = act;
        if (!PathIds.IsGuid(id, out var completionId)) return Reply.Refused(NotFound);

        var cancel = call.Cancel;
        var row = await tables.In(call.Tenant).One(CampaignTables.Rewards, cancel, TableReader.Is("completion_id", completionId.ToString("D")), TableReader.Is("campaign_id", campaignId));
        var recorded = row is { } found ? RewardData.Recorded(found) : null;
        var said = recorded is null ? "" : await call.SaidOf(recorded.UserId, reason, texts); // what has no row has no reward to give a reason for
        return await call.Send<CampaignCommand, RewardView>(
            entities.In(call.Tenant).Campaign(campaignId), command(completionId, said, recorded), async (view, _) => Reply.Ok(await Shown(call.Tenant, view, cancel)));
    }

    private async Task<RewardData> Shown(Tenant tenant, RewardView view, CancellationToken cancel) => RewardData.Of(view) with { Reason = await texts.Open(tenant, view.Reason, cancel) };
}

/// <summary>An operator's word about a reward.</summary>
internal sealed record RewardAct(string CampaignId, string CompletionId, string Reason)
{
    public static RewardAct Read(Call call) => new(call.Id("campaign_id"), call.Id("completion_id"), AdminFlow.Reason(call));
}

internal sealed record RewardsData(IReadOnlyList<RewardData> Rewards, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="State">pending, disputed, paid, returned or void.</param>
/// <param name="PaysAt">When it is, or was, to be paid.</param>
/// <param name="Reason">Of an operator's last word.</param>
internal sealed record RewardData(
    Guid CompletionId, string CampaignId, string UserId, string AgentId, Cents AmountCents, string State, DateTimeOffset? PaysAt, string? Reason)
{
    public static RewardData Of(RewardView view) =>
        new(view.CompletionId, view.CampaignId, view.UserId, view.AgentId, new(view.AmountMicros), view.State, view.PaysAt, view.Reason);

    public static RewardView Recorded(NamedRow row) => new(
        Guid.Parse(row.Text("completion_id"), System.Globalization.CultureInfo.InvariantCulture),
        row.Text("campaign_id"),
        row.Text("user_id"),
        row.Text("agent_id"),
        row.Number("amount_micros"),
        row.Text("state"),
        row.OptionalTime("pays_at"),
        row.OptionalText("reason"));
}
