using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>A request that is sent twice under one key is one call, and is paid once.</summary>
public sealed class OnceTests
{
    public static TheoryData<string, bool> DialectsByStream => ModelWorld.Rows(ModelDoorClient.Dialects.SelectMany(dialect => new[] { (dialect, false), (dialect, true) }));

    [Theory]
    [MemberData(nameof(DialectsByStream))]
    public async Task A_key_sent_again_while_the_first_is_under_way_and_after_it_calls_and_posts_once(string dialect, bool stream)
    {
        var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var world = await ModelWorld.Start(new()
        {
            Choose = _ =>
            {
                reached.TrySetResult();
                return new Reply { Until = gate.Task };
            },
        });
        await world.PutModel("once", "anthropic");
        var session = await world.Open();
        var body = ModelDoorClient.Body(dialect, "once", stream: stream);

        var first = world.Door.Ask(session, dialect, body, key: "key-1");
        await reached.Task;
        var meanwhile = (await world.Door.Ask(session, dialect, body, key: "key-1")).Refused(409, "idempotency_in_flight");
        gate.SetResult();
        (await first).Expect(200);
        var after = (await world.Door.Ask(session, dialect, body, key: "key-1")).Refused(409, "idempotency_conflict");
        var other = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "once", "Something else.", stream: stream), key: "key-1")).Refused(409, "idempotency_conflict");

        Assert.Equal(("true", "false", "false"), (meanwhile.Header("x-should-retry"), after.Header("x-should-retry"), other.Header("x-should-retry")));
        Assert.Equal((1, (ModelWorld.Cost((await world.Truth("once")).Counts), 0L)), (world.Upstream.Requests, await world.Budget(session)));
        (await world.Door.Ask(session, dialect, body, key: "key-2")).Expect(200);
        Assert.Equal(2, world.Upstream.Requests);
    }

    [Theory]
    [InlineData("chat", 503)]
    [InlineData("responses", 503)]
    [InlineData("messages", 529)]
    public async Task A_key_whose_call_came_to_nothing_is_told_so_again_and_another_key_calls(string dialect, int status)
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Nth(new Fault.Status(503), 1, 2, 3)] });
        await world.PutModel("once", "openai");
        var session = await world.Open();
        var body = ModelDoorClient.Body(dialect, "once");

        var first = (await world.Door.Ask(session, dialect, body, key: "key-1")).Refused(status, "unavailable");
        var again = (await world.Door.Ask(session, dialect, body, key: "key-1")).Refused(status, "unavailable");

        Assert.Equal(("false", "false", 3), (first.Header("x-should-retry"), again.Header("x-should-retry"), world.Upstream.Requests));
        Assert.Equal((0, 0), await world.Budget(session));
        (await world.Door.Ask(session, dialect, body, key: "key-2")).Expect(200);
    }

    [Fact]
    public async Task A_key_that_a_limit_refused_calls_when_there_is_room_and_one_that_was_cut_to_what_is_free_calls_once()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("once", "anthropic");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-a", """{"daily_cap_cents":0.05}""")).Expect(200);
        var session = await world.Open(user: "user-a");
        var body = ModelDoorClient.Body("chat", "once", maxTokens: null);

        (await world.Door.Ask(session, "chat", body, key: "key-1")).Refused(402, "budget_exceeded");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-a", """{"daily_cap_cents":0.2}""")).Expect(200);
        var told = (await world.Door.Ask(session, "chat", body, key: "key-1")).Expect(200);
        (await world.Door.Ask(session, "chat", body, key: "key-1")).Refused(409, "idempotency_conflict");

        Assert.Equal((1, (ModelWorld.Cost((await world.Truth("once")).Counts), 0L)), (world.Upstream.Requests, await world.Budget(session)));
        Assert.InRange(told.HeldMicros, 1, 2_000);
    }

    [Fact]
    public async Task A_reply_under_a_key_says_when_it_was_made()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("once", "anthropic");
        var told = (await world.Door.Ask(await world.Open(), "chat", ModelDoorClient.Body("chat", "once"), key: "key-1")).Expect(200);
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(told.Json.GetProperty("created").GetInt64()), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_key_sent_forty_times_at_once_calls_and_posts_once()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("once", "google");
        var session = await world.Open();

        var told = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "once"), key: "key-1")));

        Assert.Equal((1, 39), (told.Count(reply => reply.Status == 200), told.Count(reply => reply.Status == 409)));
        Assert.Equal((1, (ModelWorld.Cost((await world.Truth("once")).Counts), 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }
}
