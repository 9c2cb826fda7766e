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
