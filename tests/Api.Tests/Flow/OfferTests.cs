using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Flow;

/// <summary>What is offered after a limit or an operator refused, and beside what advances the flow: each is taken as it is offered.</summary>
public sealed class OfferTests
{
    private const string Run = "/agent/services/summary/run";
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":30},"total_limit_cents":1000}""";

    [Fact]
    public async Task A_cap_that_leaves_nothing_says_when_its_day_is_over()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":25}""")).Expect(200);
        var token = await Completed(api);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        var refused = (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""", ("Idempotency-Key", "k"))).Refused(403, "budget_exceeded");

        var (first, seconds) = (refused.NextActions[0], refused.Error.GetProperty("retry_after_seconds").GetInt32());
        Assert.Equal(("run_service", "k", """{"input":{"text":"Another."}}"""), (Text(first, "action"), Text(first, "idempotency_key"), first.GetProperty("body").GetRawText()));
        Assert.InRange(seconds, 1, 86_400);
        Assert.InRange(first.GetProperty("not_before").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddSeconds(seconds - 60), DateTimeOffset.UtcNow.AddSeconds(seconds));
    }

    [Fact]
    public async Task A_cap_that_is_smaller_than_the_price_is_not_waited_for()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":24}""")).Expect(200);

        var refused = (await api.Client.Post(Run, await Completed(api), Support.Catalogue.Input)).Refused(403, "budget_exceeded");

        Assert.Equal((JsonValueKind.Null, "flow_status"), (refused.Error.GetProperty("retry_after_seconds").ValueKind, refused.ActionNames[0]));
    }

    [Fact]
    public async Task A_budget_that_is_used_up_under_a_grant_with_room_leads_to_another_session()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await PutGrant(api);
        var token = await Open(api);
        await api.Client.Complete(token);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        var first = (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""")).Refused(403, "budget_exceeded").NextActions[0];

        Assert.Equal(("auth", "/agent/auth"), (Text(first, "action"), Text(first, "endpoint")));
        (await api.Client.Post(Run, await Open(api), """{"input":{"text":"Another."}}""")).Expect(200);
    }

    [Fact]
    public async Task A_budget_that_nobody_granted_leads_to_no_other_session()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession(budgetCents: "24");
        await api.Client.Complete(token);

        Assert.DoesNotContain("auth", (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "budget_exceeded").ActionNames);
    }

    [Fact]
    public async Task A_sub_session_whose_budget_is_too_small_says_what_the_session_above_can_delegate()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var parent = await Completed(api);
        var child = (await api.Client.Post("/agent/session/delegate", parent, """{"agent_id":"agent-2","scopes":{"budget_limit_cents":10}}""")).Expect(201).Data.GetProperty("token").GetString()!;

        var offered = (await api.Client.Post(Run, child, Support.Catalogue.Input)).Refused(403, "budget_exceeded").NextActions.Single(a => Text(a, "action") == "delegate_session");

        Assert.Equal("""{"agent_id":"agent-2","scopes":{"budget_limit_cents":25}}""", offered.GetProperty("body").GetRawText());
        var more = (await api.Client.Post(Text(offered, "endpoint"), parent, offered.GetProperty("body").GetRawText())).Expect(201).Data.GetProperty("token").GetString()!;
        (await api.Client.Post(Run, more, Support.Catalogue.Input)).Expect(200);
    }

    [Fact]
    public async Task A_reward_is_offered_to_be_held_after_the_task_itself_and_once()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":2,\"reward_cents\":3", StringComparison.Ordinal))).Expect(200);
        var token = await api.Client.OpenSession();

        var task = (await api.Client.Get("/agent/tasks/survey", token)).Expect(200);
        Assert.Equal(["complete_task", "claim_task"], task.ActionNames);
        Assert.Contains("claim_task", (await api.Client.Get("/agent/flow/status", token)).Expect(200).ActionNames);
        var claimed = (await api.Client.Post(Text(task.NextActions[1], "endpoint"), token, null, ("Idempotency-Key", Text(task.NextActions[1], "idempotency_key")))).Expect(201);

        Assert.Equal(["complete_task"], claimed.ActionNames);
        Assert.DoesNotContain("claim_task", (await api.Client.Get("/agent/flow/status", token)).Expect(200).ActionNames);
    }

    [Fact]
    public async Task A_reward_of_the_agents_own_owner_is_not_offered()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"owner\":\"acme\",\"reward_cents\":3", StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"acme"}""")).Expect(200);

        Assert.Equal(["complete_task"], (await api.Client.Get("/agent/tasks/survey", await api.Client.OpenSession())).Expect(200).ActionNames);
    }

    [Fact]
    public async Task A_search_leads_to_a_task_too_where_as_many_services_as_are_offered_stand_before_it()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        foreach (var id in new[] { "s1", "s2", "s3" }) (await api.Client.Admin(HttpMethod.Put, $"/admin/services/{id}", Support.Catalogue.Service)).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("{\"service_id\":\"summary\",", "{\"service_id\":\"s1\"},{\"service_id\":\"s2\"},{\"service_id\":\"s3\",", StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/other", Support.Catalogue.Campaign)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/other/fund", """{"amount_cents":1000}""", ("Idempotency-Key", "fund-2"))).Expect(200);
        var token = await Completed(api);

        Assert.Equal(["run_service", "run_service", "run_service", "get_task"], (await api.Client.Get("/agent/services", token)).Expect(200).ActionNames.Take(4));
    }

    /// <summary>As the user's stream chooses: the campaign that ends first, then the one whose task was done first.</summary>
    [Theory]
    [InlineData(null, "survey")]
    [InlineData("2098-01-01T00:00:00Z", "later")]
    public async Task A_service_is_offered_with_the_campaign_that_would_pay_for_it(string? ends, string pays)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var later = ends is null ? Support.Catalogue.Campaign : Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", $"\"runs_per_completion\":2,\"ends_at\":\"{ends}\"", StringComparison.Ordinal);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/later", later)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/later/fund", """{"amount_cents":1000}""", ("Idempotency-Key", "fund-later"))).Expect(200);
        var token = await Completed(api);
        (await api.Client.Post("/agent/tasks/later/complete", token, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal(pays, Text(Assert.Single((await api.Client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("runnable_services").EnumerateArray()), "campaign_id"));
    }

    [Theory]
    [InlineData("/admin/agents/agent-1/stop", "start_agent")]
    [InlineData("/admin/users/user-1/pause", "resume_user")]
    public async Task What_an_operator_lifts_is_named_and_looked_at_again(string stop, string act)
    {
        await using var api = await RunningApi.Start();
        await PutGrant(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", "{}")).Expect(200);
        var token = await Open(api);
        (await api.Client.Admin(HttpMethod.Post, stop, """{"reason":"A test"}""")).Expect(200);

        foreach (var refused in new[] { await api.Client.Get("/agent/flow/status", token), await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1"}""") })
        {
            var first = refused.Refused(403, "session_suspended").NextActions[0];
            Assert.Contains(act, Text(first, "description"), StringComparison.Ordinal);
            Assert.True(first.GetProperty("not_before").GetDateTimeOffset() > DateTimeOffset.UtcNow);
        }
    }

    [Fact]
    public async Task Without_a_grant_an_agents_own_key_is_told_which_act_gives_one()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", "{}")).Expect(200);
        var key = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data.GetProperty("key").GetString();

        var refused = (await api.Client.Post("/agent/auth", key, """{"agent_id":"agent-1","user_id":"user-1"}""")).Refused(403, "grant_exceeded");

        Assert.Equal(("auth", "same_key"), (refused.ActionNames[0], Text(refused.Error, "retry")));
        Assert.Contains("put_grant", Text(refused.NextActions[0], "description"), StringComparison.Ordinal);
    }

    private static async Task PutGrant(RunningApi api)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Grant)).Expect(200);
    }

    private static async Task<string> Open(RunningApi api) =>
        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1"}""")).Expect(201).Data.GetProperty("token").GetString()!;

    private static async Task<string> Completed(RunningApi api)
    {
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        return token;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
