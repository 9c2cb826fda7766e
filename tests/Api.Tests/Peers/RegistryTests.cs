using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Peers;

/// <summary>Agents register themselves under keys of their own, are found, and are there or not.</summary>
public sealed class RegistryTests
{
    private const string Own = "/agents/agent-1";
    private static readonly AgentKey First = new(1);
    private static readonly AgentKey Second = new(2);

    [Fact]
    public async Task A_card_is_shown_as_it_was_signed_with_its_words_marked()
    {
        await using var api = await RunningApi.Start();
        var card = First.Card();

        var put = (await Put(api, await Key(api), AgentKey.Put(card))).Expect(200);
        var shown = (await api.Client.Get(Own, await Token(api))).Expect(200);

        Assert.Equal(card, shown.Data.GetProperty("card").GetString());
        Assert.Equal(new Crypto.Jwk(First.Private.PublicKey).KeyId, shown.Data.GetProperty("key_thumbprint").GetString());
        Assert.Equal(("Translator", "gone", 2), (Text(shown, "name"), Text(shown, "status"), shown.Data.GetProperty("skills")[0].GetProperty("weight").GetInt32()));
        Assert.Contains("data.skills[].description", put.Json.GetProperty("untrusted_fields").EnumerateArray().Select(field => field.GetString()));
    }

    [Fact]
    public async Task Agents_key_its_session_and_the_platform_may_register_it_and_nobody_else()
    {
        await using var api = await RunningApi.Start();
        var (key, token) = (await Key(api), await Token(api));
        (await Put(api, token, AgentKey.Put(First.Card()))).Expect(200);
        (await Put(api, key, AgentKey.Put(First.Card(version: 2)))).Expect(200);
        (await Put(api, RunningApi.PlatformKey, AgentKey.Put(First.Card(version: 3)))).Expect(200);

        (await api.Client.Send(HttpMethod.Put, "/agents/agent-2", key, AgentKey.Put(Second.Card("agent-2")))).Refused(403, Codes.Forbidden);
        (await api.Client.Send(HttpMethod.Put, "/agents/agent-2", token, AgentKey.Put(Second.Card("agent-2")))).Refused(403, Codes.Forbidden);
        (await api.Client.Send(HttpMethod.Put, "/agents/agent-2", RunningApi.PlatformKey, AgentKey.Put(Second.Card("agent-2")))).Expect(200);
        (await Put(api, null, AgentKey.Put(First.Card(version: 4)))).Refused(401, Codes.Unauthorized);
    }

    [Fact]
    public async Task The_first_key_binds_the_id_and_another_leads_to_it_by_rotation_only()
    {
        await using var api = await RunningApi.Start();
        var key = await Key(api);
        (await Put(api, key, AgentKey.Put(First.Card()))).Expect(200);

        (await Put(api, key, AgentKey.Put(Second.Card(version: 2)))).Refused(409, Codes.KeyMismatch);
        var rotated = (await Put(api, key, AgentKey.Put(Second.Card(version: 2), First.Rotation(Second)))).Expect(200);
        Assert.Equal(new Crypto.Jwk(Second.Private.PublicKey).KeyId, Text(rotated, "key_thumbprint"));

        var old = (await Put(api, key, AgentKey.Put(First.Card(version: 9)))).Expect(200);
        Assert.Equal(2, old.Data.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task What_is_wrong_with_a_card_is_said_where_it_is_and_changes_nothing()
    {
        await using var api = await RunningApi.Start();
        var key = await Key(api);
        var card = First.Card();
        var third = new AgentKey(3);

        await Wrong(AgentKey.Put(card[..^8] + "AAAAAAAA"), "/card", "signature");
        await Wrong(AgentKey.Put(First.Sign("other", First.Content())), "/card", "signature");
        await Wrong(AgentKey.Put(Second.Sign(Cards.CardType, First.Content())), "/card", "signature");
        await Wrong(AgentKey.Put(First.Card("agent-2")), "/card/agent_id", "const");
        await Wrong(AgentKey.Put("a.b"), "/card", "format");
        await Wrong(AgentKey.Put(First.Sign(Cards.CardType, JsonValue.Create(1))), "/card", "type");
        await Wrong(AgentKey.Put(Signed(content => content["more"] = 1)), "/card/more", "additionalProperties");
        await Wrong(AgentKey.Put(Signed(content => content["name"] = "a\u202Eb")), "/card/name", "pattern");
        await Wrong(AgentKey.Put(Signed(content => content["version"] = 0)), "/card/version", "minimum");
        await Wrong(AgentKey.Put(Signed(content => content.Remove("version"))), "/card/version", "required");
        await Wrong(AgentKey.Put(Signed(content => content["encryption_key"]!["x"] = "AA")), "/card/encryption_key/x", "format");
        await Wrong(AgentKey.Put(Signed(content => content["encryption_key"]!["x"] = new string('A', 43))), "/card/encryption_key/x", "format");
        await Wrong(AgentKey.Put(Signed(content => content["endpoints"]![0]!["url"] = "javascript:1")), "/card/endpoints/0/url", "format");
        await Wrong(AgentKey.Put(Signed(content => content["skills"] = new JsonArray([.. Enumerable.Range(0, 33).Select(_ => new JsonObject())]))), "/card/skills", "maxItems");
        await Wrong(AgentKey.Put(Signed(content => content["skills"]!.AsArray().Add(content["skills"]![0]!.DeepClone()))), "/card/skills", "uniqueItems");
        await Wrong(AgentKey.Put(Second.Card(), $"{third.Rotation(Second)[..^8]}AAAAAAAA"), "/rotations/0", "signature");
        await Wrong(AgentKey.Put(Second.Card(), First.Rotation(Second, n: 2)), "/rotations/0", "const");
        await Wrong(AgentKey.Put(Second.Card(), First.Rotation(Second, agent: "agent-2")), "/rotations/0", "const");
        await Wrong(AgentKey.Put(third.Card(), First.Rotation(Second), First.Rotation(third, 2)), "/rotations/1", "const");
        await Wrong(AgentKey.Put(First.Card(), First.Rotation(Second)), "/card/signing_key", "const");
        await Wrong("""{"card":"CARD","rotations":1}""".Replace("CARD", card, StringComparison.Ordinal), "/rotations", "type");
        await Wrong("{}", "/card", "required");
        (await api.Client.Get(Own, key)).Refused(404, Codes.NotFound);

        string Signed(Action<JsonObject> change)
        {
            var content = First.Content();
            change(content);
            return First.Sign(Cards.CardType, content);
        }

        async Task Wrong(string body, string path, string? keyword)
        {
            var details = (await Put(api, key, body)).Refused(422, Codes.ValidationFailed).Error.GetProperty("details").EnumerateArray().Select(d => (d.GetProperty("path").GetString(), d.GetProperty("keyword").GetString())).ToList();
            Assert.True(details.Any(d => d.Item1 == path && (keyword is null || d.Item2 == keyword)), $"{body}: {string.Join(", ", details)}");
        }
    }

    [Fact]
    public async Task A_key_is_rotated_64_times_each_with_the_whole_chain_and_no_more()
    {
        await using var api = await RunningApi.Start();
        var key = await Key(api);
        AgentKey[] keys = [.. Enumerable.Range(1, 66).Select(static n => new AgentKey((byte)n))];
        List<string> chain = [];
        (await Put(api, key, AgentKey.Put(keys[0].Card()))).Expect(200);
        for (var n = 1; n <= 64; n++)
        {
            chain.Add(keys[n - 1].Rotation(keys[n], n));
            Assert.Equal(new Crypto.Jwk(keys[n].Private.PublicKey).KeyId, Text((await Put(api, key, AgentKey.Put(keys[n].Card(), chain))).Expect(200), "key_thumbprint"));
        }

        (await Put(api, key, AgentKey.Put(keys[65].Card(), [.. chain, keys[64].Rotation(keys[65], 65)]))).Refused(422, Codes.ValidationFailed);
        (await Put(api, key, AgentKey.Put(keys[64].Card(version: 2), chain[1..]))).Refused(422, Codes.ValidationFailed);
        (await Put(api, key, AgentKey.Put(keys[64].Card(version: 2), chain))).Expect(200);
    }

    [Fact]
    public async Task A_revoked_agent_is_found_no_more_and_nothing_brings_it_back()
    {
        await using var api = await RunningApi.Start();
        var key = await Key(api);
        (await Post(api, "revoke", key, Word(First.Revocation()))).Refused(404, Codes.NotFound);
        (await Put(api, key, AgentKey.Put(First.Card()))).Expect(200);

        (await Post(api, "revoke", key, Word(Second.Revocation()))).Refused(422, Codes.ValidationFailed);
        (await Post(api, "revoke", key, Word(First.Revocation("agent-2")))).Refused(422, Codes.ValidationFailed);
        Assert.Equal("revoked", Text((await Post(api, "revoke", key, Word(First.Revocation()))).Expect(200), "status"));
        Assert.Equal("revoked", Text((await Post(api, "revoke", key, Word(First.Revocation()))).Expect(200), "status"));

        (await Put(api, key, AgentKey.Put(Second.Card(version: 2), First.Rotation(Second)))).Refused(409, Codes.KeyMismatch);
        (await Post(api, "heartbeat", key, "{}")).Refused(409, Codes.KeyMismatch);
        Assert.Equal(0, (await api.Client.Get("/agents", key)).Expect(200).Data.GetProperty("total_count").GetInt32());
        Assert.Equal("revoked", Text((await api.Client.Get(Own, key)).Expect(200), "status"));

        static string Word(string jws) => new JsonObject { ["revocation"] = jws }.ToJsonString();
    }

    /// <summary>Whoever stole the first key makes the longer chain. The owner has the first key still, or only the one that it leads to, and ends both.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Owner_revokes_a_chain_that_was_forked_with_a_key_that_was_rotated_away(bool revokesFirst)
    {
        await using var api = await RunningApi.Start();
        var key = await Key(api);
        var (third, fourth) = (new AgentKey(3), new AgentKey(4));
        string[] fork = [First.Rotation(third), third.Rotation(fourth, 2)];
        (await Put(api, key, AgentKey.Put(First.Card()))).Expect(200);
        (await Put(api, key, AgentKey.Put(Second.Card(version: 2), First.Rotation(Second)))).Expect(200);
        if (revokesFirst)
        {
            Assert.Equal("revoked", Text((await Post(api, "revoke", key, Word(First))).Expect(200), "status"));
            (await Put(api, key, AgentKey.Put(fourth.Card(), fork))).Refused(409, Codes.KeyMismatch);
            return;
        }

        Assert.Equal(new Crypto.Jwk(fourth.Private.PublicKey).KeyId, Text((await Put(api, key, AgentKey.Put(fourth.Card(), fork))).Expect(200), "key_thumbprint"));
        (await Post(api, "revoke", key, Word(Second))).Refused(422, Codes.ValidationFailed);
        (await Post(api, "revoke", key, Word(Second, third.Rotation(Second)))).Refused(409, Codes.KeyMismatch);
        (await Post(api, "revoke", key, Word(First, $"{First.Rotation(Second)[..^8]}AAAAAAAA"))).Refused(422, Codes.ValidationFailed);
        Assert.Equal("revoked", Text((await Post(api, "revoke", key, Word(Second, First.Rotation(Second)))).Expect(200), "status"));
        (await Post(api, "heartbeat", key, "{}")).Refused(409, Codes.KeyMismatch);

        static string Word(AgentKey by, params string[] rotations) => new JsonObject { ["revocation"] = by.Revocation(), ["rotations"] = new JsonArray([.. rotations.Select(one => JsonValue.Create(one))]) }.ToJsonString();
    }

    [Fact]
    public async Task An_agent_is_online_for_its_lease_away_as_long_again_and_then_gone()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        var key = await Key(api);
        (await Post(api, "heartbeat", key, "{}")).Refused(404, Codes.NotFound);
        (await Put(api, key, AgentKey.Put(First.Card()))).Expect(200);

        (await Post(api, "heartbeat", key, """{"lease_seconds":9}""")).Refused(422, Codes.ValidationFailed);
        (await Post(api, "heartbeat", key, """{"lease_seconds":100}""")).Expect(200);
        await Is("online");
        time.Move(TimeSpan.FromSeconds(101));
        await Is("away");
        time.Move(TimeSpan.FromSeconds(100));
        await Is("gone");

        async Task Is(string status)
        {
            Assert.Equal(status, Text((await api.Client.Get(Own, RunningApi.PlatformKey)).Expect(200), "status"));
            foreach (var asked in AgentStatuses.Found)
            {
                Assert.Equal(asked == status ? 1 : 0, (await api.Client.Get($"/agents?status={asked}", RunningApi.PlatformKey)).Expect(200).Data.GetProperty("total_count").GetInt32());
            }
        }
    }

    [Fact]
    public async Task Agents_are_found_by_words_and_skills_in_their_own_tenant_only()
    {
        await using var api = await RunningApi.Start();
        foreach (var (id, key, name, skill) in new[] { ("agent-1", First, "Translator", "translate"), ("agent-2", Second, "Painter", "paint") })
        {
            (await api.Client.Send(HttpMethod.Put, $"/agents/{id}", RunningApi.PlatformKey, AgentKey.Put(key.Card(id, name: name, skill: skill)))).Expect(200);
        }

        Assert.Equal(["agent-2"], await Found("q=painter"));
        Assert.Equal(["agent-1", "agent-2"], await Found("q=language"));
        Assert.Equal(["agent-1"], await Found("skill=translate"));
        Assert.Equal([], await Found("skill=sing"));
        Assert.Equal(["agent-2"], await Found("offset=1&limit=1"));
        Assert.Equal([], await Found("", RunningApi.SecondPlatformKey));
        (await api.Client.Get(Own, RunningApi.SecondPlatformKey)).Refused(404, Codes.NotFound);
        (await api.Client.Get("/agents?status=revoked", RunningApi.PlatformKey)).Refused(422, Codes.ValidationFailed);

        async Task<IEnumerable<string?>> Found(string query, string key = RunningApi.PlatformKey) =>
            [.. (await api.Client.Get($"/agents?{query}", key)).Expect(200).Data.GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("agent_id").GetString())];
    }

    [Fact]
    public async Task Another_process_finds_in_the_tables_what_was_registered_here()
    {
        var journal = new Journal.Memory.MemoryJournal(TimeProvider.System);
        await using var here = await RunningApi.Start(store: journal);
        (await here.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(First.Card()))).Expect(200);

        await using var there = await RunningApi.Start(store: journal);
        var shown = (await there.Client.Get(Own, RunningApi.PlatformKey)).Expect(200);
        Assert.Equal(1, (await there.Client.Get("/agents?q=translator", RunningApi.PlatformKey)).Expect(200).Data.GetProperty("total_count").GetInt32());
        (await here.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(Second.Card(version: 2, name: "Interpreter"), First.Rotation(Second)))).Expect(200);
        await Refresh(there);

        Assert.Equal("Interpreter", Text((await there.Client.Get(Own, RunningApi.PlatformKey)).Expect(200), "name"));
        Assert.Equal("Translator", Text(shown, "name"));
    }

    /// <summary>What a table says may be older than what this process answered itself.</summary>
    [Fact]
    public void What_a_process_knows_of_an_agent_never_goes_back()
    {
        var (registry, at) = (new AgentRegistry(), DateTimeOffset.UnixEpoch.AddYears(60));
        registry.Put(Card(2, at.AddSeconds(1)) with { LeaseUntil = at.AddHours(1), LeaseSeconds = 3_600 });
        registry.Put(Card(1, at));

        Assert.Equal((2, at.AddHours(1)), (registry.Find("agent-1")!.Content.Version, registry.Find("agent-1")!.Card.LeaseUntil));
        Assert.Single(registry.Offering("translate", at));

        static AgentCard Card(int version, DateTimeOffset at) => new("agent-1", Cards.Verify("agent-1", First.Card(version: version), [], new())!.Value.Card, at, at);
    }

    [Fact]
    public async Task To_look_for_agents_that_are_not_there_brings_none_to_life()
    {
        await using var api = await RunningApi.Start();
        var token = await Token(api);
        var before = api.Activations;
        for (var i = 0; i < 20; i++)
        {
            (await api.Client.Get($"/agents/stranger-{i}", token)).Refused(404, Codes.NotFound);
        }

        Assert.Equal(before, api.Activations);
    }

    private static Task Refresh(RunningApi api) => api.Services.GetServices<IHostedService>().OfType<CatalogueFeed>().Single().Refresh(default);

    private static Task<Received> Put(RunningApi api, string? key, string body) => api.Client.Send(HttpMethod.Put, Own, key, body);

    private static Task<Received> Post(RunningApi api, string what, string key, string body) => api.Client.Post($"{Own}/{what}", key, body);

    private static string Text(Received reply, string name) => reply.Data.GetProperty(name).GetString()!;

    private static async Task<string> Key(RunningApi api)
    {
        await api.Client.PutAgents("agent-1");
        return (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
    }

    private static Task<string> Token(RunningApi api) => api.Client.OpenSession();
}
