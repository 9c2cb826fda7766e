using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Signed;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Conversations;

/// <summary>Replies that come in parts, and what agents ask on behalf of others.</summary>
public sealed class BehalfTests
{
    [Fact]
    public async Task A_reply_comes_in_parts_and_the_last_one_ends_its_request()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await Ask(talk, "a", id, "q1", seconds: 300);
        (await Reply(talk, "b", id, "q1", "one", more: true)).Expect(201);
        (await Reply(talk, "b", id, "q1", "two")).Expect(201);

        var parts = (await talk.Get("a", $"/conversations/{id}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("reply_to").GetString() == "q1").ToList();
        Assert.Equal([("one", true), ("two", false)], parts.Select(part => (part.GetProperty("content").GetString(), part.TryGetProperty("more", out var more) && more.GetBoolean())));
        (await Ask(talk, "b", id, "q2", seconds: 300, behalf: (id, "q1"))).Refused(404, Codes.NotFound); // it has its reply
    }

    [Fact]
    public async Task Parts_that_nobody_acknowledges_are_pushed_back()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"unacknowledged":3}""");
        await Ask(talk, "a", id, "q1", seconds: 300);
        (await Reply(talk, "b", id, "q1", "1", more: true)).Expect(201);
        (await Reply(talk, "b", id, "q1", "2", more: true)).Expect(201);
        Assert.Equal("1", (await Reply(talk, "b", id, "q1", "3", more: true)).Refused(429, Codes.RateLimited).Header("Retry-After"));

        (await talk.Post("a", $"/conversations/{id}/acknowledge", """{"number":5}""")).Expect(200);
        (await Reply(talk, "b", id, "q1", "3", more: true)).Expect(201);
    }

    [Fact]
    public async Task Those_who_asked_travel_along_and_what_comes_back_to_one_of_them_is_refused_before_it_is_said()
    {
        await using var talk = await Talk.Among("a", "b", "c", "d");
        var (ab, bc, ca, cd) = (await talk.Open("a", ["b"]), await talk.Open("b", ["c"]), await talk.Open("c", ["a"]), await talk.Open("c", ["d"]));
        (await Ask(talk, "a", ab, "q1")).Expect(201);
        (await Ask(talk, "b", bc, "q2", behalf: (ab, "q1"))).Expect(201);

        var asked = (await talk.Get("c", $"/conversations/{bc}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Single(entry => entry.GetProperty("message_id").GetString() == "q2");
        Assert.Equal(["a"], asked.GetProperty("path").EnumerateArray().Select(agent => agent.GetString()));

        var last = (await talk.Get("c", $"/conversations/{ca}")).Expect(200).Data.GetProperty("last").GetInt64();
        var refused = (await Ask(talk, "c", ca, "q3", behalf: (bc, "q2"))).Refused(403, Codes.GrantExceeded);
        Assert.Equal("cycle", refused.Error.GetProperty("details").GetProperty("exceeded").GetString());
        Assert.Equal(last, (await talk.Get("c", $"/conversations/{ca}")).Expect(200).Data.GetProperty("last").GetInt64());

        (await Ask(talk, "c", cd, "q3", behalf: (bc, "q2"))).Expect(201);
        var path = (await talk.Get("d", $"/conversations/{cd}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Single(entry => entry.GetProperty("message_id").GetString() == "q3").GetProperty("path");
        Assert.Equal(["a", "b"], path.EnumerateArray().Select(agent => agent.GetString()));
    }

    [Fact]
    public async Task Nobody_says_itself_on_whose_behalf_it_asks()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var (ab, bc) = (await talk.Open("a", ["b"]), await talk.Open("b", ["c"]));
        (await Ask(talk, "a", ab, "q1")).Expect(201);

        (await Ask(talk, "c", bc, "q2", behalf: (ab, "q1"))).Refused(404, Codes.NotFound); // another's
        (await Ask(talk, "b", bc, "q2", behalf: (ab, "none"))).Refused(404, Codes.NotFound);
        (await talk.Post("b", $"/conversations/{bc}/messages", $$"""{"content":1,"on_behalf_of":{"conversation_id":"{{ab}}","message_id":"q1"} }""")).Refused(422, Codes.ValidationFailed);
        (await talk.Post("b", $"/conversations/{bc}/messages", """{"content":1,"reply_within_seconds":9,"path":["a"]}""")).Refused(422, Codes.ValidationFailed);
        (await talk.Post("b", $"/conversations/{bc}/messages", """{"content":1,"more":true}""")).Refused(422, Codes.ValidationFailed);
    }

    [Fact]
    public async Task A_chain_of_requests_ends_at_its_depth()
    {
        var agents = Enumerable.Range(0, 11).Select(n => $"a{n}").ToArray();
        await using var talk = await Talk.Among(agents);
        (string, string)? before = null;
        for (var n = 0; n < 9; n++)
        {
            var id = await talk.Open(agents[n], [agents[n + 1]]);
            (await Ask(talk, agents[n], id, $"q{n}", behalf: before)).Expect(201);
            before = (id, $"q{n}");
        }

        var last = await talk.Open(agents[9], [agents[10]]);
        Assert.Equal("depth", (await Ask(talk, agents[9], last, "q9", behalf: before)).Refused(403, Codes.GrantExceeded).Error.GetProperty("details").GetProperty("exceeded").GetString());
    }

    [Fact]
    public async Task A_delegated_session_asks_nobody_above_it_and_spends_no_more_than_it_was_given()
    {
        await using var talk = await Talk.Calling("boss", "helper", "worker");
        var client = talk.Api.Client;
        foreach (var agent in (string[])["boss", "worker"])
        {
            (await client.Admin(HttpMethod.Put, $"/admin/services/of-{agent}", $$"""{"name":"Work","description":"Works","category":"work","price_cents":25,"endpoint":"agent:{{agent}}","provider":"agent:{{agent}}","timeout_ms":20000,"active":true}""")).Expect(200);
        }

        (await client.Admin(HttpMethod.Post, "/admin/wallets/agent:boss/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
        var token = await client.OpenSession(agent: "boss", peers: """["*"]""");
        var delegated = (await client.Post("/agent/session/delegate", token, """{"agent_id":"helper","scopes":{"budget_limit_cents":30}}""")).Expect(201).Data;
        var below = delegated.GetProperty("token").GetString()!;
        var key = new AgentKey(7);
        (await client.Send(HttpMethod.Put, "/agents/helper", talk.Key("helper"), AgentKey.Put(key.Card("helper")))).Expect(200);
        var signed = new SignedBy(key, client.Address, "helper") { Session = delegated.GetProperty("session_id").GetString() };

        Assert.Equal("cycle", (await client.Post("/agent/services/of-boss/run", below, """{"input":{},"max_price_cents":25}""")).Refused(403, Codes.GrantExceeded).Error.GetProperty("details").GetProperty("exceeded").GetString());

        var talkToBoss = await talk.Open("helper", ["boss"]);
        (await client.Send(signed.Request(HttpMethod.Post, $"/conversations/{talkToBoss}/messages", """{"content":1,"reply_within_seconds":9}"""), null)).Refused(403, Codes.GrantExceeded);
        (await client.Send(signed.Request(HttpMethod.Post, $"/conversations/{talkToBoss}/messages", """{"content":1}"""), null)).Expect(201);

        var run = client.Post("/agent/services/of-worker/run", below, """{"input":{},"max_price_cents":25}""");
        var request = await talk.NextMessage("worker");

        Assert.Equal(["helper"], request.GetProperty("path").EnumerateArray().Select(agent => agent.GetString()));
        (await Reply(talk, "worker", request.GetProperty("conversation_id").GetString()!, request.GetProperty("message_id").GetString()!, "done")).Expect(201);
        (await run).Expect(200);
        (await client.Post("/agent/services/of-worker/run", below, """{"input":{"n":2},"max_price_cents":25}""")).Refused(403, Codes.BudgetExceeded);
    }

    /// <summary>Whoever delegates names whom it likes, and has the token first.</summary>
    [Fact]
    public async Task Who_delegates_to_an_agent_does_not_become_it()
    {
        await using var talk = await Talk.Among("thief", "victim", "friend");
        var client = talk.Api.Client;
        var id = await talk.Open("friend", ["victim"]);
        (await talk.Post("friend", $"/conversations/{id}/messages", """{"content":"PIN 1234"}""")).Expect(201);
        var token = await client.OpenSession(agent: "thief", peers: """["*"]""");
        var below = (await client.Post("/agent/session/delegate", token, """{"agent_id":"victim"}""")).Expect(201).Data.GetProperty("token").GetString()!;

        foreach (var (method, path, body) in ((HttpMethod, string, string?)[])[
            (HttpMethod.Get, "/agent/inbox", null), (HttpMethod.Get, "/conversations", null), (HttpMethod.Get, $"/conversations/{id}", null), (HttpMethod.Get, $"/conversations/{id}/messages", null),
            (HttpMethod.Post, $"/conversations/{id}/messages", """{"content":"I am the victim"}"""), (HttpMethod.Post, $"/conversations/{id}/join", "{}"), (HttpMethod.Post, $"/conversations/{id}/leave", "{}"),
            (HttpMethod.Delete, $"/conversations/{id}", null), (HttpMethod.Post, "/conversations", """{"participants":["friend"]}"""), (HttpMethod.Put, "/agent/blocks/friend", "{}"), (HttpMethod.Get, "/agent/blocks", null),
            (HttpMethod.Post, "/agent/reports", """{"agent_id":"friend","reason":"spam"}"""), (HttpMethod.Put, "/agents/victim", AgentKey.Put(new AgentKey(9).Card("victim"))), (HttpMethod.Post, "/agents/victim/heartbeat", "{}")])
        {
            (await client.Send(method, path, below, body)).Refused(403, Codes.Forbidden);
        }

        Assert.Equal(404, (await client.Get("/agents/victim", RunningApi.PlatformKey)).Status);
        Assert.Equal("joined", (await talk.Get("victim", $"/conversations/{id}")).Expect(200).Data.GetProperty("standing").GetString());
    }

    private static Task<Received> Ask(Talk talk, string agent, string id, string message, int seconds = 60, (string Conversation, string Message)? behalf = null)
    {
        var onBehalf = behalf is { } asked ? $$""","on_behalf_of":{"conversation_id":"{{asked.Conversation}}","message_id":"{{asked.Message}}"}""" : "";
        return talk.Post(agent, $"/conversations/{id}/messages", $$"""{"content":1,"message_id":"{{message}}","reply_within_seconds":{{seconds}} {{onBehalf}} }""");
    }

    private static Task<Received> Reply(Talk talk, string agent, string id, string request, string content, bool more = false)
    {
        var part = more ? ""","more":true""" : "";
        return talk.Post(agent, $"/conversations/{id}/messages", $$"""{"content":"{{content}}","reply_to":"{{request}}" {{part}} }""");
    }
}
