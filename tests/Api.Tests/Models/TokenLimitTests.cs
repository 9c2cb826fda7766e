using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Besides money a session has limits of tokens and of calls, as long as it lives and in a minute; what is delegated counts above.</summary>
public sealed class TokenLimitTests
{
    private const long Read = InputBound.Whole + InputBound.EachItem + 14 + 4;

    [Fact]
    public async Task A_call_holds_all_that_it_may_read_and_write_is_cut_to_what_is_free_and_counts_what_it_had()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "anthropic");
        var session = await Open(world, """{"tokens":400}""");

        var first = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 4_000))).Expect(200);
        var used = (await world.Truth("m")).Counts;
        Assert.Equal(400 - Read, first.MaxOutputTokens);
        var (tokens, held, calls) = await Use(world, session);
        Assert.Equal((ModelWorld.Usage(used).Total, 0, 1), (tokens, held, calls));

        while ((await Use(world, session)).Tokens + Read + 16 <= 400)
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 4_000))).Expect(200);
        }

        var refused = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"))).Refused(402, "budget_exceeded").Error;
        Assert.Equal(("model_tokens", 400 - (await Use(world, session)).Tokens), (refused.GetProperty("limit").GetString(), refused.GetProperty("free_tokens").GetInt64()));
    }

    [Fact]
    public async Task No_more_calls_are_made_than_may_be()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var session = await Open(world, """{"calls":3}""");

        var told = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "m"))));

        Assert.Equal((3, 9), (told.Count(reply => reply.Status == 200), told.Count(reply => reply.Status == 400 && reply.Error.GetProperty("limit").GetString() == "model_calls")));
        Assert.Equal((3, 3), (world.Upstream.Requests, (await Use(world, session)).Calls));
    }

    [Fact]
    public async Task A_call_that_was_not_made_counts_nothing_and_one_of_which_nobody_knows_all_that_it_might()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Nth(new Fault.Status(400), 1), FaultRule.Nth(new Fault.CloseBeforeStatus(), 1)] });
        await world.PutModel("m", "anthropic");
        var session = await Open(world, """{"tokens":1000,"calls":2}""");

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 100))).Expect(400);
        Assert.Equal((0, 0, 0), await Use(world, session));
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 100))).Expect(502);
        Assert.Equal((Read + 100, 0, 1), await Use(world, session));
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 100))).Expect(200);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 100))).Refused(402, "budget_exceeded");
    }

    [Theory]
    [InlineData("""{"calls_per_minute":2}""", "model_calls")]
    [InlineData("""{"tokens_per_minute":280}""", "model_tokens")]
    public async Task Too_much_in_a_minute_is_refused_until_it_is_over(string limits, string limit)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "anthropic");
        var session = await Open(world, limits);
        Told told;
        for (var calls = 0; (told = await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "m", maxTokens: 100))).Status == 200; calls++)
        {
            Assert.True(calls < 10);
        }

        told.Refused(429, "rate_limited");
        Assert.Equal((limit, "true"), (told.Error.GetProperty("limit").GetString(), told.Header("x-should-retry")));
        Assert.InRange(int.Parse(told.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
    }

    [Fact]
    public async Task What_is_below_counts_above_and_has_no_more_than_it_was_given()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "anthropic");
        var parent = await Open(world, """{"tokens":300}""");
        (await world.Api.Client.Post("/agent/session/delegate", parent.Token, """{"agent_id":"helper","scopes":{"model_limits":{"tokens":301}}}""")).Expect(403);
        var opened = (await world.Api.Client.Post("/agent/session/delegate", parent.Token, """{"agent_id":"helper","scopes":{"model_limits":{"calls":1}}}""")).Expect(201).Data;
        Assert.Equal("""{"tokens":300,"calls":1,"tokens_per_minute":null,"calls_per_minute":null}""", opened.GetProperty("scopes").GetProperty("model_limits").GetRawText());
        var child = new ModelSession(opened.GetProperty("token").GetString()!, opened.GetProperty("session_id").GetString()!);

        (await world.Door.Ask(child, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 4_000))).Expect(200);
        var used = ModelWorld.Usage((await world.Truth("m")).Counts).Total;
        await world.NothingIsHeld(parent);
        Assert.Equal(((used, 0, 1), (used, 0, 1)), (await Use(world, child), await UseInTheEnd(world, parent)));
        (await world.Door.Ask(child, "chat", ModelDoorClient.Body("chat", "m"))).Refused(402, "budget_exceeded");

        var free = 300 - used;
        var last = (await world.Door.Ask(parent, "chat", ModelDoorClient.Body("chat", "m", maxTokens: 4_000))).Expect(200);
        Assert.Equal(free - Read, last.MaxOutputTokens);
    }

    [Fact]
    public async Task Whoever_is_granted_a_limit_has_it_and_may_only_ask_for_less()
    {
        await using var world = await ModelWorld.Start();
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-a", "{}")).Expect(200);
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-a/grants/agent-1", """
            {"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"model_limits":{"tokens":500,"calls_per_minute":7},"budget_limit_cents":100}}
            """)).Expect(200);
        (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-a","scopes":{"model_limits":{"tokens":501}}}""")).Expect(403);
        var opened = (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-a","scopes":{"model_limits":{"tokens":50}}}""")).Expect(201).Data;
        Assert.Equal("""{"tokens":50,"calls":null,"tokens_per_minute":null,"calls_per_minute":7}""", opened.GetProperty("scopes").GetProperty("model_limits").GetRawText());
        (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-a","scopes":{"model_limits":{"tokens":-1,"token":3}}}""")).Expect(422);
    }

    private static async Task<ModelSession> Open(ModelWorld world, string limits)
    {
        var opened = (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, $$$"""
            {"agent_id":"agent-1","user_id":"user-{{{Guid.NewGuid():N}}}","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"model_limits":{{{limits}}},"budget_limit_cents":1000}}
            """)).Expect(201).Data;
        return new(opened.GetProperty("token").GetString()!, opened.GetProperty("session_id").GetString()!);
    }

    private static async Task<(long Tokens, long Held, long Calls)> Use(ModelWorld world, ModelSession session)
    {
        JsonElement use = (await world.Api.Client.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("model_use");
        return (use.GetProperty("tokens").GetInt64(), use.GetProperty("held_tokens").GetInt64(), use.GetProperty("calls").GetInt64());
    }

    /// <summary>When a session above has followed.</summary>
    private static async Task<(long Tokens, long Held, long Calls)> UseInTheEnd(ModelWorld world, ModelSession session)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var use = await Use(world, session); ; use = await Use(world, session))
        {
            if (use.Held == 0) return use;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }
}
