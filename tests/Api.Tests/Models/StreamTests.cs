using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Clients that leave, and streams that end before their end: what was begun is paid for once, and nothing that a client has seen is asked for again.</summary>
public sealed class StreamTests
{
    public static TheoryData<string> Wires => [.. ModelWorld.Wires];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_client_that_leaves_in_mid_stream_is_billed_what_the_provider_counted(string wire)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(400), Delivery = new() { Until = gate.Task } });
        foreach (var dialect in ModelDoorClient.Dialects)
        {
            await world.PutModel($"left-{dialect}", wire);
        }

        var left = await Task.WhenAll(ModelDoorClient.Dialects.Select(async dialect =>
        {
            var session = await world.Open();
            var reply = await world.Door.Begin(session, dialect, ModelDoorClient.Body(dialect, $"left-{dialect}", maxTokens: 1_000, stream: true));
            using (await ModelDoorClient.FirstText(reply, Words.Of(400)[..8])) reply.Dispose();
            return (session, dialect);
        }));
        gate.SetResult();

        foreach (var (session, dialect) in left)
        {
            var spent = await world.SpentInTheEnd(session);
            var truth = await world.Truth($"left-{dialect}");
            Assert.Equal((true, 400, ModelWorld.Cost(truth.Counts)), (truth.IsComplete, truth.Counts.AllOutput, spent));
        }
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_client_that_leaves_before_a_whole_answer_is_billed_what_the_provider_counted(string wire)
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
        await world.PutModel("left", wire);
        var session = await world.Open();
        using var leaving = new CancellationTokenSource();

        var asking = world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "left"), leaving: leaving.Token);
        await reached.Task;
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        gate.SetResult();

        var spent = await world.SpentInTheEnd(session);
        Assert.Equal(ModelWorld.Cost((await world.Truth("left")).Counts), spent);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task What_is_cut_after_its_head_is_never_asked_for_again_whether_something_was_seen_or_not(string wire)
    {
        foreach (var fault in new Fault[] { new Fault.EndEarly(1), new Fault.ErrorEvent(1), new Fault.ErrorEvent(0), new Fault.Close(2_000), new Fault.Close(0), new Fault.Reset(2_000), new Fault.MalformedChunk(0), new Fault.MalformedChunk(0, EndsAfter: 3) })
        {
            await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(800), Faults = [FaultRule.Nth(fault, 1)] });
            await world.PutModel("cut", wire);
            var session = await world.Open();

            var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "cut", maxTokens: 1_000, stream: true))).Expect(200);

            Assert.Contains(told.Events, said => said.TryGetProperty("error", out _));
            // After an event that cannot be read the provider still says what it counted, unless its stream ends before: a count on the way is not all of it.
            var posted = fault is Fault.MalformedChunk { EndsAfter: null } ? ModelWorld.Cost((await world.Truth("cut")).Counts) : told.HeldMicros;
            Assert.Equal((1, posted), (world.Upstream.Requests, await world.SpentInTheEnd(session)));
        }
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task What_the_provider_refuses_before_anything_was_seen_is_asked_for_again_and_posted_once(string wire)
    {
        foreach (var (fault, requests) in new (FaultRule, int)[] { (FaultRule.Nth(new Fault.Status(503), 1), 2), (FaultRule.Nth(new Fault.Status(429), 1, 2), 3), (FaultRule.Nth(new Fault.Status(500), 1), 2), (FaultRule.Always(new Fault.Status(503)), 3), (FaultRule.Always(new Fault.Status(429, RetryAfterSeconds: 30)), 1) })
        {
            await using var world = await ModelWorld.Start(new() { Faults = [fault] });
            await world.PutModel("busy", wire);
            var session = await world.Open();

            var told = await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "busy", stream: true));

            await world.Upstream.Idle();
            Assert.Equal(requests, world.Upstream.Requests);
            Assert.Equal((world.Upstream.Truths.Sum(truth => ModelWorld.Cost(truth.Counts)), 0), await world.Budget(session));
            Assert.Equal(told.Status == 200 ? 1 : 0, world.Upstream.Served);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_sent_on_a_connection_that_then_closes_is_not_sent_again(bool stream)
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Nth(new Fault.CloseBeforeStatus(), 2)] });
        await world.PutModel("warm", "openai");
        var session = await world.Open();
        (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "warm"))).Expect(200);
        var (spent, _) = await world.Budget(session);

        var told = (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "warm", stream: stream))).Refused(502, "upstream_failed");

        Assert.Equal((2, (spent + told.HeldMicros, 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }
}
