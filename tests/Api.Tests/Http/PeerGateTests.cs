using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Http;

/// <summary>Who may call what agents do among each other, as whom, and in which order whoever may not is told.</summary>
public sealed class PeerGateTests
{
    private const string Route = "/agents/agent-2/greetings";
    private const string Words = """{"words":"hello"}""";

    [Fact]
    public async Task An_agents_own_key_acts_as_that_agent_and_needs_no_scope()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        Assert.Equal(("agent-1", false, false), Said((await api.Client.Post(Route, await Key(api), Words)).Expect(200)));
    }

    [Fact]
    public async Task A_key_that_is_bound_to_a_user_acts_as_its_agent()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        Assert.Equal(("agent-1", false, false), Said((await api.Client.Post(Route, await Key(api, """{"user_id":"user-1"}"""), Words)).Expect(200)));
    }

    [Fact]
    public async Task A_session_acts_as_its_agent_and_its_audit_shows_it()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        var token = await Token(api, """["agent-2"]""");

        var reply = (await api.Client.Post(Route, token, Words)).Expect(200);

        Assert.Equal(("agent-1", true, false), Said(reply));
        Assert.NotNull(reply.Header("RateLimit-Remaining"));
        (await api.Client.Post("/agents/agent-3/greetings", token, Words)).Refused(403, Codes.ScopeViolation); // its line is written before its answer, and takes those before it along
        var lines = (await api.Client.Get("/agent/audit/history", token)).Expect(200).Data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("operation").GetString() == "greet");
        Assert.Equal([("agent_id=agent-2", 200), ("agent_id=agent-3", 403)], lines.Select(line => (line.GetProperty("request_summary").GetString(), line.GetProperty("response_status").GetInt32())).Order());
    }

    [Fact]
    public async Task A_sub_sessions_token_talks_for_nobody_and_may_talk_to_no_more_than_it_was_given()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        var token = await Token(api, """["agent-2","agent-3"]""");
        var below = (await api.Client.Post("/agent/session/delegate", token, """{"agent_id":"agent-9","scopes":{"allowed_peers":["agent-2"],"budget_limit_cents":1}}""")).Expect(201).Data.GetProperty("token").GetString()!;

        (await api.Client.Post(Route, below, Words)).Refused(403, Codes.Forbidden);
        (await api.Client.Post("/agents/agent-3/greetings", below, Words)).Refused(403, Codes.ScopeViolation);
        (await api.Client.Post("/agent/session/delegate", token, """{"agent_id":"agent-8","scopes":{"allowed_peers":["agent-4"],"budget_limit_cents":1}}""")).Refused(403, Codes.GrantExceeded);
    }

    [Fact]
    public async Task A_session_without_peers_may_look_but_not_talk()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        var token = await Token(api, "[]");

        (await api.Client.Get(Route, token)).Expect(200);
        (await api.Client.Post(Route, token, Words)).Refused(403, Codes.ScopeViolation);
        (await api.Client.Post("/agents/agent-2/replies", token, "{}")).Refused(403, Codes.ScopeViolation);
    }

    [Fact]
    public async Task Whom_the_handler_finds_out_about_is_held_against_the_scope_too()
    {
        var greetings = new Greetings();
        await using var api = await RunningApi.Start(feature: greetings);
        greetings.Sessions = api.Services.GetRequiredService<SessionCalls>();
        var token = await Token(api, """["agent-2"]""");

        (await api.Client.Post("/agents/agent-2/replies", token, "{}")).Expect(200);
        (await api.Client.Post("/agents/agent-3/replies", token, "{}")).Refused(403, Codes.ScopeViolation);
        (await api.Client.Post("/agents/agent-3/replies", await Key(api), "{}")).Expect(200);
    }

    [Fact]
    public async Task What_is_tried_out_of_scope_again_and_again_suspends_the_agent()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        var token = await Token(api, """["agent-3"]""");
        for (var i = 0; i < 5; i++)
        {
            (await api.Client.Post(Route, token, Words)).Refused(403, Codes.ScopeViolation);
        }

        var suspended = (await api.Client.Post("/agents/agent-3/greetings", token, Words)).Refused(403, Codes.SessionSuspended);
        Assert.DoesNotContain("auth", suspended.ActionNames); // another session would be suspended too
    }

    [Theory]
    [InlineData("/agent/inbox")]
    [InlineData("/agent/webhook")]
    [InlineData("/conversations")]
    [InlineData("/conversations/nothing/messages")]
    public async Task A_look_at_the_agents_own_things_is_refused_without_its_scope_and_suspends_nobody(string path)
    {
        await using var api = await RunningApi.Start();
        var token = await Token(api, "[]");
        for (var i = 0; i < 7; i++)
        {
            var refused = (await api.Client.Get(path, token)).Refused(403, Codes.ScopeViolation);
            Assert.DoesNotContain("suspend", refused.Error.GetProperty("message").GetString()!, StringComparison.Ordinal);
            Assert.Equal(["auth"], refused.ActionNames);
        }

        (await api.Client.Get("/agent/flow/status", token)).Expect(200);
    }

    /// <summary>By other protocols as by the routes of conversations.</summary>
    [Theory]
    [InlineData("GET", "/streams/{0}", null)]
    [InlineData("HEAD", "/streams/{0}", null)]
    [InlineData("PUT", "/streams/new", null)]
    [InlineData("POST", "/streams/{0}", "[1]")]
    [InlineData("DELETE", "/streams/{0}", null)]
    [InlineData("GET", "/a2a/agent-2/tasks", null)]
    [InlineData("GET", "/a2a/agent-2/tasks/{0}", null)]
    [InlineData("POST", "/a2a/agent-2/tasks/{0}:cancel", null)]
    [InlineData("GET", "/a2a/agent-2/tasks/{0}:subscribe", null)]
    [InlineData("POST", "/a2a/agent-2", """{"jsonrpc":"2.0","id":1,"method":"ListTasks"}""")]
    public async Task By_no_protocol_a_session_without_its_scope_reads_or_changes_what_its_agent_and_others_say(string method, string path, string? body)
    {
        await using var api = await RunningApi.Start();
        await using var talk = await Talk.Of(api, "agent-1", "agent-2");
        var id = await talk.Open("agent-2", ["agent-1"]);
        await talk.Say("agent-2", id, "hidden");
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(new(method), string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id));
        request.Headers.Add("Authorization", $"Bearer {await Token(api, "[]")}");
        request.Headers.Add("A2A-Version", "1.0");
        request.Content = body is null ? null : new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        using var refused = await http.SendAsync(request);

        var said = await refused.Content.ReadAsStringAsync();
        Assert.True(refused.StatusCode == System.Net.HttpStatusCode.Forbidden || (body?.StartsWith('{') == true && said.Contains("SCOPE_VIOLATION", StringComparison.Ordinal)), $"{refused.StatusCode} {said}");
        Assert.False((await talk.Get("agent-2", $"/conversations/{id}")).Expect(200).Data.GetProperty("closed_at").ValueKind == System.Text.Json.JsonValueKind.String);
    }

    [Fact]
    public async Task The_platforms_key_is_nobodys_but_where_it_vouches()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());

        var refused = (await api.Client.Post(Route, RunningApi.PlatformKey, Words)).Refused(401, Codes.Unauthorized);

        Assert.Contains("platform", refused.Error.GetProperty("message").GetString()!, StringComparison.Ordinal);
        Assert.Equal(("agent-2", false, true), Said((await api.Client.Get(Route, RunningApi.PlatformKey)).Expect(200)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData(RunningApi.AdminKey)]
    [InlineData(RunningApi.GptKey)]
    [InlineData("agt_s1.1893456000.c2lnbmF0dXJl")]
    [InlineData("agk_agent-1.c2VjcmV0")]
    [InlineData("agk2_live_default.agent-1.c2VjcmV0.c2VjcmV0")]
    public async Task Any_other_credential_is_refused_unauthorized(string? key)
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        (await api.Client.Post(Route, key, Words)).Refused(401, Codes.Unauthorized);
    }

    [Fact]
    public async Task What_was_ended_or_stopped_says_nothing_any_more()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        var (key, token) = (await Key(api), await Token(api, """["*"]"""));
        var ended = await Token(api, """["*"]""");
        (await api.Client.Send(HttpMethod.Delete, "/agent/session", ended)).Expect(200);
        (await api.Client.Post(Route, ended, Words)).Refused(401, Codes.SessionRevoked);

        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", """{"reason":"odd"}""")).Expect(200);
        (await api.Client.Post(Route, key, Words)).Refused(403, Codes.SessionSuspended);
        (await api.Client.Post(Route, token, Words)).Refused(403, Codes.SessionSuspended);
    }

    [Fact]
    public async Task The_rate_of_a_session_counts_what_it_says_to_others()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3, feature: new Greetings());
        var token = await Token(api, """["*"]""");
        for (var i = 0; i < 3; i++)
        {
            (await api.Client.Post(Route, token, Words)).Expect(200);
        }

        (await api.Client.Post(Route, token, Words)).Refused(429, Codes.RateLimited);
    }

    [Fact]
    public async Task What_cannot_be_read_or_has_no_fitting_content_is_refused_as_anywhere()
    {
        await using var api = await RunningApi.Start(feature: new Greetings());
        foreach (var credential in new[] { await Key(api), await Token(api, """["*"]""") })
        {
            (await api.Client.Post(Route, credential, "{")).Refused(400, Codes.MalformedRequest);
            (await api.Client.Post("/agents/a b/greetings", credential, Words)).Refused(400, Codes.MalformedRequest);
            (await api.Client.Post(Route, credential, Words, ("Idempotency-Key", "é"))).Refused(400, Codes.MalformedRequest);
            (await api.Client.Post(Route, credential, "{}")).Refused(422, Codes.ValidationFailed);
            (await api.Client.Post(Route, credential, """{"words":"hello","more":1}""")).Refused(422, Codes.ValidationFailed);
        }
    }

    [Theory]
    [InlineData("a key", Codes.Unauthorized)]
    [InlineData("a session", Codes.SessionRevoked)]
    [InlineData("a key that stands", null)]
    public async Task What_a_request_has_waited_for_is_told_to_nobody_whose_credential_ended_meanwhile(string what, string? refused)
    {
        var (time, waiting) = (new MovedTimestamps(), new Waiting());
        await using var api = await RunningApi.Start(time: time, feature: waiting);
        var credential = what == "a session" ? await Token(api, """["*"]""") : await Key(api);
        var answer = api.Client.Get("/agents/agent-2/next-greeting", credential);
        await waiting.Began.WaitAsync(Hang.Timeout);
        if (what == "a session")
        {
            (await api.Client.Send(HttpMethod.Delete, "/agent/session", credential)).Expect(200);
        }
        else if (refused is not null)
        {
            var key = (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
            (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{key}")).Expect(200);
        }

        time.Move(TalkLimits.CredentialEvery);
        waiting.Happens();

        Assert.Equal((refused is null ? 200 : 401, refused), ((await answer).Status, refused is null ? null : (await answer).Code));
    }

    private static (string Agent, bool Session, bool Vouched) Said(Support.Received reply) =>
        (reply.Data.GetProperty("agent_id").GetString()!, reply.Data.GetProperty("session_id").ValueKind == System.Text.Json.JsonValueKind.String, reply.Data.GetProperty("vouched").GetBoolean());

    private static async Task<string> Key(RunningApi api, string body = "{}")
    {
        await api.Client.PutAgents("agent-1");
        return (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", body)).Expect(201).Data.GetProperty("key").GetString()!;
    }

    private static async Task<string> Token(RunningApi api, string peers) => (await api.Client.Post(
        "/agent/auth", RunningApi.PlatformKey, $$$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_peers":{{{peers}}},"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;

    /// <summary>Routes of peers that say who called.</summary>
    private sealed class Greetings : IFeature
    {
        private const string Example = """{"agent_id":"agent-1","session_id":null,"vouched":false}""";

        private static readonly Operation<(string Agent, string? Words)> Greet = new(Audience.Peers, "greet", "POST /agents/{agent_id}/greetings", "Greet an agent")
        {
            Read = static call => (call.Id("agent_id"), call.Body.Text("words", "What is said.", 100)),
            Peers = static greeting => [greeting.Agent],
            Data = typeof(Caller),
            BodyExample = Words,
            DataExample = Example,
        };

        private static readonly Operation<string> Reply = new(Audience.Peers, "reply", "POST /agents/{agent_id}/replies", "Reply to an agent")
        {
            Read = static call => call.Id("agent_id"),
            Data = typeof(Caller),
            DataExample = Example,
        };

        private static readonly Operation<string> Look = new(Audience.Peers, "look", "GET /agents/{agent_id}/greetings", "See an agent's greetings")
        {
            Read = static call => call.Id("agent_id"),
            Peers = static _ => null,
            PlatformVouches = true,
            Data = typeof(Caller),
            DataExample = Example,
        };

        /// <summary>Null until the server that has this feature runs.</summary>
        public SessionCalls? Sessions { get; set; }

        public void Map(Routes routes) => routes
            .Map(Greet, static (PeerCall call, (string, string?) _) => Answer(call))
            .Map(Reply, async (PeerCall call, string agent) => Sessions is { } sessions && await sessions.Beyond(call.Caller, [agent]) is { } refused ? Agora.Web.Reply.Refused(refused) : await Answer(call))
            .Map(Look, static (PeerCall call, string _) => Answer(call));

        private static Task<Reply> Answer(PeerCall call) => Task.FromResult(Agora.Web.Reply.Ok(new Caller(call.AgentId, call.Session?.SessionId, call.IsVouched)));

        private sealed record Caller(string AgentId, string? SessionId, bool Vouched);
    }

    /// <summary>A look that waits until something happens.</summary>
    private sealed class Waiting : IFeature
    {
        private static readonly Operation<string> Wait = new(Audience.Peers, "wait", "GET /agents/{agent_id}/next-greeting", "Wait for an agent's greeting")
        {
            Read = static call => call.Id("agent_id"),
            Peers = static _ => null,
            Data = typeof(Heard),
            DataExample = """{"words":"hello"}""",
        };

        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Began => _began.Task;

        public void Happens() => _happened.SetResult();

        public void Map(Routes routes) => routes.Map(Wait, async (PeerCall _, string _) =>
        {
            _began.SetResult();
            await _happened.Task;
            return Reply.Ok(new Heard("hello"));
        });

        private sealed record Heard(string Words);
    }
}
