using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Sessions;

public sealed class AuthTests
{
    private const string Grant = """{"scopes":{"allowed_task_types":["survey"],"allowed_data_types":["*"],"allowed_categories":["text"],"allowed_consents":["data_sharing"],"budget_limit_cents":50},"max_live_sessions":2}""";
    private const string Body = """{"agent_id":"agent-1","user_id":"user-1"}""";

    private const string FourScopes = """{"allowed_task_types":["survey"],"allowed_data_types":["preferences"],"allowed_categories":["text"],"budget_limit_cents":100}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_with_the_four_scopes_of_the_contract_finishes_a_task_that_asks_to_share_data(bool granted)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        if (granted)
        {
            (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
            (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", $$"""{"scopes":{{FourScopes}}}""")).Expect(200);
        }

        var auth = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, $$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{{FourScopes}}}""")).Expect(201).Data;
        Assert.Equal("[\"data_sharing\"]", auth.GetProperty("scopes").GetProperty("allowed_consents").GetRawText());
        await api.Client.Complete(auth.GetProperty("token").GetString()!);
    }

    [Fact]
    public async Task A_session_begins_and_ends_at_the_same_times_in_every_reply()
    {
        await using var api = await RunningApi.Start();
        var auth = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, $$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{{FourScopes}}}""")).Expect(201).Data;
        var token = auth.GetProperty("token").GetString()!;
        var below = (await api.Client.Post("/agent/session/delegate", token, """{"agent_id":"agent-2","expires_in_seconds":60}""")).Expect(201).Data;

        foreach (var opened in new[] { auth, below })
        {
            var seen = (await api.Client.Get("/agent/flow/status", opened.GetProperty("token").GetString())).Expect(200).Data.GetProperty("session");
            Assert.Equal(Times(opened), Times(seen));
        }

        static (string?, string?) Times(System.Text.Json.JsonElement session) => (session.GetProperty("created_at").GetString(), session.GetProperty("expires_at").GetString());
    }

    [Theory]
    [InlineData("contact")]
    [InlineData("retention")]
    public async Task Any_other_consent_has_to_be_asked_for_scope_violation(string consent)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("data_sharing", consent, StringComparison.Ordinal))).Expect(200);
        var token = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, $$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{{FourScopes}}}""")).Expect(201).Data.GetProperty("token").GetString()!;

        (await api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion.Replace("data_sharing", consent, StringComparison.Ordinal))).Refused(403, "scope_violation");
    }

    [Fact]
    public async Task An_agents_own_key_opens_a_session_with_all_of_its_grant()
    {
        await using var api = await RunningApi.Start();
        var key = await Granted(api);

        var opened = (await api.Client.Post("/agent/auth", key, Body)).Expect(201).Data;

        Assert.Equal("survey", opened.GetProperty("scopes").GetProperty("allowed_task_types")[0].GetString());
        Assert.Equal("50", opened.GetProperty("budget").GetProperty("remaining_cents").GetRawText());
        (await api.Client.Get("/agent/flow/status", opened.GetProperty("token").GetString())).Expect(200);
    }

    [Theory]
    [InlineData("""{"agent_id":"agent-1","user_id":"user-1","scopes":{"budget_limit_cents":50.0001}}""", 403, "grant_exceeded")]
    [InlineData("""{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_categories":["image"]}}""", 403, "grant_exceeded")]
    [InlineData("""{"agent_id":"agent-1","user_id":"user-2"}""", 404, "not_found")]
    [InlineData("""{"agent_id":"agent-2","user_id":"user-1"}""", 401, "unauthorized")]
    public async Task An_agents_own_key_cannot_go_beyond_its_grant(string body, int status, string code)
    {
        await using var api = await RunningApi.Start();
        var key = await Granted(api);

        (await api.Client.Post("/agent/auth", key, body)).Refused(status, code);
    }

    [Fact]
    public async Task One_live_session_more_than_the_grant_allows_is_refused_grant_exceeded()
    {
        await using var api = await RunningApi.Start();
        var key = await Granted(api);
        (await api.Client.Post("/agent/auth", key, Body)).Expect(201);
        (await api.Client.Post("/agent/auth", key, Body)).Expect(201);

        (await api.Client.Post("/agent/auth", key, Body)).Refused(403, "grant_exceeded");
    }

    [Fact]
    public async Task Whoever_lost_the_tokens_of_all_live_sessions_follows_the_first_next_action_and_the_oldest_session_ends_session_revoked()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var key = await Granted(api);
        var oldest = (await api.Client.Post("/agent/auth", key, Body)).Expect(201).Data.GetProperty("token").GetString()!;
        var second = (await api.Client.Post("/agent/auth", key, Body)).Expect(201).Data.GetProperty("token").GetString()!;

        var next = (await api.Client.Post("/agent/auth", key, Body)).Refused(403, "grant_exceeded").NextActions[0];
        Assert.Equal("{\"end_oldest\":true}", next.GetProperty("body").GetRawText());
        var token = (await api.Client.Post("/agent/auth", key, Body.Replace("}", ",\"end_oldest\":true}", StringComparison.Ordinal))).Expect(201).Data.GetProperty("token").GetString()!;

        (await api.Client.Get("/agent/services", token)).Expect(200);
        (await api.Client.Get("/agent/services", second)).Expect(200);
        (await api.Client.Post("/agent/services/summary/run", oldest, Support.Catalogue.Input)).Refused(401, "session_revoked");
    }

    [Fact]
    public async Task An_agent_that_opens_session_after_session_is_refused_rate_limited_whoever_vouches()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3);
        var key = await Granted(api);
        foreach (var (holder, body) in new[] { (key, Body.Replace("}", ",\"end_oldest\":true}", StringComparison.Ordinal)), (RunningApi.PlatformKey, $$"""{"agent_id":"agent-1","user_id":"user-2","scopes":{{FourScopes}}}""") })
        {
            for (var i = 0; i < 3; i++)
            {
                (await api.Client.Post("/agent/auth", holder, body)).Expect(201);
            }

            var refused = (await api.Client.Post("/agent/auth", holder, body)).Refused(429, "rate_limited");
            Assert.True(refused.Error.GetProperty("retry_allowed").GetBoolean());
            Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        }
    }

    [Fact]
    public async Task A_minute_of_openings_far_above_the_rate_suspends_the_pair_session_suspended()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3, floodFactor: 2);
        var key = await Granted(api);
        for (var i = 0; i < 7; i++)
        {
            await api.Client.Post("/agent/auth", key, Body);
        }

        (await api.Client.Post("/agent/auth", key, Body)).Refused(403, "session_suspended");
    }

    [Fact]
    public async Task What_asking_again_would_not_mend_is_not_offered_again()
    {
        await using var api = await RunningApi.Start();
        var key = await Granted(api);

        Assert.Equal(["start"], (await api.Client.Post("/agent/auth", key, Body.Replace("user-1", "user-9", StringComparison.Ordinal))).Refused(404, "not_found").ActionNames);
    }

    [Fact]
    public async Task A_wrong_key_leads_nowhere_for_no_request_under_it_would_succeed()
    {
        await using var api = await RunningApi.Start();

        Assert.Empty((await api.Client.Post("/agent/auth", "agk2_live_default.agent-1.bm90aGluZw.bm90aGluZw", Body)).Refused(401, "unauthorized").NextActions);
    }

    [Fact]
    public async Task Auth_repeated_with_its_key_gives_the_same_token_and_says_so()
    {
        await using var api = await RunningApi.Start();
        var key = await Granted(api);

        var first = (await api.Client.Post("/agent/auth", key, Body, ("Idempotency-Key", "auth-1"))).Expect(201);
        var second = (await api.Client.Post("/agent/auth", key, Body, ("Idempotency-Key", "auth-1"))).Expect(201);

        Assert.Equal(first.Data.GetProperty("token").GetString(), second.Data.GetProperty("token").GetString());
        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_revoked_agents_key_opens_nothing_unauthorized()
    {
        await using var api = await RunningApi.Start();
        var issued = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data;
        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{issued.GetProperty("key_id").GetString()}")).Expect(200);

        (await api.Client.Post("/agent/auth", issued.GetProperty("key").GetString(), Body)).Refused(401, "unauthorized");
    }

    [Fact]
    public async Task A_replayed_key_issue_does_not_show_the_key_again()
    {
        await using var api = await RunningApi.Start();

        var first = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}", ("Idempotency-Key", "k"))).Expect(201).Data;
        var second = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}", ("Idempotency-Key", "k"))).Expect(201).Data;

        Assert.Equal(first.GetProperty("key_id").GetString(), second.GetProperty("key_id").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.GetProperty("key").ValueKind);
    }

    private static async Task<string> Granted(RunningApi api)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Grant)).Expect(200);
        return (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
    }
}
