using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Sessions;

/// <summary>The tree of sessions as agents see it: what a sub-session may do, whose limit refuses, and what ends or suspends it.</summary>
public sealed class DelegationTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_sub_session_runs_within_its_parents_budget_and_the_parent_refuses_the_run_that_would_cross_it()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession(budgetCents: "40");
        await api.Client.Complete(root);

        var child = (await Delegate(api, root, "agent-2", """{"budget_limit_cents":40}""")).Expect(201).Data;
        var token = Token(child);
        var run = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        Assert.Equal("15", run.Header("Agora-Budget-Remaining-Cents"));
        await Eventually(async () => Budget(await api.Client.Get("/agent/flow/status", root)).GetProperty("spent_cents").GetInt32() == 25); // until then it is held there
        var sibling = Token((await Delegate(api, root, "agent-3")).Expect(201).Data);
        var refused = (await api.Client.Post(Run, sibling, """{"input":{"text":"Another."}}""")).Refused(403, "budget_exceeded");
        var details = refused.Error.GetProperty("details");
        Assert.Equal(Id(child, "parent_session_id"), details.GetProperty("node").GetProperty("id").GetString());
        Assert.Equal(("session", "session", 15), (details.GetProperty("node").GetProperty("kind").GetString(), details.GetProperty("limit").GetString(), details.GetProperty("remaining_cents").GetInt32()));
        Assert.Equal("15", refused.Header("Agora-Budget-Remaining-Cents"));
        Assert.Equal(0, Budget(await api.Client.Get("/agent/flow/status", sibling)).GetProperty("reserved_cents").GetInt32());
    }

    [Fact]
    public async Task What_is_left_out_is_as_in_the_parent_and_the_sub_session_is_a_session_of_its_own()
    {
        await using var api = await Loaded();
        var root = (await api.Client.Get("/agent/flow/status", await api.Client.OpenSession())).Data;
        var token = await api.Client.OpenSession(scopes: """["text","survey"]""");

        var child = (await Delegate(api, token, "agent-2")).Expect(201).Data;

        Assert.Equal("user-1", Id(child, "user_id"));
        Assert.Equal("agent-2", Id(child, "agent_id"));
        Assert.EndsWith("." + Id(child, "parent_session_id"), Id(child, "session_id"), StringComparison.Ordinal);
        Assert.Equal(["text", "survey"], child.GetProperty("scopes").GetProperty("allowed_categories").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(100, child.GetProperty("budget").GetProperty("remaining_cents").GetInt32());
        var status = (await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session");
        Assert.True(child.GetProperty("expires_at").GetDateTimeOffset() <= status.GetProperty("expires_at").GetDateTimeOffset().AddSeconds(1));
        Assert.NotEqual(Id(root.GetProperty("session"), "session_id"), Id(child, "parent_session_id"));
        var seen = (await api.Client.Admin(HttpMethod.Get, $"/admin/sessions/{Id(child, "session_id")}")).Expect(200).Data;
        Assert.Equal((Id(child, "parent_session_id"), 2), (Id(seen, "parent_session_id"), seen.GetProperty("depth").GetInt32()));
        var row = (await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data.GetProperty("sessions").EnumerateArray().Single(s => Id(s, "session_id") == Id(child, "session_id"));
        Assert.Equal((Id(child, "parent_session_id"), 2), (Id(row, "parent_session_id"), row.GetProperty("depth").GetInt32()));
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_is_the_same_sub_session()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();

        var first = (await Delegate(api, root, "agent-2", "{}", key: "d-1")).Expect(201);
        var again = (await Delegate(api, root, "agent-2", "{}", key: "d-1")).Expect(201);

        Assert.Equal(first.Data.ToString(), again.Data.ToString());
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        (await Delegate(api, root, "agent-3", "{}", key: "d-1")).Refused(409, "idempotency_conflict");
        Assert.Equal(2, (await api.Client.Get("/agent/session/tree", root)).Data.GetProperty("node_count").GetInt32());
    }

    /// <summary>A refusal is not kept under the key: the repeat is decided again, so it is no replay.</summary>
    [Fact]
    public async Task A_repeat_with_the_key_of_a_refused_delegation_is_decided_again()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();
        var child = (await Delegate(api, root, "agent-2")).Expect(201).Data;
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{Id(child, "session_id")}/suspend", """{"reason":"Checking"}""")).Expect(200);

        var (bySession, byUser) = ("""{"budget_limit_cents":101}""", "{}");
        foreach (var (scopes, key, code) in ((string, string, string)[])[(bySession, "d-1", "grant_exceeded"), (byUser, "d-2", "session_suspended")])
        {
            for (var time = 0; time < 2; time++)
            {
                Assert.Null((await Delegate(api, root, "agent-2", scopes, key: key)).Refused(403, code).Header("Idempotent-Replayed"));
            }
        }

        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{Id(child, "session_id")}/resume", """{"reason":"Checked"}""")).Expect(200);
        var opened = (await Delegate(api, root, "agent-2", key: "d-2")).Expect(201);
        var again = (await Delegate(api, root, "agent-2", key: "d-2")).Expect(201);
        Assert.Null(opened.Header("Idempotent-Replayed"));
        Assert.Equal((opened.Data.ToString(), "true"), (again.Data.ToString(), again.Header("Idempotent-Replayed")));
        Assert.Equal(3, (await api.Client.Get("/agent/session/tree", root)).Data.GetProperty("node_count").GetInt32());
    }

    [Theory]
    [InlineData("agent-2", """{"allowed_categories":["text","art"]}""", null, "allowed_categories")]
    [InlineData("agent-2", """{"allowed_task_types":["*"]}""", null, "allowed_task_types")]
    [InlineData("agent-2", """{"allowed_data_types":["secrets"]}""", null, "allowed_data_types")]
    [InlineData("agent-2", """{"allowed_consents":["contact"]}""", null, "allowed_consents")]
    [InlineData("agent-2", """{"budget_limit_cents":100.0001}""", null, "budget_limit_cents")]
    [InlineData("agent-2", "{}", 86_400, "expires_in_seconds")]
    [InlineData("agent-1", "{}", null, "cycle")]
    public async Task What_would_widen_is_refused_grant_exceeded_and_opens_nothing(string agent, string scopes, int? seconds, string exceeded)
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession(scopes: """["text"]""");
        await Expiring(api, root);

        var refused = (await Delegate(api, root, agent, scopes, seconds)).Refused(403, "grant_exceeded");

        Assert.Equal(exceeded, refused.Error.GetProperty("details").GetProperty("exceeded").GetString());
        Assert.Equal(1, (await api.Client.Get("/agent/session/tree", root)).Data.GetProperty("node_count").GetInt32());
    }

    [Fact]
    public async Task A_ninth_session_on_a_path_and_an_agent_that_stands_above_are_refused_grant_exceeded()
    {
        await using var api = await Loaded();
        var token = await api.Client.OpenSession();
        var root = token;
        for (var depth = 2; depth <= 8; depth++)
        {
            token = Token((await Delegate(api, token, $"agent-{depth}")).Expect(201).Data);
        }

        var tooDeep = (await Delegate(api, token, "agent-9")).Refused(403, "grant_exceeded");
        Assert.Equal("depth", Exceeded(tooDeep));
        Assert.Equal(["session_tree"], tooDeep.ActionNames); // no request of this session opens another one
        Assert.Equal("cycle", Exceeded((await Delegate(api, token, "agent-3")).Refused(403, "grant_exceeded")));
        var tree = (await api.Client.Get("/agent/session/tree", root)).Expect(200).Data;
        Assert.Equal(8, tree.GetProperty("node_count").GetInt32());
        Assert.False(tree.GetProperty("truncated").GetBoolean());
        var node = tree.GetProperty("tree");
        for (var depth = 1; depth < 8; depth++)
        {
            Assert.Equal(depth, node.GetProperty("depth").GetInt32());
            node = Assert.Single(node.GetProperty("children").EnumerateArray());
        }

        Assert.Equal("live", node.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_33rd_live_child_is_refused_and_one_that_ended_makes_room()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();
        var children = new List<string>();
        for (var i = 0; i < 32; i++)
        {
            children.Add(Token((await Delegate(api, root, "agent-2")).Expect(201).Data));
        }

        Assert.Equal("children", Exceeded((await Delegate(api, root, "agent-2")).Refused(403, "grant_exceeded")));

        (await api.Client.Send(HttpMethod.Delete, "/agent/session", children[0])).Expect(200);
        await Eventually(async () => (await Delegate(api, root, "agent-2")).Status == 201);
        Assert.Equal(33, (await api.Client.Get("/agent/session/tree", root)).Data.GetProperty("node_count").GetInt32());
    }

    [Fact]
    public async Task Ending_a_session_stops_runs_below_at_once_and_reads_below_within_a_second()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();
        await api.Client.Complete(root);
        var child = Token((await Delegate(api, root, "agent-2")).Expect(201).Data);
        var grandchild = Token((await Delegate(api, child, "agent-3")).Expect(201).Data);

        (await api.Client.Send(HttpMethod.Delete, "/agent/session", root)).Expect(200);

        (await api.Client.Post(Run, grandchild, Support.Catalogue.Input)).Refused(401, "session_revoked");
        await Eventually(async () => (await api.Client.Get("/agent/services", grandchild)) is { Status: 401, Code: "session_revoked" });
        (await Delegate(api, child, "agent-4")).Refused(401, "session_revoked");
        (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200);
    }

    [Fact]
    public async Task Suspending_a_session_suspends_all_below_and_resuming_lifts_it()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();
        await api.Client.Complete(root);
        var child = (await Delegate(api, root, "agent-2")).Expect(201).Data;
        var grandchild = Token((await Delegate(api, Token(child), "agent-3")).Expect(201).Data);
        var session = $"/admin/sessions/{Id(child, "parent_session_id")}";

        (await api.Client.Admin(HttpMethod.Post, $"{session}/suspend", """{"reason":"Checking"}""")).Expect(200);

        (await api.Client.Post(Run, grandchild, Support.Catalogue.Input)).Refused(403, "session_suspended");
        (await api.Client.Get("/agent/services", grandchild)).Refused(403, "session_suspended");
        (await Delegate(api, Token(child), "agent-4")).Refused(403, "session_suspended");

        (await api.Client.Admin(HttpMethod.Post, $"{session}/resume", """{"reason":"Checked"}""")).Expect(200);
        (await api.Client.Post(Run, grandchild, Support.Catalogue.Input)).Expect(200);
    }

    [Fact]
    public async Task Suspending_a_sub_sessions_agent_leaves_its_parent_alone()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession();
        var child = (await Delegate(api, root, "agent-2")).Expect(201).Data;

        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{Id(child, "session_id")}/suspend", """{"reason":"Checking"}""")).Expect(200);

        (await api.Client.Get("/agent/services", Token(child))).Refused(403, "session_suspended");
        (await api.Client.Get("/agent/services", root)).Expect(200);
        (await Delegate(api, root, "agent-2")).Refused(403, "session_suspended");
    }

    [Fact]
    public async Task Sub_sessions_share_the_rate_of_their_root()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 4);
        var root = await api.Client.OpenSession();
        var child = Token((await Delegate(api, root, "agent-2")).Expect(201).Data);
        Assert.Equal("2", (await api.Client.Get("/agent/services", child)).Expect(200).Header("RateLimit-Remaining"));
        Assert.Equal("1", (await api.Client.Get("/agent/services", root)).Expect(200).Header("RateLimit-Remaining"));
        (await api.Client.Get("/agent/services", child)).Expect(200);

        (await api.Client.Get("/agent/services", child)).Refused(429, "rate_limited");
        (await api.Client.Get("/agent/services", root)).Refused(429, "rate_limited");
    }

    [Fact]
    public async Task A_users_cap_that_refuses_is_named_and_what_is_left_is_the_smallest_on_the_path()
    {
        await using var api = await Loaded();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{},"daily_cap_cents":30}""")).Expect(200);
        var root = await api.Client.OpenSession();
        await api.Client.Complete(root);
        var child = Token((await Delegate(api, root, "agent-2")).Expect(201).Data);
        Assert.Equal("30", (await api.Client.Get("/agent/flow/status", child)).Header("Agora-Budget-Remaining-Cents"));

        Assert.Equal("5", (await api.Client.Post(Run, child, Support.Catalogue.Input)).Expect(200).Header("Agora-Budget-Remaining-Cents"));
        var refused = (await api.Client.Post(Run, root, Support.Catalogue.Input)).Refused(403, "budget_exceeded").Error.GetProperty("details");

        Assert.Equal("""{"kind":"user","id":"user-1","limit":"daily_cap"}""", refused.GetProperty("node").GetRawText());
        Assert.Equal(("daily_cap", 5), (refused.GetProperty("limit").GetString(), refused.GetProperty("remaining_cents").GetInt32()));
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{},"daily_cap_cents":10}""")).Expect(200);
        Assert.Equal("0", (await api.Client.Get("/agent/flow/status", root)).Header("Agora-Budget-Remaining-Cents"));
    }

    [Fact]
    public async Task A_sub_session_spends_under_the_grant_of_its_roots_agent_and_needs_none_of_its_own()
    {
        await using var api = await Loaded();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""")).Expect(200);
        (await api.Client.Admin(
            HttpMethod.Put,
            "/admin/users/user-1/grants/agent-1",
            """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"total_limit_cents":30,"max_live_sessions":1}""")).Expect(200);
        var root = await api.Client.OpenSession();
        await api.Client.Complete(root);
        var child = Token((await Delegate(api, root, "agent-2")).Expect(201).Data);
        (await api.Client.Post(Run, child, Support.Catalogue.Input)).Expect(200);

        var refused = (await api.Client.Post(Run, child, """{"input":{"text":"Another."}}""")).Refused(403, "budget_exceeded").Error.GetProperty("details");

        Assert.Equal("""{"kind":"grant","id":"agent-1","limit":"grant_total"}""", refused.GetProperty("node").GetRawText());
    }

    [Fact]
    public async Task What_a_session_offers_to_delegate_is_what_it_can_delegate()
    {
        await using var api = await Loaded();
        var root = await api.Client.OpenSession(scopes: """["text"]""");

        var status = (await api.Client.Get("/agent/flow/status?schemas=full", root)).Expect(200);

        Assert.Equal(["delegate_session", "session_tree"], status.ActionNames.TakeLast(2));
        var schema = status.NextActions.Single(a => a.GetProperty("action").GetString() == "delegate_session").GetProperty("body_schema").GetProperty("properties");
        Assert.Equal(["agent-1"], schema.GetProperty("agent_id").GetProperty("not").GetProperty("enum").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(100, schema.GetProperty("scopes").GetProperty("properties").GetProperty("budget_limit_cents").GetProperty("maximum").GetInt32());
        Assert.Equal(["text"], schema.GetProperty("scopes").GetProperty("properties").GetProperty("allowed_categories").GetProperty("items").GetProperty("enum").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task A_sub_session_that_was_ended_uses_up_nothing_of_the_rate_that_it_shared()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 6);
        var root = await api.Client.OpenSession();
        var child = Token((await Delegate(api, root, "agent-2")).Expect(201).Data);
        (await api.Client.Send(HttpMethod.Delete, "/agent/session", child)).Expect(200);

        for (var i = 0; i < 10; i++)
        {
            (await api.Client.Get("/agent/flow/status", child)).Expect(401);
        }

        (await api.Client.Get("/agent/flow/status", root)).Expect(200);
    }

    private static async Task<RunningApi> Loaded()
    {
        var api = await RunningApi.Start();
        await api.Client.Load();
        return api;
    }

    /// <summary>So that a day is more than what is left: a session opened a moment ago has a second less.</summary>
    private static async Task Expiring(RunningApi api, string token) =>
        await Eventually(async () => (await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session").GetProperty("expires_at").GetDateTimeOffset() < DateTimeOffset.UtcNow.AddDays(1));

    private static Task<Received> Delegate(RunningApi api, string token, string agent, string scopes = "{}", int? seconds = null, string? key = null) => api.Client.Post(
        "/agent/session/delegate",
        token,
        $$"""{"agent_id":"{{agent}}","scopes":{{scopes}}{{(seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $",\"expires_in_seconds\":{s}") : "")}}}""",
        key is null ? [] : [("Idempotency-Key", key)]);

    /// <summary>Asked again until it is so; a second is what is promised, and a busy machine may take a little longer.</summary>
    private static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var since = DateTimeOffset.UtcNow; !await holds();)
        {
            Assert.True(DateTimeOffset.UtcNow - since < TimeSpan.FromSeconds(10), "It did not come about.");
        }
    }

    private static JsonElement Budget(Received status) => status.Expect(200).Data.GetProperty("budget");

    private static string Token(JsonElement session) => session.GetProperty("token").GetString()!;

    private static string Id(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static string? Exceeded(Received refused) => refused.Error.GetProperty("details").GetProperty("exceeded").GetString();
}
