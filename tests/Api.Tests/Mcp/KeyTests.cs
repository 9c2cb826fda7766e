using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Mcp;

/// <summary>An agent's own key as the bearer: one session a key, for the user that the key is bound to.</summary>
public sealed class KeyTests
{
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""";

    [Fact]
    public async Task A_key_that_is_bound_to_a_user_calls_in_one_session_and_in_another_once_that_is_over()
    {
        await using var api = await RunningApi.Start();
        using var mcp = new McpCaller(api.Client.Address, await Key(api, """{"user_id":"user-1"}"""));

        var first = await Session(mcp);
        Assert.Equal((first, "user-1"), (await Session(mcp), (await mcp.Call("flow_status")).Data.GetProperty("session").GetProperty("user_id").GetString()));
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{first}/end", """{"reason":"Enough."}""")).Expect(200);
        var second = await Session(mcp);

        Assert.NotEqual(first, second);
        Assert.Equal(second, await Session(mcp));
    }

    [Fact]
    public async Task A_long_message_of_a_key_is_read_while_strangers_have_all_of_their_places()
    {
        await using var api = await RunningApi.Start();
        using var mcp = new McpCaller(api.Client.Address, await Key(api, """{"user_id":"user-1"}"""));
        using var strangers = api.Services.GetRequiredService<BodyPlaces>().Begin(new(""), Limits.LongBodyBytesOfTenant);

        var listed = await mcp.Ask("tools/list", new() { ["long"] = new string('a', 2 * Limits.SmallBodyBytes) });

        Assert.NotNull(strangers);
        Assert.NotEqual(0, listed.Result.GetProperty("tools").GetArrayLength());
    }

    /// <summary>A call that is repeated across midnight is the same call: another session would pay for it again.</summary>
    [Fact]
    public async Task Past_midnight_a_key_goes_on_in_its_session_in_every_process_until_that_is_a_day_old()
    {
        var time = new MovedTime();
        time.Move(time.GetUtcNow().Date.AddHours(36) - time.GetUtcNow().UtcDateTime); // tomorrow's noon
        await using var store = new MemoryJournal(time);
        await using var api = await RunningApi.Start(time: time, store: store);
        var key = await Key(api, """{"user_id":"user-1"}""");
        using var mcp = new McpCaller(api.Client.Address, key);
        var ended = await Session(mcp);
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{ended}/end", """{"reason":"Enough."}""")).Expect(200);
        var first = await Session(mcp);
        Assert.NotEqual(ended, first);

        time.Move(TimeSpan.FromHours(13));
        await using var other = await RunningApi.Start(time: time, store: store);
        using var there = new McpCaller(other.Client.Address, key);
        Assert.Equal((first, first), (await Session(mcp), await Session(there)));

        time.Move(TimeSpan.FromHours(12));
        var second = await Session(there);
        Assert.NotEqual(first, second);
        await using var third = await RunningApi.Start(time: time, store: store);
        using var anew = new McpCaller(third.Client.Address, key);
        Assert.Equal((second, second), (await Session(mcp), await Session(anew)));
    }

    [Fact]
    public async Task Another_process_calls_in_the_same_session()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        var key = await Key(api, """{"user_id":"user-1"}""");
        using var mcp = new McpCaller(api.Client.Address, key);
        var first = await Session(mcp);
        await using var other = await RunningApi.Start(store: store.Journal);
        using var there = new McpCaller(other.Client.Address, key);

        Assert.Equal(first, await Session(there));
    }

    /// <summary>A model calls several tools at once, and its first calls find no session yet.</summary>
    [Fact]
    public async Task First_calls_at_once_wait_for_the_one_session_that_one_of_them_opens()
    {
        await using var store = await Store.Open("sqlite");
        await using var api = await RunningApi.Start(store: store.Journal);
        for (var round = 0; round < 5; round++)
        {
            var key = await Key(api, """{"user_id":"user-1"}""");
            using var mcp = new McpCaller(api.Client.Address, key);

            Assert.Single((await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Session(mcp)))).Distinct());
        }
    }

    [Fact]
    public async Task A_key_without_a_user_is_told_how_one_is_bound_and_a_bound_one_opens_sessions_for_nobody_else()
    {
        await using var api = await RunningApi.Start();
        using var unbound = new McpCaller(api.Client.Address, await Key(api, "{}"));

        var refused = (await unbound.Call("flow_status")).Refused("unauthorized");
        Assert.Contains("POST /admin/agents/{agent_id}/keys with user_id", refused.Text, StringComparison.Ordinal);
        var bound = await Key(api, """{"user_id":"user-1"}""");
        (await api.Client.Post("/agent/auth", bound, """{"agent_id":"agent-1","user_id":"user-2"}""")).Refused(401, "unauthorized");
        (await api.Client.Post("/agent/auth", bound, """{"agent_id":"agent-1","user_id":"user-1"}""")).Expect(201);
        var keys = (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1/keys")).Expect(200).Data.GetProperty("keys");
        Assert.Equal((2, "user-1", false), (keys.GetArrayLength(), keys[0].GetProperty("user_id").GetString(), keys[1].TryGetProperty("user_id", out _)));
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_any_more()
    {
        await using var api = await RunningApi.Start();
        using var mcp = new McpCaller(api.Client.Address, await Key(api, """{"user_id":"user-1"}"""));
        await Session(mcp);
        var id = (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{id}")).Expect(200);

        (await mcp.Call("flow_status")).Refused("unauthorized");
    }

    /// <summary>Else a stranger learns which agents there are.</summary>
    [Theory]
    [InlineData("agk_agent-1.c2VjcmV0")]
    [InlineData("agk_unknown.c2VjcmV0")]
    public async Task A_wrong_key_is_not_known_whether_or_not_there_is_such_an_agent(string wrong)
    {
        await using var api = await RunningApi.Start();
        await Key(api, """{"user_id":"user-1"}""");
        using var mcp = new McpCaller(api.Client.Address, wrong);

        var refused = (await mcp.Call("flow_status")).Refused("unauthorized");

        Assert.Contains("is not known here", refused.Text, StringComparison.Ordinal);
    }

    private static async Task<string> Key(RunningApi api, string body)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Grant)).Expect(200);
        return (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", body)).Expect(201).Data.GetProperty("key").GetString()!;
    }

    private static async Task<string?> Session(McpCaller mcp) => (await mcp.Call("flow_status")).Data.GetProperty("session").GetProperty("session_id").GetString();
}
