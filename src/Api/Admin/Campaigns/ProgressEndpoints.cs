using Agora.Api.Refunds;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Campaigns;

/// <summary>How far a campaign is: what it paid for, what was done and earned for it, and its money day by day. All of it is read from tables that are there for lists, each as far as a list counts.</summary>
internal sealed class ProgressEndpoints(IEntities entities, ITables tables, TableReader reader, IJournalReader journal) : IFeature
{
    public static readonly Operation<(string CampaignId, int Days)> Get = new(
        Audience.Operators, "get_campaign_progress", "GET /admin/campaigns/{campaign_id}/progress", "How far a campaign is: runs, completions and rewards, and its escrow by UTC day")
    {
        Owners = Role.Sponsor,
        Read = static call => (call.Id("campaign_id"), call.Query.Days("days", "So many days up to today.", Limits.CampaignDays, absent: Limits.CampaignDays)),
        Data = typeof(CampaignProgressData),
        Codes = [Codes.NotFound],
        DataExample = """{"campaign_id":"survey","steps":[{"step":"runs_paid","count":3},{"step":"completions","count":1},{"step":"completions_withdrawn","count":0},{"step":"rewards_pending","count":1},{"step":"rewards_disputed","count":0},{"step":"rewards_paid","count":0},{"step":"rewards_returned","count":0},{"step":"refusals","count":2}],"escrow":{"funded_cents":10000,"held_cents":50,"spent_cents":75,"remaining_cents":9875},"days":[{"day":"2030-01-01","funded_cents":10000,"payments":3,"amount_cents":75,"refunded_cents":0}]}""",
    };

    private static readonly string[] Rewards = [RewardStates.Pending, RewardStates.Disputed, RewardStates.Paid, RewardStates.Returned];

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<string> Steps { get; } = ["runs_paid", "completions", "completions_withdrawn", .. Rewards.Select(NameOf), "refusals"];

    public void Map(Routes routes) => routes.Map(Get, GetProgress);

    private async Task<Reply> GetProgress(OperatorCall call, (string CampaignId, int Days) asked)
    {
        var (id, cancel) = (asked.CampaignId, call.Cancel);
        var found = await entities.In(call.Tenant).Campaign(id).Send(new CampaignCommand.Get(), call.Fresh());
        if (found.Rejection is { } rejection) return Reply.Refused(rejection);

        var (view, own) = ((CampaignView)found.Reply!, reader.In(call.Tenant));
        var paid = await PaymentTotals.Of(tables, call.Tenant, null, null, "campaign_id", id, cancel);
        List<StepCountData> steps =
        [
            new("runs_paid", paid!.Value.Count), // they are always kept
            new("completions", view.Completions),
            new("completions_withdrawn", await own.Count(UserTables.Completions, ["completed_at", "completion_id"], TableReader.Is("campaign_id", id), TableReader.Is("consent_valid", 0L), cancel)),
        ];
        foreach (var state in Rewards)
        {
            steps.Add(new(NameOf(state), await own.Count(CampaignTables.Rewards, ["completion_id"], TableReader.Is("campaign_id", id), TableReader.Is("state", state), cancel)));
        }

        steps.Add(new("refusals", (await own.Page(RefusalRows.Refusals, new(0, 1), [new("refused_at", Descending: true)], cancel, TableReader.Is("campaign_id", id))).Total.Number));
        return Reply.Ok(new CampaignProgressData(id, steps, EscrowData.Of(view.Escrow), await Days(call, id, asked.Days)));
    }

    private async Task<IReadOnlyList<CampaignDayData>> Days(OperatorCall call, string id, int days)
    {
        var today = new DateTimeOffset(call.Now.UtcDateTime.Date, TimeSpan.Zero);
        var from = today.AddDays(1 - days);
        var (funded, shown) = (await Funded(call, id, from), new List<CampaignDayData>());
        await foreach (var (day, sums) in PaymentTotals.ByDay(tables, call.Tenant, from, today, ("campaign_id", id), call.Cancel))
        {
            shown.Add(new(DateOnly.FromDateTime(day.UtcDateTime), funded is null ? null : new(funded.GetValueOrDefault(PaymentTotals.DayOf(day))), sums.Count, new(sums.AmountMicros), new(sums.ReturnedMicros)));
        }

        return shown;
    }

    /// <summary>Who funds is an operator, whose act says how much: the table has which, and the journal row of each its amount. Null: they are more than are read.</summary>
    private async Task<Dictionary<long, long>?> Funded(OperatorCall call, string id, DateTimeOffset from)
    {
        var acts = await reader.In(call.Tenant).First(
            ActTables.Acts,
            [new("at", Descending: true)],
            [TableReader.Is("target_id", id), TableReader.Is("operation", CampaignEndpoints.Fund.StoredName), new("at", Comparison.AtLeast, from.ToMicros())],
            Limits.FundingsRead + 1,
            call.Cancel);
        if (acts.Count > Limits.FundingsRead) return null;

        var byDay = new Dictionary<long, long>();
        foreach (var row in acts)
        {
            var act = await journal.Act(row.Stream, row.Seq, Guid.ParseExact(row.Text("act_id"), "D"), call.Cancel);
            var day = PaymentTotals.DayOf(row.Time("at"));
            byDay[day] = byDay.GetValueOrDefault(day) + (act?.Changes?.FirstOrDefault(static change => change.Member == "amount_cents")?.ToMicros ?? 0);
        }

        return byDay;
    }

    private static string NameOf(string state) => $"rewards_{state}";
}

internal sealed record CampaignProgressData(string CampaignId, IReadOnlyList<StepCountData> Steps, EscrowData Escrow, IReadOnlyList<CampaignDayData> Days);

/// <param name="Count">Null: more than are counted.</param>
internal sealed record StepCountData(string Step, long? Count);

/// <param name="FundedCents">Null: it was funded more often than is added up.</param>
/// <param name="RefundedCents">Of what was paid that day.</param>
internal sealed record CampaignDayData(DateOnly Day, Cents? FundedCents, long Payments, Cents AmountCents, Cents RefundedCents);
