using System.Text.Json;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

/// <summary>A service that is a skill: whichever agent is there and offers it does the run.</summary>
public sealed class SkillTests
{
    private const string Anyone = """["*"]""";

    [Fact]
    public async Task One_live_agent_that_offers_the_skill_is_asked_and_the_run_says_who_served()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1", skill: "other");
        await hub.Offer("t-2");

        var run = hub.Run();
        await hub.Reply(await hub.NextRequest("t-2"));

        var done = (await run).Expect(200).Data;
        Assert.Equal("t-2", done.GetProperty("served_by").GetString());
        Assert.Equal("t-2", (await hub.Talk.Api.Client.Get($"/agent/runs/{done.GetProperty("run_id").GetString()}", hub.Token)).Expect(200).Data.GetProperty("served_by").GetString());
        Assert.Equal("t-2", await hub.ServedByReceipt(done.GetProperty("payment").GetProperty("payment_id").GetString()!));
    }

    [Fact]
    public async Task Who_does_not_reply_in_its_share_of_the_time_is_followed_by_the_next_and_what_it_says_later_changes_nothing()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1");
        await hub.Offer("t-2");

        var run = hub.Run();
        Task<Asked> one = hub.NextRequest("t-1"), another = hub.NextRequest("t-2");
        var silent = await await Task.WhenAny(one, another);
        var second = await (silent.AgentId == "t-1" ? another : one);
        var other = second.AgentId;
        await hub.Reply(silent, """{"text":"late"}""");
        await hub.Reply(second);

        var done = (await run).Expect(200).Data;
        Assert.Equal((other, "Hello"), (done.GetProperty("served_by").GetString(), done.GetProperty("output").GetProperty("text").GetString()));
        Assert.Equal(25, await hub.Eventually("agency", 25));
        Assert.Equal(75, await hub.Balance("agent:buyer"));
    }

    [Fact]
    public async Task Who_has_blocked_the_agent_that_asks_is_not_chosen_for_it()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1", weight: 100);
        await hub.Offer("t-2");
        (await hub.Talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/buyer", hub.Talk.Key("t-1"), "{}")).Expect(200);

        var run = hub.Run();
        await hub.Reply(await hub.NextRequest("t-2"));

        Assert.Equal("t-2", (await run).Expect(200).Data.GetProperty("served_by").GetString());
        Assert.Empty((await hub.Talk.Inbox("t-1")).Told);
    }

    [Fact]
    public async Task Who_says_that_it_does_not_do_it_is_followed_by_the_next()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1");
        await hub.Offer("t-2");

        var run = hub.Run();
        var asked = new List<Task<Asked>> { hub.NextRequest("t-1"), hub.NextRequest("t-2") };
        var first = await Task.WhenAny(asked);
        asked.Remove(first);
        await hub.Reply(await first, "{}", AgentCaller.Problem);
        var second = await asked.Single();
        await hub.Reply(second);

        Assert.Equal(second.AgentId, (await run).Expect(200).Data.GetProperty("served_by").GetString());
    }

    [Fact]
    public async Task Nobody_who_is_gone_or_revoked_or_stopped_or_is_the_one_that_asks_is_chosen()
    {
        await using var hub = await Hub.Open("gone", "revoked", "stopped", "buyer");
        await hub.Offer("gone", online: false);
        await hub.Offer("revoked");
        await hub.Offer("stopped");
        await hub.Offer("buyer");
        (await hub.Talk.Post("revoked", "/agents/revoked/revoke", $$"""{"revocation":"{{Hub.KeyOf("revoked").Revocation("revoked")}}"}""")).Expect(200);
        (await hub.Talk.Api.Client.Admin(HttpMethod.Post, "/admin/agents/stopped/stop", """{"reason":"test"}""")).Expect(200);

        (await hub.Run()).Refused(503, Codes.Unavailable);
        Assert.Equal(100, await hub.Balance("agent:buyer"));
    }

    [Fact]
    public async Task Only_whom_the_session_may_talk_to_is_chosen()
    {
        await using var hub = await Hub.Within("""["t-2"]""", "t-1", "t-2");
        await hub.Offer("t-1");
        await hub.Offer("t-2");
        for (var n = 0; n < 3; n++)
        {
            var run = hub.Run(n);
            await hub.Reply(await hub.NextRequest("t-2"));
            Assert.Equal("t-2", (await run).Expect(200).Data.GetProperty("served_by").GetString());
        }

        await using var nobody = await Hub.Within("[]", "t-1");
        await nobody.Offer("t-1");
        (await nobody.Run()).Refused(503, Codes.Unavailable);
    }

    [Fact]
    public async Task What_the_schema_does_not_admit_is_not_paid()
    {
        await using var hub = await Hub.Open("t-1");
        await hub.Offer("t-1");
        var run = hub.Run();
        await hub.Reply(await hub.NextRequest("t-1"), """{"title":"no text"}""");

        (await run).Refused(502, Codes.UpstreamFailed);
        Assert.Equal(100, await hub.Eventually("agent:buyer", 100));
    }

    [Fact]
    public async Task Agents_have_their_shares_by_weight_and_whoever_has_less_in_flight_for_its_weight_is_next()
    {
        await using var hub = await Hub.Open("heavy", "light");
        await hub.Offer("heavy", weight: 3);
        await hub.Offer("light", weight: 1);
        var chooser = hub.Talk.Api.Services.GetRequiredService<SkillChooser>();
        Task<SkillChooser.Chosen?> Choose() => chooser.Choose(Tenant.Default, Hub.Skill, _ => true, new(StringComparer.Ordinal), Guid.NewGuid());

        var inTurn = new List<string>();
        for (var n = 0; n < 8; n++)
        {
            using var chosen = (await Choose())!;
            inTurn.Add(chosen.AgentId);
        }

        Assert.Equal((6, 2), (inTurn.Count(agent => agent == "heavy"), inTurn.Count(agent => agent == "light")));

        var atOnce = new List<SkillChooser.Chosen>();
        for (var n = 0; n < 8; n++) atOnce.Add((await Choose())!);
        Assert.Equal(6, atOnce.Count(chosen => chosen.AgentId == "heavy"));
        atOnce.FindAll(chosen => chosen.AgentId == "light").ForEach(chosen => chosen.Dispose());
        using var next = (await Choose())!;
        Assert.Equal("light", next.AgentId);
    }

    [Fact]
    public async Task A_conversation_with_a_skill_has_one_live_agent_for_good_and_names_it()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1");
        await hub.Offer("t-2", online: false);
        const string Body = """{"participants":["skill:translate"]}""";

        var opened = (await hub.Talk.Post("buyer", "/conversations", Body, ("Idempotency-Key", "talk-1"))).Expect(201).Data;
        Assert.Equal([("buyer", null), ("t-1", "translate")], Members(opened));

        (await hub.Talk.Post("t-1", "/agents/t-1/revoke", $$"""{"revocation":"{{Hub.KeyOf("t-1").Revocation("t-1")}}"}""")).Expect(200);
        var again = (await hub.Talk.Post("buyer", "/conversations", Body, ("Idempotency-Key", "talk-1"))).Expect(201).Data;
        Assert.Equal(opened.GetProperty("conversation_id").GetString(), again.GetProperty("conversation_id").GetString());
        Assert.Equal([("buyer", null), ("t-1", "translate")], Members(again));

        var none = (await hub.Talk.Post("buyer", "/conversations", Body, ("Idempotency-Key", "talk-2"))).Refused(503, Codes.Unavailable);
        Assert.Equal("10", none.Header("Retry-After"));

        await hub.Offer("t-2");
        Assert.Equal([("buyer", null), ("t-2", "translate")], Members((await hub.Talk.Post("buyer", "/conversations", Body, ("Idempotency-Key", "talk-2"))).Expect(201).Data));

        static IEnumerable<(string?, string?)> Members(JsonElement talk) =>
            talk.GetProperty("members").EnumerateArray().Select(member => (member.GetProperty("agent_id").GetString(), member.TryGetProperty("chosen_for", out var skill) ? skill.GetString() : null));
    }

    [Fact]
    public async Task A_conversation_with_a_skill_passes_over_who_has_blocked_the_one_that_opens_it()
    {
        await using var hub = await Hub.Open("t-1", "t-2");
        await hub.Offer("t-1", weight: 100);
        await hub.Offer("t-2");
        (await hub.Talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/buyer", hub.Talk.Key("t-1"), "{}")).Expect(200);

        var opened = (await hub.Talk.Post("buyer", "/conversations", """{"participants":["skill:translate"]}""")).Expect(201).Data;

        Assert.Equal(["buyer", "t-2"], opened.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("agent_id").GetString()));
    }

    [Fact]
    public async Task A_session_opens_with_a_skill_only_for_whom_it_may_talk_to()
    {
        await using var hub = await Hub.Within("""["t-2"]""", "t-1", "t-2");
        await hub.Offer("t-1");
        (await hub.Talk.Api.Client.Post("/conversations", hub.Token, """{"participants":["skill:translate"]}""")).Refused(503, Codes.Unavailable);
        (await hub.Talk.Api.Client.Post("/conversations", hub.Token, """{"participants":["skill:"]}""")).Refused(422, Codes.ValidationFailed);
        await hub.Offer("t-2");
        (await hub.Talk.Api.Client.Post("/conversations", hub.Token, """{"participants":["skill:translate"]}""")).Expect(201);

        await using var nobody = await Hub.Within("[]", "t-1");
        await nobody.Offer("t-1");
        (await nobody.Talk.Api.Client.Post("/conversations", nobody.Token, """{"participants":["skill:translate"]}""")).Refused(403, Codes.ScopeViolation);
    }

    internal sealed record Asked(string AgentId, JsonElement Entry);

    /// <summary>Agents that translate, and one that buys: 25 cents a run for whoever runs the agency.</summary>
    private sealed class Hub(Talk talk, string token) : IAsyncDisposable
    {
        public const string Skill = "translate";

        private const string Service = """{"name":"Translation","description":"Translates a text","category":"text","price_cents":25,"endpoint":"skill:translate","provider":"agency","timeout_ms":6000,"output_schema":{"type":"object","required":["text"]},"active":true}""";

        public Talk Talk => talk;

        public string Token => token;

        public static Task<Hub> Open(params string[] agents) => Within(Anyone, agents);

        public static async Task<Hub> Within(string peers, params string[] agents)
        {
            var talk = await Talk.Calling([.. agents.Union(["buyer"])]);
            var client = talk.Api.Client;
            (await client.Admin(HttpMethod.Put, "/admin/services/translation", Service)).Expect(200);
            (await client.Admin(HttpMethod.Post, "/admin/wallets/agent:buyer/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
            return new(talk, await client.OpenSession(agent: "buyer", peers: peers));
        }

        public static AgentKey KeyOf(string agent) => new(unchecked((byte)agent.Sum(c => c)));

        /// <summary>It registers, says that it is online, and everybody has heard of it.</summary>
        public async Task Offer(string agent, int weight = 1, string skill = Skill, bool online = true)
        {
            var card = KeyOf(agent).Content(agent, skill: skill);
            card["skills"]![0]!["weight"] = weight;
            (await talk.Api.Client.Send(HttpMethod.Put, $"/agents/{agent}", talk.Key(agent), AgentKey.Put(KeyOf(agent).Sign(Cards.CardType, card)))).Expect(200);
            if (online)
            {
                (await talk.Post(agent, $"/agents/{agent}/heartbeat", """{"lease_seconds":300}""")).Expect(200);
            }

            var feed = talk.Api.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CatalogueFeed>().Single();
            while (talk.Api.Services.GetRequiredService<Catalogues>().Agents(Tenant.Default).Find(agent) is not { } known || known.Card.LeaseUntil is null == online)
            {
                await feed.Refresh(default);
            }
        }

        public Task<Received> Run(int n = 0) => talk.Api.Client.Post("/agent/services/translation/run", token, $$$"""{"input":{"text":"Hallo","n":{{{n}}}},"max_price_cents":25}""");

        public async Task<Asked> NextRequest(string agent) => new(agent, await talk.NextMessage(agent));

        public async Task Reply(Asked asked, string content = """{"text":"Hello"}""", string type = "application/json") => (await talk.Post(
            asked.AgentId, $"/conversations/{asked.Entry.GetProperty("conversation_id").GetString()}/messages",
            $$"""{"content":{{content}},"content_type":"{{type}}","reply_to":"{{asked.Entry.GetProperty("message_id").GetString()}}"}""")).Expect(201);

        public async Task<string?> ServedByReceipt(string payment)
        {
            var token = (await talk.Api.Client.Admin(HttpMethod.Get, $"/admin/payments/{payment}/receipt")).Expect(200).Data.GetProperty("receipt").GetString()!;
            return JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement.GetProperty("served_by").GetString();
        }

        public Task<decimal> Balance(string wallet) => talk.Balance(wallet);

        public Task<decimal> Eventually(string wallet, decimal wanted) => talk.Eventually(wallet, wanted);

        public ValueTask DisposeAsync() => talk.DisposeAsync();
    }
}
