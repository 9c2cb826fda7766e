using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;

namespace Agora.Api.Tests.Conversations;

/// <summary>Agents that are paid for what they answer: a run of a service that an agent is.</summary>
public sealed class PaidTests
{
    private const string Run = "/agent/services/translation/run";

    [Fact]
    public async Task An_agent_is_paid_when_its_reply_is_said_and_the_reply_is_the_output()
    {
        await using var market = await Market.Open();
        var run = market.Ask("""{"text":"Hallo"}""");
        var request = await market.NextRequest();

        Assert.Equal("""{"text":"Hallo"}""", request.GetProperty("content").GetProperty("input").GetRawText());
        Assert.Equal(("agent-1", "translation"), (request.GetProperty("agent_id").GetString(), request.GetProperty("content").GetProperty("service_id").GetString()));
        await market.Reply(request, """{"text":"Hello"}""");

        var output = (await run).Expect(200).Data;
        Assert.Equal("""{"text":"Hello"}""", output.GetProperty("output").GetRawText());
        Assert.Equal(request.GetProperty("message_id").GetString(), output.GetProperty("run_id").GetString());
        Assert.Equal(75, await market.Balance("agent:agent-1"));
        Assert.Equal(25, await market.Eventually("agent:translator", 25));
    }

    [Fact]
    public async Task Who_does_not_reply_in_time_is_not_paid_and_neither_is_who_replies_later()
    {
        await using var market = await Market.Open(service: Market.Service.Replace("\"timeout_ms\":20000", "\"timeout_ms\":2000", StringComparison.Ordinal));
        var run = market.Ask("""{"text":"Hallo"}""");
        var request = await market.NextRequest();
        (await run).Refused(504, "upstream_timeout");

        (await market.TryReply(request, """{"text":"Hello"}""")).Expect(201);

        Assert.Equal(100, await market.Eventually("agent:agent-1", 100));
        Assert.Equal(0, await market.Balance("agent:translator"));
        Assert.Equal("failed", (await market.Talk.Api.Client.Get($"/agent/runs/{request.GetProperty("message_id").GetString()}", market.Token)).Expect(200).Data.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Who_says_that_it_does_not_do_it_is_not_paid()
    {
        await using var market = await Market.Open();
        var run = market.Ask("""{"text":"Hallo"}""");
        await market.Reply(await market.NextRequest(), """{"title":"No such language"}""", "application/problem+json");

        (await run).Refused(502, "upstream_failed");
        Assert.Equal(100, await market.Eventually("agent:agent-1", 100));
    }

    [Fact]
    public async Task A_reply_of_whoever_asked_is_no_reply()
    {
        await using var market = await Market.Open();
        var run = market.Ask("""{"text":"Hallo"}""");
        var request = await market.NextRequest();
        var (id, message) = (request.GetProperty("conversation_id").GetString(), request.GetProperty("message_id").GetString());
        (await market.Talk.Post("agent-1", $"/conversations/{id}/messages", $$"""{"content":"mine","reply_to":"{{message}}"}""")).Expect(201);
        Assert.Equal(message, request.GetProperty("run_id").GetString());
        await market.Reply(request, """{"text":"Hello"}""");

        Assert.Equal("""{"text":"Hello"}""", (await run).Expect(200).Data.GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task Many_are_asked_at_once_in_one_conversation_and_each_gets_its_own_reply()
    {
        await using var market = await Market.Open();
        var runs = Enumerable.Range(0, 4).Select(n => market.Ask($$"""{"text":"{{n}}"}""")).ToList();
        var conversations = new HashSet<string>();
        foreach (var _ in runs)
        {
            var request = await market.NextRequest();
            conversations.Add(request.GetProperty("conversation_id").GetString()!);
            await market.Reply(request, $$"""{"echo":{{request.GetProperty("content").GetProperty("input").GetRawText()}}}""");
        }

        for (var n = 0; n < runs.Count; n++)
        {
            Assert.Equal($$$"""{"echo":{"text":"{{{n}}}"}}""", (await runs[n]).Expect(200).Data.GetProperty("output").GetRawText());
        }

        Assert.Single(conversations);
        Assert.Equal(0, await market.Balance("agent:agent-1"));
        Assert.Equal(100, await market.Eventually("agent:translator", 100));
    }

    [Fact]
    public async Task A_conversation_that_the_agent_closed_is_followed_by_another()
    {
        await using var market = await Market.Open();
        var conversations = new HashSet<string>();
        for (var n = 0; n < 3; n++)
        {
            var request = await market.Served($$"""{"text":"{{n}}"}""");
            Assert.True(conversations.Add(request.GetProperty("conversation_id").GetString()!));
            (await market.Talk.Post("translator", $"/conversations/{request.GetProperty("conversation_id").GetString()}/close")).Expect(200);
        }
    }

    /// <summary>A seller knows by it what is paid.</summary>
    [Fact]
    public async Task Whoever_says_the_same_without_a_run_is_not_taken_for_one()
    {
        await using var market = await Market.Open();
        var request = await market.Served("""{"text":"Hallo"}""");

        var id = request.GetProperty("conversation_id").GetString();
        (await market.Talk.Post("agent-1", $"/conversations/{id}/messages", $$"""{"content":{{request.GetProperty("content").GetRawText()}},"message_id":"{{Guid.NewGuid()}}","reply_within_seconds":9}""")).Expect(201);

        Assert.False((await market.NextRequest()).TryGetProperty("run_id", out _));
    }

    [Fact]
    public async Task What_one_of_the_two_has_left_is_followed_by_another()
    {
        await using var market = await Market.Open();
        foreach (var (n, leaves) in ((int, string)[])[(1, "agent-1"), (2, "translator"), (3, "agent-1")])
        {
            var request = await market.Served($$"""{"text":"{{n}}, before {{leaves}} leaves"}""");
            (await market.Talk.Post(leaves, $"/conversations/{request.GetProperty("conversation_id").GetString()}/leave")).Expect(200);
        }

        await market.Served("""{"text":"again"}""");
    }

    [Fact]
    public async Task Who_blocks_the_agent_asks_it_for_nothing_and_pays_for_what_it_had_asked_before()
    {
        await using var market = await Market.Open();
        var run = market.Ask("""{"text":"Hallo"}""");
        var request = await market.NextRequest();
        (await market.Talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/translator", market.Talk.Key("agent-1"), "{}")).Expect(200);
        await market.Reply(request, "{}");
        (await run).Expect(200);

        var refused = (await market.Ask("""{"text":"more"}""")).Refused(502, "upstream_failed");
        Assert.Contains("blocked", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("new_key", refused.Error.GetProperty("retry").GetString()); // its input is not at fault
        Assert.Equal(75, await market.Balance("agent:agent-1"));
    }

    [Fact]
    public async Task An_agent_that_the_agent_invites_to_their_conversation_hears_nothing_of_what_is_asked()
    {
        await using var market = await Market.Open();
        var request = await market.Served("""{"text":"one"}""");
        var id = request.GetProperty("conversation_id").GetString();
        await market.Talk.Api.Client.PutAgents("third");
        (await market.Talk.Post("translator", $"/conversations/{id}/invite", """{"agent_id":"third"}""")).Expect(200);
        var key = (await market.Talk.Api.Client.Admin(HttpMethod.Post, "/admin/agents/third/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        (await market.Talk.Api.Client.Post($"/conversations/{id}/join", key, "{}")).Expect(200);

        await market.Served("""{"text":"secret"}""");

        Assert.DoesNotContain("secret", (await market.Talk.Api.Client.Get($"/conversations/{id}/messages", key)).Expect(200).Json.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Its reply is read where it is said: who could take the run back would have it for nothing.</summary>
    [Fact]
    public async Task What_an_agent_was_asked_for_is_not_cancelled()
    {
        await using var market = await Market.Open();
        var run = market.Ask("""{"text":"Hallo"}""");
        var request = await market.NextRequest();
        var id = request.GetProperty("message_id").GetString();

        var refused = (await market.Talk.Api.Client.Post($"/agent/runs/{id}/cancel", market.Token, "{}")).Refused(409, "run_decided");
        Assert.Equal("asked", refused.Error.GetProperty("details").GetProperty("state").GetString());
        await market.Reply(request, """{"text":"Hello"}""");

        (await run).Expect(200);
        Assert.Equal(75, await market.Balance("agent:agent-1"));
    }

    [Theory]
    [InlineData(""","auth":{"header":"X-Key","secret":"s"}""", "/auth", "not")]
    [InlineData("""agent:""", "/endpoint", "format")]
    [InlineData("""agent:a b""", "/endpoint", "format")]
    [InlineData("metered", "/max_price_cents", "not")]
    public async Task What_an_agent_cannot_be_is_said(string change, string path, string keyword)
    {
        await using var talk = await Talk.Among("translator");
        var body = change switch
        {
            "metered" => Market.Service.Replace("\"price_cents\"", "\"max_price_cents\"", StringComparison.Ordinal),
            ['a', ..] => Market.Service.Replace("agent:translator\",\"provider", $"{change}\",\"provider", StringComparison.Ordinal),
            _ => Market.Service.Replace("\"active\":true", $"\"active\":true{change}", StringComparison.Ordinal),
        };

        var refused = (await talk.Api.Client.Admin(HttpMethod.Put, "/admin/services/translation", body)).Refused(422, "validation_failed");

        var detail = refused.Error.GetProperty("details")[0];
        Assert.Equal((path, keyword), (detail.GetProperty("path").GetString(), detail.GetProperty("keyword").GetString()));
    }

    [Fact]
    public async Task No_agent_asks_itself()
    {
        await using var market = await Market.Open(asking: "translator");
        (await market.Ask("""{"text":"Hallo"}""")).Refused(403, "grant_exceeded");
        Assert.Equal(100, await market.Balance("agent:translator"));
    }

    [Fact]
    public async Task An_input_that_is_larger_than_a_message_is_not_said()
    {
        await using var market = await Market.Open();
        (await market.Ask($$"""{"text":"{{new string('x', TalkLimits.MessageBytes)}}"}""")).Refused(502, "upstream_failed");
    }

    /// <summary>An agent that translates for 25 cents, and one that has a dollar.</summary>
    private sealed class Market(Talk talk, string token) : IAsyncDisposable
    {
        public const string Service = """{"name":"Translation","description":"Translates a text","category":"text","price_cents":25,"endpoint":"agent:translator","provider":"agent:translator","timeout_ms":20000,"active":true}""";

        public Talk Talk => talk;

        public string Token => token;

        public static async Task<Market> Open(string asking = "agent-1", string service = Service)
        {
            var talk = await Talk.Calling("translator", "agent-1");
            var client = talk.Api.Client;
            (await client.Admin(HttpMethod.Put, "/admin/services/translation", service)).Expect(200);
            (await client.Admin(HttpMethod.Post, $"/admin/wallets/agent:{asking}/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
            return new(talk, await client.OpenSession(agent: asking));
        }

        public Task<Received> Ask(string input) => talk.Api.Client.Post(Run, token, $$"""{"input":{{input}},"max_price_cents":25}""");

        public Task<JsonElement> NextRequest() => talk.NextMessage("translator");

        /// <summary>A run that is asked for and replied to; it has succeeded.</summary>
        /// <returns>The request.</returns>
        public async Task<JsonElement> Served(string input)
        {
            var run = Ask(input);
            var request = await NextRequest();
            await Reply(request, "{}");
            (await run).Expect(200);
            return request;
        }

        public async Task Reply(JsonElement request, string content, string type = "application/json") => (await TryReply(request, content, type)).Expect(201);

        public Task<Received> TryReply(JsonElement request, string content, string type = "application/json") => talk.Post(
            "translator", $"/conversations/{request.GetProperty("conversation_id").GetString()}/messages",
            $$"""{"content":{{content}},"content_type":"{{type}}","reply_to":"{{request.GetProperty("message_id").GetString()}}"}""");

        public Task<decimal> Balance(string wallet) => talk.Balance(wallet);

        public Task<decimal> Eventually(string wallet, decimal wanted) => talk.Eventually(wallet, wanted);

        public ValueTask DisposeAsync() => talk.DisposeAsync();
    }
}
