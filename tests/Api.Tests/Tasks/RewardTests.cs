using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Tasks;

public sealed class RewardTests
{
    private const string Campaign = "/admin/campaigns/survey";
    private const string Task = "/agent/tasks/survey";
    private const string Claim = Task + "/claim";

    [Fact]
    public async Task A_completed_task_pays_its_reward_into_the_agents_wallet()
    {
        await using var api = await Rewarding();
        var token = await api.Client.OpenSession();

        Assert.Equal("40", (await api.Client.Get(Task, token)).Expect(200).Data.GetProperty("reward_cents").GetRawText());
        Assert.Equal("40", (await api.Client.Get("/agent/tasks", token)).Expect(200).Data.GetProperty("tasks")[0].GetProperty("reward_cents").GetRawText());
        var done = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal("40 pending", Texts(done.Data.GetProperty("reward"), "amount_cents", "state"));
        Assert.NotEqual(JsonValueKind.Null, done.Data.GetProperty("reward").GetProperty("pays_at").ValueKind);
        var entry = await Arrived(api, token);
        Assert.Equal($"reward campaign/survey 40 40 {Id(done)}", Texts(entry, "kind", "counterparty", "amount_cents", "balance_cents", "reference"));
        Assert.Equal("40 0 0", await Totals(api));
        Assert.Equal("paid 40 agent-1 user-1", await Standing(api));
        Assert.Equal("0", (await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").GetRawText());
    }

    [Fact]
    public async Task What_was_claimed_and_done_is_repeated_when_its_campaign_rests_by_then()
    {
        await using var api = await Rewarding();
        var token = await api.Client.OpenSession();
        var claim = (await api.Client.Post(Claim, token, null, ("Idempotency-Key", "claim-1"))).Expect(201);
        var done = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion, ("Idempotency-Key", "done-1"))).Expect(201);
        (await api.Client.Admin(HttpMethod.Patch, Campaign, """{"active":false}""")).Expect(200);

        var claimed = (await api.Client.Post(Claim, token, null, ("Idempotency-Key", "claim-1"))).Expect(201);
        var repeated = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion, ("Idempotency-Key", "done-1"))).Expect(201);
        Assert.Equal((claim.Data.ToString(), "true", Id(done), "true"), (claimed.Data.ToString(), claimed.Header("Idempotent-Replayed"), Id(repeated), repeated.Header("Idempotent-Replayed")));
        Assert.Equal(("[]", "[\"summary\"]"), (repeated.Data.GetProperty("unlocked_services").GetRawText(), done.Data.GetProperty("unlocked_services").GetRawText()));
        Assert.Equal(["flow_status", "flow_status"], claimed.ActionNames.Concat(repeated.ActionNames));
        (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Refused(404, "not_found");
    }

    [Fact]
    public async Task A_claim_holds_the_reward_until_its_task_is_done_and_only_one_is_live()
    {
        await using var api = await Rewarding(",\"payout_delay_seconds\":3600", fundCents: "40");
        var (token, other) = (await api.Client.OpenSession(), await api.Client.OpenSession(user: "user-2"));

        var claim = (await api.Client.Post(Claim, token, null, ("Idempotency-Key", "claim-1"))).Expect(201);
        Assert.Equal("survey 40", Texts(claim.Data, "campaign_id", "reward_cents"));
        Assert.InRange(claim.Data.GetProperty("expires_at").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        var again = (await api.Client.Post(Claim, token, null, ("Idempotency-Key", "claim-1"))).Expect(201);
        Assert.Equal(("true", claim.Data.ToString()), (again.Header("Idempotent-Replayed"), again.Data.ToString()));

        var refused = (await api.Client.Post(Claim, token, null)).Refused(409, "duplicate_request");
        Assert.Equal(claim.Data.GetProperty("claim_id").ToString(), refused.Error.GetProperty("details").GetProperty("claim_id").ToString());
        (await api.Client.Post(Claim, other, null)).Refused(409, "rewards_exhausted");
        (await api.Client.Post(Task + "/complete", other, Support.Catalogue.Completion)).Refused(409, "rewards_exhausted");
        Assert.Equal("0 40 0", await Totals(api));

        var done = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201);
        Assert.Equal("40 pending", Texts(done.Data.GetProperty("reward"), "amount_cents", "state"));
        (await api.Client.Post(Claim, token, null)).Refused(409, "task_already_completed");
        Assert.Equal("0 40 0", await Totals(api));
    }

    [Fact]
    public async Task An_agent_of_the_sponsors_own_owner_is_told_that_it_earns_nothing()
    {
        await using var api = await Rewarding(",\"owner\":\"acme\"");
        var token = await api.Client.OpenSession();
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"acme"}""")).Expect(200);

        (await api.Client.Post(Claim, token, null)).Refused(403, "not_eligible");
        var done = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal("0 none", Texts(done.Data.GetProperty("reward"), "amount_cents", "state"));
        Assert.Equal(JsonValueKind.Null, done.Data.GetProperty("reward").GetProperty("pays_at").ValueKind);
        Assert.Contains("same owner", done.Data.GetProperty("reward").GetProperty("why_not").GetString(), StringComparison.Ordinal);
        Assert.Equal("0 0 0", await Totals(api));
        var stranger = await api.Client.OpenSession(user: "user-2", agent: "agent-2");
        Assert.Equal("40", (await api.Client.Post(Task + "/complete", stranger, Support.Catalogue.Completion)).Expect(201).Data.GetProperty("reward").GetProperty("amount_cents").GetRawText());
    }

    [Theory]
    [InlineData("agent-1")]
    [InlineData("agent-2")]
    public async Task Neither_through_another_name_nor_for_another_does_the_sponsors_own_owner_earn(string owned)
    {
        await using var api = await Rewarding(",\"owner\":\"acme\"");
        var root = await api.Client.OpenSession();
        (await api.Client.Admin(HttpMethod.Put, $"/admin/agents/{owned}", """{"owner":"acme"}""")).Expect(200);
        var below = (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"agent-2"}""")).Expect(201).Data.GetProperty("token").GetString()!;

        (await api.Client.Post(Claim, below, null)).Refused(403, "not_eligible");
        var done = (await api.Client.Post(Task + "/complete", below, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal("0 none", Texts(done.Data.GetProperty("reward"), "amount_cents", "state"));
    }

    [Fact]
    public async Task A_task_without_a_reward_says_nothing_of_one()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        Assert.Equal("0", (await api.Client.Get(Task, token)).Expect(200).Data.GetProperty("reward_cents").GetRawText());
        Assert.Equal(JsonValueKind.Null, (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201).Data.GetProperty("reward").ValueKind);
    }

    [Fact]
    public async Task A_disputed_reward_is_frozen_and_then_released_to_the_agent()
    {
        await using var api = await Rewarding(",\"payout_delay_seconds\":3600");
        var token = await api.Client.OpenSession();
        var id = await Earn(api, token);

        var disputed = (await Act(api, id, "dispute", "Odd.")).Expect(200);
        Assert.Equal("disputed Odd. 40", Texts(disputed.Data, "state", "reason", "amount_cents"));
        Assert.Equal(disputed.Data.ToString(), (await Act(api, id, "dispute", "Once more.")).Expect(200).Data.ToString());
        Assert.Equal("0 0 40", await Totals(api));

        var released = (await Act(api, id, "release", "Fine.")).Expect(200);
        Assert.Equal("paid Fine.", Texts(released.Data, "state", "reason"));
        Assert.Equal("reward 40", Texts(await Arrived(api, token), "kind", "amount_cents"));
        Assert.Equal("paid", (await Act(api, id, "release", "Fine.")).Expect(200).Data.GetProperty("state").GetString());
        (await Act(api, id, "return", "No.")).Refused(409, "duplicate_request");
        (await Act(api, id, "dispute", "No.")).Refused(409, "duplicate_request");
        Assert.Equal("40 0 0", await Totals(api));
    }

    [Fact]
    public async Task A_disputed_reward_that_is_returned_is_the_campaigns_again()
    {
        await using var api = await Rewarding(",\"payout_delay_seconds\":3600");
        var id = await Earn(api, await api.Client.OpenSession());
        (await Act(api, id, "return", "Too early.")).Refused(409, "duplicate_request");
        (await Act(api, id, "dispute", "Odd.")).Expect(200);

        Assert.Equal("returned", (await Act(api, id, "return", "Nonsense.")).Expect(200).Data.GetProperty("state").GetString());

        Assert.Equal("returned", (await Act(api, id, "return", "Nonsense.")).Expect(200).Data.GetProperty("state").GetString());
        (await Act(api, id, "release", "No.")).Refused(409, "duplicate_request");
        Assert.Equal("0 0 0", await Totals(api));
        Assert.Equal("1000", (await api.Client.Admin(HttpMethod.Get, Campaign)).Expect(200).Data.GetProperty("escrow").GetProperty("remaining_cents").GetRawText());
    }

    [Fact]
    public async Task A_consent_withdrawn_before_the_payout_gives_the_reward_back()
    {
        await using var api = await Rewarding(",\"payout_delay_seconds\":3600");
        var token = await api.Client.OpenSession();
        await Earn(api, token);
        var consent = (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();

        (await api.Client.Send(HttpMethod.Delete, $"/agent/consents/{consent}", token)).Expect(200);

        await Until(async () => (await Totals(api)) == "0 0 0");
        Assert.Equal("returned 40 agent-1 user-1", await Standing(api));
    }

    [Fact]
    public async Task Agents_are_put_read_and_listed()
    {
        await using var api = await RunningApi.Start();
        var put = (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"acme"}""")).Expect(200);
        Assert.Equal("agent-1 acme", Texts(put.Data, "agent_id", "owner"));
        Assert.Equal(put.Data.ToString(), (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"acme"}""")).Expect(200).Data.ToString());
        Assert.Equal(put.Data.WithoutLinks(), (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1")).Expect(200).Data.WithoutLinks());
        Assert.Equal(put.Data.ToString(), (await api.Client.Admin(HttpMethod.Get, "/admin/agents")).Expect(200).Data.GetProperty("agents")[0].ToString());
        Assert.Equal(JsonValueKind.Null, (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", "{}")).Expect(200).Data.GetProperty("owner").ValueKind);
    }

    private static async Task<RunningApi> Rewarding(string terms = "", string fundCents = "1000")
    {
        var api = await RunningApi.Start();
        await api.Client.Load(fundCents);
        (await api.Client.Admin(HttpMethod.Put, Campaign, Support.Catalogue.Campaign.TrimEnd()[..^1] + ",\"reward_cents\":40" + terms + "}")).Expect(200);
        return api;
    }

    /// <summary>Of a completion that the campaign knows to be for good.</summary>
    private static async Task<string> Earn(RunningApi api, string token)
    {
        var id = Id((await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201));
        await Until(async () => (await List(api)) is [var reward] && reward.GetProperty("pays_at").ValueKind != JsonValueKind.Null);
        return id;
    }

    private static Task<Received> Act(RunningApi api, string id, string act, string reason) =>
        api.Client.Admin(HttpMethod.Post, $"{Campaign}/rewards/{id}/{act}", $$"""{"reason":"{{reason}}"}""");

    /// <summary>What a campaign owes arrives by messages of its own, and is in the statement once it is durable.</summary>
    private static async Task<JsonElement> Arrived(RunningApi api, string token)
    {
        JsonElement entries = default;
        await Until(async () => (entries = (await api.Client.Get("/agent/wallet/statement", token)).Expect(200).Data.GetProperty("entries")).GetArrayLength() > 0);
        return entries[0];
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var late = new CancellationTokenSource(Hang.Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await holds())
        {
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    private static async Task<List<JsonElement>> List(RunningApi api) => [.. (await api.Client.Admin(HttpMethod.Get, $"{Campaign}/rewards")).Expect(200).Data.GetProperty("rewards").EnumerateArray()];

    private static async Task<string> Standing(RunningApi api) => Texts(Assert.Single(await List(api)), "state", "amount_cents", "agent_id", "user_id");

    private static async Task<string> Totals(RunningApi api) =>
        Texts((await api.Client.Admin(HttpMethod.Get, Campaign)).Expect(200).Data.GetProperty("rewards"), "paid_cents", "pending_cents", "disputed_cents");

    private static string Id(Received completed) => completed.Data.GetProperty("completion_id").GetString()!;

    private static string Texts(JsonElement data, params string[] names) => string.Join(' ', names.Select(n => data.GetProperty(n).ToString()));
}
