using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Sessions;

/// <summary>What operators take from agents reaches the sessions that live: from the operator's reply on, at the session and below it.</summary>
public sealed class AccessTests
{
    private const string Wide = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";
    private const string Narrow = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["music"],"allowed_consents":["*"],"budget_limit_cents":40}}""";
    private const string Reason = """{"reason":"The user asked for it"}""";
    private const string Grant = "/admin/users/user-1/grants/agent-1";
    private const string Status = "/agent/flow/status";

    /// <summary>An erasure destroys the key to the hashes of bodies: by them the two requests cannot be told apart any more.</summary>
    [Theory]
    [InlineData("POST", "/pause", """{"reason":"Too much"}""")]
    [InlineData("POST", "/resume", """{"reason":"Enough"}""")]
    [InlineData("POST", "/link", "{}")]
    [InlineData("DELETE", "/grants/agent-1", null)]
    [InlineData("DELETE", "/raise", null)]
    [InlineData("PUT", "", """{"attributes":{}}""")]
    [InlineData("PATCH", "", """{"daily_cap_cents":1}""")]
    [InlineData("PUT", "/grants/agent-1", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""")]
    [InlineData("PATCH", "/grants/agent-1", """{"total_limit_cents":1}""")]
    [InlineData("PUT", "/raise", """{"daily_cap_cents":5,"until":"2999-01-01T00:00:00Z","reason":"More"}""")]
    [InlineData("POST", "/lower", """{"daily_cap_cents":1}""")]
    [InlineData("DELETE", "/consents/c-1", null)]
    public async Task The_key_of_a_users_erasure_is_refused_with_another_request(string method, string path, string? body)
    {
        await using var api = await RunningApi.Start();
        await api.Client.OpenSession();
        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data", null, ("Idempotency-Key", "k"))).Expect(200);

        (await api.Client.Admin(new(method), $"/admin/users/user-1{path}", body, ("Idempotency-Key", "k"))).Refused(409, Codes.IdempotencyConflict);
    }

    /// <summary>The hashes of bodies of the user's sessions are codes in the same key.</summary>
    [Fact]
    public async Task The_key_of_a_delegation_is_refused_with_a_run_after_the_users_erasure()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        (await api.Client.Post("/agent/session/delegate", token, """{"agent_id":"agent-2"}""", ("Idempotency-Key", "k"))).Expect(201);
        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Refused(409, Codes.IdempotencyConflict);
    }

    [Fact]
    public async Task Revoking_a_key_ends_what_it_opened_and_all_below_session_revoked()
    {
        await using var api = await Granted();
        var (key, id) = await Key(api);
        var (other, _) = await Key(api);
        var (root, below) = await Tree(api, key);
        var spared = await Opened(api, other);
        var vouched = await api.Client.OpenSession();

        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{id}")).Expect(200);

        (await api.Client.Get(Status, root)).Refused(401, "session_revoked");
        (await api.Client.Get(Status, below)).Refused(401, "session_revoked");
        (await api.Client.Post("/agent/auth", key, Body())).Refused(401, "unauthorized");
        (await api.Client.Get(Status, spared)).Expect(200);
        (await api.Client.Get(Status, vouched)).Expect(200);
    }

    [Fact]
    public async Task A_key_of_which_the_text_alone_is_known_is_found_among_its_agents_and_revoked()
    {
        await using var api = await Granted();
        await Key(api);
        var (leaked, id) = await Key(api);
        var agent = (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1")).Expect(200).Data;

        var listed = (await api.Client.Admin(HttpMethod.Get, agent.GetProperty("links").GetProperty("keys").GetString()!)).Expect(200);

        var keys = listed.Data.GetProperty("keys").EnumerateArray().ToList();
        var found = Assert.Single(keys, key => key.GetProperty("fingerprint").GetString() == Credentials.HexHash(leaked)[..16]);
        Assert.Equal((id, true), (found.GetProperty("key_id").GetString(), found.GetProperty("live").GetBoolean()));
        Assert.True(keys[0].GetProperty("created_at").GetDateTimeOffset() >= keys[1].GetProperty("created_at").GetDateTimeOffset());
        Assert.DoesNotContain(leaked.Split('.')[^2], listed.Json.GetRawText(), StringComparison.Ordinal);
        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{id}")).Expect(200);
        var after = (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray().Single(key => key.GetProperty("key_id").GetString() == id);
        Assert.False(after.GetProperty("live").GetBoolean());
        Assert.Equal(System.Text.Json.JsonValueKind.String, after.GetProperty("revoked_at").ValueKind);
        var acts = (await api.Client.Admin(HttpMethod.Get, $"/admin/acts?part_id={id}")).Expect(200).Data.GetProperty("acts").EnumerateArray();
        Assert.Equal(["revoke_agent_key", "issue_agent_key"], acts.Select(act => act.GetProperty("operation").GetString()));
        Assert.Equal("/admin/agents/agent-1/keys", (await api.Client.Admin(HttpMethod.Delete, "/admin/agents/agent-1/keys/none")).Refused(404, Codes.NotFound).NextActions[0].GetProperty("endpoint").GetString());
        (await api.Client.Admin(HttpMethod.Get, "/admin/agents/none/keys")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_narrower_grant_narrows_live_sessions_and_those_below_scope_violation()
    {
        await using var api = await Granted();
        await api.Client.Load();
        var (root, below) = await Tree(api, (await Key(api)).Key);

        (await api.Client.Admin(HttpMethod.Put, Grant, Narrow)).Expect(200);

        foreach (var token in new[] { root, below })
        {
            var session = (await api.Client.Get(Status, token)).Expect(200).Data;
            Assert.Equal("[\"music\"]", session.GetProperty("session").GetProperty("scopes").GetProperty("allowed_categories").GetRawText());
            Assert.Equal("40", session.GetProperty("budget").GetProperty("limit_cents").GetRawText());
            (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Refused(403, "scope_violation");
        }
    }

    [Fact]
    public async Task Ending_a_grant_ends_its_sessions_and_those_below_session_revoked()
    {
        await using var api = await Granted();
        var (key, _) = await Key(api);
        var (root, below) = await Tree(api, key);

        var ended = (await api.Client.Admin(HttpMethod.Delete, Grant)).Expect(200).Data;

        Assert.Equal("agent-1", ended.GetProperty("agent_id").GetString());
        (await api.Client.Get(Status, root)).Refused(401, "session_revoked");
        (await api.Client.Get(Status, below)).Refused(401, "session_revoked");
        (await api.Client.Post("/agent/auth", key, Body())).Refused(403, "grant_exceeded");
        (await api.Client.Admin(HttpMethod.Delete, Grant)).Refused(404, "not_found");
    }

    [Fact]
    public async Task A_grant_that_is_put_as_expired_ends_its_sessions_session_expired()
    {
        await using var api = await Granted();
        var (root, below) = await Tree(api, (await Key(api)).Key);

        (await api.Client.Admin(HttpMethod.Put, Grant, Wide[..^1] + ""","expires_at":"2020-01-01T00:00:00Z"}""")).Expect(200);

        (await api.Client.Get(Status, root)).Refused(401, "session_expired");
        (await api.Client.Get(Status, below)).Refused(401, "session_expired");
    }

    [Fact]
    public async Task Erasing_a_user_ends_every_session_and_none_is_opened_any_more()
    {
        await using var api = await Granted();
        var (root, below) = await Tree(api, (await Key(api)).Key);

        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

        (await api.Client.Get(Status, root)).Refused(401, "session_revoked");
        (await api.Client.Get(Status, below)).Refused(401, "session_revoked");
        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, Body())).Refused(404, "not_found");
    }

    [Fact]
    public async Task A_paused_users_sessions_are_suspended_until_the_user_is_resumed()
    {
        await using var api = await Granted();
        var (key, _) = await Key(api);
        var (root, below) = await Tree(api, key);

        Assert.True((await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/pause", Reason)).Expect(200).Data.GetProperty("paused").GetBoolean());

        (await api.Client.Get(Status, root)).Refused(403, "session_suspended");
        (await api.Client.Get(Status, below)).Refused(403, "session_suspended");
        (await api.Client.Post("/agent/auth", key, Body())).Refused(403, "session_suspended");
        Assert.True((await api.Client.Admin(HttpMethod.Get, "/admin/users")).Data.GetProperty("users")[0].GetProperty("paused").GetBoolean());

        Assert.False((await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/resume", Reason)).Expect(200).Data.GetProperty("paused").GetBoolean());
        (await api.Client.Get(Status, root)).Expect(200);
        (await api.Client.Get(Status, below)).Expect(200);
    }

    [Fact]
    public async Task Resuming_a_session_of_a_paused_user_says_that_it_is_suspended_and_the_user_paused()
    {
        await using var api = await Granted();
        var (root, below) = await Tree(api, (await Key(api)).Key);
        var id = (await api.Client.Get(Status, root)).Data.GetProperty("session").GetProperty("session_id").GetString();
        var idBelow = (await api.Client.Get(Status, below)).Data.GetProperty("session").GetProperty("session_id").GetString();
        (await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/pause", Reason)).Expect(200);
        Assert.Equal((true, true), await Standing("suspend", id));
        Assert.Equal((true, true), await Standing("resume", id));
        Assert.Equal((true, true), await Standing("resume", id));
        (await api.Client.Get(Status, root)).Refused(403, "session_suspended");

        (await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/resume", Reason)).Expect(200);
        Assert.Equal((false, false), await Standing("resume", id));
        Assert.Equal((true, false), await Standing("suspend", id));
        Assert.Equal((true, false), await Standing("resume", idBelow)); // that of the agent above stands

        async Task<(bool Suspended, bool UserPaused)> Standing(string act, string? session)
        {
            var data = (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/{act}", Reason)).Expect(200).Data;
            return (data.GetProperty("suspended").GetBoolean(), data.GetProperty("user_paused").GetBoolean());
        }
    }

    /// <summary>It hears nothing any more: what is said of it is said of its agent.</summary>
    [Fact]
    public async Task Suspending_through_a_session_that_is_over_says_that_its_agent_is_suspended()
    {
        await using var api = await Granted();
        var key = (await Key(api)).Key;
        var (root, _) = await Tree(api, key);
        var id = (await api.Client.Get(Status, root)).Data.GetProperty("session").GetProperty("session_id").GetString();
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{id}/end", Reason)).Expect(200);

        Assert.True((await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{id}/suspend", Reason)).Expect(200).Data.GetProperty("suspended").GetBoolean());
        (await api.Client.Post("/agent/auth", key, Body())).Refused(403, "session_suspended");
    }

    [Theory]
    [InlineData("/admin/users/user-1/pause")]
    [InlineData("/admin/users/user-1/resume")]
    [InlineData("/admin/agents/agent-1/stop")]
    [InlineData("/admin/agents/agent-1/start")]
    [InlineData("/admin/sessions/any/end")]
    public async Task An_act_without_a_body_is_told_which_member_is_missing_validation_failed(string route)
    {
        await using var api = await Granted();
        var refused = await api.Client.Admin(HttpMethod.Post, route);
        refused.Refused(422, "validation_failed");
        Assert.Contains("/reason", refused.Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_act_that_requires_no_member_no_body_is_needed()
    {
        await using var api = await Granted();
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys")).Expect(201);
    }

    [Fact]
    public async Task A_stopped_agent_acts_for_nobody_until_it_is_started()
    {
        await using var api = await Granted();
        var (key, _) = await Key(api);
        var first = await Opened(api, key);
        var elsewhere = await api.Client.OpenSession(user: "user-2");
        var other = await api.Client.OpenSession(user: "user-2", agent: "agent-2");

        Assert.True((await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", Reason)).Expect(200).Data.GetProperty("stopped").GetBoolean());

        (await api.Client.Get(Status, first)).Refused(403, "session_suspended");
        (await api.Client.Get(Status, elsewhere)).Refused(403, "session_suspended");
        (await api.Client.Get(Status, other)).Expect(200);
        foreach (var refused in new[] { await api.Client.Post("/agent/auth", key, Body()), await api.Client.Post("/agent/auth", RunningApi.PlatformKey, Body("user-3")) })
        {
            var look = refused.Refused(403, "session_suspended").NextActions[0];
            Assert.Equal("auth", look.GetProperty("action").GetString());
            Assert.Contains("start_agent", look.GetProperty("description").GetString(), StringComparison.Ordinal);
            Assert.True(look.TryGetProperty("not_before", out _));
        }

        Assert.False((await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/start", Reason)).Expect(200).Data.GetProperty("stopped").GetBoolean());
        (await api.Client.Get(Status, first)).Expect(200);
        (await api.Client.Get(Status, elsewhere)).Expect(200);
        (await api.Client.Post("/agent/auth", key, Body())).Expect(201);
    }

    [Fact]
    public async Task An_agent_that_came_by_the_platform_key_is_listed_and_has_a_page_and_is_stopped_by_its_id()
    {
        await using var api = await RunningApi.Start();
        var session = await api.Client.OpenSession(user: "user-1", agent: "buyer");

        var listed = (await api.Client.Admin(HttpMethod.Get, "/admin/agents")).Expect(200).Data.GetProperty("agents").EnumerateArray();
        Assert.Single(listed, agent => agent.GetProperty("agent_id").GetString() == "buyer");
        Assert.False((await api.Client.Admin(HttpMethod.Get, "/admin/agents/buyer")).Expect(200).Data.GetProperty("stopped").GetBoolean());
        (await api.Client.Admin(HttpMethod.Get, "/admin/agents/buyer/keys")).Expect(200);

        Assert.True((await api.Client.Admin(HttpMethod.Post, "/admin/agents/buyer/stop", Reason)).Expect(200).Data.GetProperty("stopped").GetBoolean());

        (await api.Client.Get(Status, session)).Refused(403, "session_suspended");
        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"buyer","user_id":"user-2"}""")).Refused(403, "session_suspended");
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/buyer/start", Reason)).Expect(200);
        (await api.Client.Get(Status, session)).Expect(200);
    }

    [Fact]
    public async Task An_agent_that_was_delegated_to_is_listed_and_is_stopped_by_its_id()
    {
        await using var api = await RunningApi.Start();
        var root = await api.Client.OpenSession(user: "user-1", agent: "planner");
        var below = (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"worker"}""")).Expect(201).Data.GetProperty("token").GetString()!;

        Assert.Contains((await api.Client.Admin(HttpMethod.Get, "/admin/agents")).Expect(200).Data.GetProperty("agents").EnumerateArray(), agent => agent.GetProperty("agent_id").GetString() == "worker");
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/worker/stop", Reason)).Expect(200);

        (await api.Client.Get(Status, below)).Refused(403, "session_suspended");
        (await api.Client.Get(Status, root)).Expect(200);
    }

    /// <summary>As earlier releases left it: a session, and no record of its agent.</summary>
    [Fact]
    public async Task An_agent_whose_session_was_opened_before_agents_were_recorded_is_stopped_by_its_id()
    {
        await using var api = await RunningApi.Start();
        var entities = api.Services.GetRequiredService<IEntities>();
        var answer = await entities.In(Tenant.Default).User("user-1").Send(new UserCommand.OpenSession("early", new(null, null, null, null), 1_000_000, 3600, true, Openers.Platform, 0, false, null), new(Guid.CreateVersion7()));
        var opened = (SessionOpened)answer.Reply!;
        var session = api.Services.GetRequiredService<SessionTokens>().Mint(Tenant.Default, opened.SessionId, opened.ExpiresAt);
        (await api.Client.Get(Status, session)).Expect(200);

        Assert.True((await api.Client.Admin(HttpMethod.Post, "/admin/agents/early/stop", Reason)).Expect(200).Data.GetProperty("stopped").GetBoolean());

        (await api.Client.Get(Status, session)).Refused(403, "session_suspended");
        Assert.True((await api.Client.Admin(HttpMethod.Get, "/admin/agents/early")).Expect(200).Data.GetProperty("stopped").GetBoolean());
    }

    [Fact]
    public async Task An_agent_that_never_acted_is_stopped_not_found()
    {
        await using var api = await RunningApi.Start();
        await api.Client.OpenSession(user: "user-1", agent: "buyer");

        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/buyr/stop", Reason)).Refused(404, "not_found");

        (await api.Client.Admin(HttpMethod.Get, "/admin/agents/buyr")).Refused(404, "not_found");
    }

    [Fact]
    public async Task A_user_that_the_platform_key_vouched_for_is_listed_and_is_paused_by_its_id()
    {
        await using var api = await RunningApi.Start();
        var session = await api.Client.OpenSession(user: "vouched", agent: "buyer");

        Assert.Contains((await api.Client.Admin(HttpMethod.Get, "/admin/users")).Expect(200).Data.GetProperty("users").EnumerateArray(), user => user.GetProperty("user_id").GetString() == "vouched");
        (await api.Client.Admin(HttpMethod.Post, "/admin/users/vouched/pause", Reason)).Expect(200);

        (await api.Client.Get(Status, session)).Refused(403, "session_suspended");
    }

    [Fact]
    public async Task A_stopped_agent_is_delegated_to_by_nobody_session_suspended()
    {
        await using var api = await Granted();
        var root = await api.Client.OpenSession(user: "user-2");
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-2", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/stop", Reason)).Expect(200);

        (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"agent-2"}""")).Refused(403, "session_suspended");

        (await api.Client.Get(Status, root)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/start", Reason)).Expect(200);
        (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"agent-2"}""")).Expect(201);
    }

    [Fact]
    public async Task A_stop_that_is_asked_again_reaches_a_sub_session_that_has_come_since()
    {
        await using var api = await Granted();
        var root = await api.Client.OpenSession(user: "user-2");
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-2", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/stop", Reason)).Expect(200);
        var id = (await api.Client.Get(Status, root)).Data.GetProperty("session").GetProperty("session_id").GetString()!;

        // As by an edge that had looked before the stop.
        var request = new RequestInfo("delegate_session", "POST /agent/session/delegate", "", api.Services.GetRequiredService<ApiOptions>().Policy);
        var delegated = await api.Services.GetRequiredService<IEntities>().Session(id).Send(new SessionCommand.Delegate(request, "agent-2", new(null, null, null, null), null, null), new(Guid.CreateVersion7()));
        var opened = (SessionOpened)delegated.Reply!;
        var below = api.Services.GetRequiredService<SessionTokens>().Mint(Tenant.Default, opened.SessionId, opened.ExpiresAt);
        (await api.Client.Get(Status, below)).Expect(200);

        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/stop", Reason)).Expect(200);

        (await api.Client.Get(Status, below)).Refused(403, "session_suspended");
    }

    /// <summary>It reached the edge's table of sessions too late to be told by whoever revoked the key, or stopped the agent: the edge looks once more.</summary>
    [Theory]
    [InlineData(true, "unauthorized")]
    [InlineData(false, "session_suspended")]
    public async Task Whoever_loses_its_key_or_is_stopped_while_its_session_is_opened_gets_no_token(bool revoked, string refused)
    {
        MeanwhileEntities? entities = null;
        await using var api = await Granted(inner => entities = new(inner));
        var (key, id) = await Key(api);
        entities!.AfterOpening = () => Take(api, revoked ? new AgentCommand.RevokeKey(id) : new AgentCommand.Stop("odd"));

        (await api.Client.Post("/agent/auth", key, Body())).Refused(revoked ? 401 : 403, refused);
    }

    [Fact]
    public async Task Whoever_is_vouched_for_and_stopped_while_its_session_is_opened_gets_no_token_session_suspended()
    {
        MeanwhileEntities? entities = null;
        await using var api = await Granted(inner => entities = new(inner));
        await Key(api);
        entities!.AfterOpening = () => Take(api, new AgentCommand.Stop("odd"));

        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, Body())).Refused(403, "session_suspended");
    }

    private static async Task Take(RunningApi api, AgentCommand command) =>
        Assert.Null((await api.Services.GetRequiredService<IEntities>().Agent("agent-1").Send(command, new(Guid.CreateVersion7()))).Rejection);

    [Fact]
    public async Task An_operator_ends_any_session_and_all_below_it()
    {
        await using var api = await Granted();
        var (root, below) = await Tree(api, (await Key(api)).Key);
        var id = (await api.Client.Get(Status, root)).Data.GetProperty("session").GetProperty("session_id").GetString();

        var ended = (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{id}/end", Reason)).Expect(200).Data;

        Assert.Equal(("agent-1", "user-1"), (ended.GetProperty("agent_id").GetString(), ended.GetProperty("user_id").GetString()));
        (await api.Client.Get(Status, root)).Refused(401, "session_revoked");
        (await api.Client.Post("/agent/services/summary/run", below, Support.Catalogue.Input)).Refused(401, "session_revoked");
        (await api.Client.Admin(HttpMethod.Post, "/admin/sessions/nobodys/end", Reason)).Refused(404, "not_found");
    }

    [Fact]
    public async Task No_session_outlives_the_key_that_opens_it()
    {
        await using var api = await Granted();
        var end = DateTimeOffset.UtcNow.AddMinutes(5);
        var issued = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", $$"""{"expires_at":"{{end:yyyy-MM-ddTHH:mm:ssZ}}"}""")).Expect(201).Data;

        var opened = (await api.Client.Post("/agent/auth", issued.GetProperty("key").GetString(), Body())).Expect(201).Data;

        Assert.True(opened.GetProperty("expires_at").GetDateTimeOffset() <= end);
    }

    [Fact]
    public async Task Forged_keys_and_made_up_ids_bring_nothing_to_life()
    {
        await using var api = await Granted();
        var (key, _) = await Key(api);
        var session = await Opened(api, key);
        var before = api.Activations;
        for (var n = 0; n < 200; n++)
        {
            (await api.Client.Post("/agent/auth", $"agk2_live_default.forged-{n}.AAAA.AAAA", Body())).Refused(401, "unauthorized");
            (await api.Client.Post("/agent/auth", $"agk_forged-{n}.AAAA", Body())).Refused(401, "unauthorized");
            (await api.Client.Post("/agent/auth", key, Body($"nobody-{n}"))).Refused(404, "not_found");
            (await api.Client.Post("/agent/wallet/transfer", session, $$"""{"to":"nobody-{{n}}","amount_cents":1}""", ("Idempotency-Key", $"k{n}"))).Refused(404, "not_found");
        }

        Assert.Equal(before, api.Activations);
    }

    [Fact]
    public async Task A_key_of_the_old_form_opens_sessions_until_it_is_revoked()
    {
        await using var api = await Granted();
        const string old = "agk_agent-1.c2VjcmV0";
        var issued = (KeyIssued)(await api.Services.GetRequiredService<IEntities>().Agent("agent-1").Send(new AgentCommand.IssueKey(Credentials.HexHash(old), null), new(Guid.CreateVersion7()))).Reply!;
        var session = await Opened(api, old);

        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{issued.KeyId}")).Expect(200);

        (await api.Client.Get(Status, session)).Refused(401, "session_revoked");
        (await api.Client.Post("/agent/auth", old, Body())).Refused(401, "unauthorized");
    }

    private static string Body(string user = "user-1") => $$"""{"agent_id":"agent-1","user_id":"{{user}}"}""";

    private static async Task<RunningApi> Granted(Func<IEntities, IEntities>? edge = null)
    {
        var api = await RunningApi.Start(edge: edge);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, Grant, Wide)).Expect(200);
        return api;
    }

    private static async Task<(string Key, string Id)> Key(RunningApi api)
    {
        var issued = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data;
        return (issued.GetProperty("key").GetString()!, issued.GetProperty("key_id").GetString()!);
    }

    private static async Task<string> Opened(RunningApi api, string key) => (await api.Client.Post("/agent/auth", key, Body())).Expect(201).Data.GetProperty("token").GetString()!;

    /// <summary>A session, and one that it has delegated to another agent.</summary>
    private static async Task<(string Root, string Below)> Tree(RunningApi api, string key)
    {
        var root = await Opened(api, key);
        return (root, (await api.Client.Post("/agent/session/delegate", root, """{"agent_id":"agent-2"}""")).Expect(201).Data.GetProperty("token").GetString()!);
    }
}
