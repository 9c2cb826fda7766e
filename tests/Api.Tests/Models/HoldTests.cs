using System.Text.Json;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Models;
using Agora.ScriptedModels;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Models;

/// <summary>What a call holds before anything is sent: the most that it can cost, and no more than is free.</summary>
public sealed class HoldTests
{
    /// <summary>What "Say something." is bounded by: its bytes, and what stands around them.</summary>
    private const long Read = InputBound.Whole + InputBound.EachItem + 14 + 4;

    private static string Cents(long micros) => ModelWorld.Cents(micros);

    private static long Bound(long output, string wire = "compatible") => ModelWorld.Bound(Read, output, wire);

    public static TheoryData<string, string> WiresByDialect => ModelWorld.Rows(ModelWorld.Wires.SelectMany(wire => new[] { (wire, "chat"), (wire, "responses") }));

    [Fact]
    public async Task First_requests_in_parallel_hold_no_more_than_the_budget_at_any_moment_and_what_is_posted_is_what_the_provider_bills()
    {
        const int Asked = 200;
        var (arrived, gate, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        void Arrive()
        {
            if (Interlocked.Increment(ref arrived) == Asked)
            {
                all.TrySetResult();
            }
        }

        await using var world = await ModelWorld.Start(new()
        {
            Choose = asked =>
            {
                Arrive();
                return Reply.OfTokens(50, asked.Number) with { Until = gate.Task };
            },
        });
        await world.PutModel("one", "openai_chat");
        var budget = (40 * Bound(400)) + 100;
        var session = await world.Open(Cents(budget));

        async Task<Told> Ask()
        {
            using var reply = await world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "one", maxTokens: 400));
            if ((int)reply.StatusCode != 200)
            {
                Arrive();
            }

            return await ModelDoorClient.Read("chat", reply);
        }

        var asking = Enumerable.Range(0, Asked).Select(_ => Ask()).ToList();
        await all.Task.WaitAsync(Hang.Timeout);
        Assert.InRange((await world.Budget(session)).Held, 40 * Bound(400), budget);
        gate.SetResult();
        var told = await Task.WhenAll(asking);

        Assert.Equal((40, Asked - 40), (told.Count(reply => reply.Status == 200), told.Count(reply => reply.Status == 402 && reply.Error.GetProperty("code").GetString() == "budget_exceeded")));
        await world.Upstream.Idle();
        Assert.Equal(40, world.Upstream.Truths.Count);
        Assert.Equal((world.Upstream.Truths.Sum(truth => ModelWorld.Cost(truth.Counts)), 0), await world.Budget(session));
        Assert.InRange(await MostAtOnce(world, session), 40 * Bound(400), budget);
    }

    [Theory]
    [InlineData(916, false)]
    [InlineData(917, true)]
    public async Task One_token_above_the_long_context_is_held_at_its_dearer_rate_and_the_last_below_is_not(int letters, bool isDearer)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("long", "openai", new(1, DateTimeOffset.UnixEpoch, [new(2_000_000, 8_000_000), new(4_000_000, 12_000_000, AboveInputTokens: 1_000)]));
        var session = await world.Open();

        var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "long", new('a', letters), maxTokens: 100))).Expect(200);

        Assert.Equal(isDearer ? (1_001 * 4) + (100 * 12) : (1_000 * 2) + (100 * 8), told.HeldMicros);
        var counts = (await world.Truth("long")).Counts;
        Assert.Equal(((counts.AllInput * 2) + (counts.AllOutput * 8), 0), await world.Budget(session));
    }

    [Theory]
    [InlineData("chat", "openai")]
    [InlineData("responses", "anthropic")]
    [InlineData("messages", "google")]
    public async Task A_stream_holds_from_before_its_first_word_to_its_last_and_then_what_was_counted_is_spent(string dialect, string wire)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await ModelWorld.Start(new() { Delivery = new() { Until = gate.Task } });
        await world.PutModel("held", wire);
        var session = await world.Open();

        using var reply = await world.Door.Begin(session, dialect, ModelDoorClient.Body(dialect, "held", stream: true));
        using var reader = await ModelDoorClient.FirstText(reply, "This is a script");
        var held = ModelWorld.Micros(reply.Headers.GetValues("Agora-Held-Cents").Single());
        Assert.Equal((0, held), await world.Budget(session));
        Assert.Equal(Bound(256, wire), held);
        gate.SetResult();
        var rest = await reader.ReadToEndAsync();

        Assert.Contains("answer", rest, StringComparison.Ordinal);
        Assert.Equal((ModelWorld.Cost((await world.Truth("held")).Counts), 0), await world.Budget(session));
    }

    [Theory]
    [MemberData(nameof(WiresByDialect))]
    public async Task Where_the_client_names_no_most_the_provider_is_sent_exactly_what_was_held_for(string wire, string dialect)
    {
        await using var world = await ModelWorld.Start(new() { Reply = Reply.OfTokens(5_000) });
        await world.PutModel("usual", wire, most: 2_000, usual: 600);
        var rich = await world.Open();
        var poor = await world.Open(Cents(4_000));

        var whole = (await world.Door.Ask(rich, dialect, ModelDoorClient.Body(dialect, "usual", maxTokens: null))).Expect(200);
        Assert.Equal((600, 600, Bound(600, wire)), (Sent(world, wire), whole.MaxOutputTokens, whole.HeldMicros));

        var clamped = (await world.Door.Ask(poor, dialect, ModelDoorClient.Body(dialect, "usual", maxTokens: null))).Expect(200);
        var most = Sent(world, wire);
        Assert.Equal((clamped.MaxOutputTokens, clamped.HeldMicros), (most, Bound(most, wire)));
        Assert.True(Bound(most, wire) <= 4_000 && Bound(most + 1, wire) > 4_000, $"{most} tokens were granted.");
        await world.Upstream.Idle();
        var counts = world.Upstream.Truths[^1].Counts;
        Assert.Equal((most, ModelWorld.Cost(counts)), (counts.AllOutput, (await world.Budget(poor)).Spent));
    }

    [Theory]
    [InlineData("chat", 402)]
    [InlineData("responses", 400)]
    [InlineData("messages", 402)]
    public async Task Holds_that_fill_the_budget_while_little_is_spent_refuse_with_the_most_that_passes_and_that_passes(string dialect, int status)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await ModelWorld.Start(new()
        {
            Choose = asked =>
            {
                reached.TrySetResult();
                return new Reply { Until = asked.Number == 1 ? gate.Task : null };
            },
        });
        await world.PutModel("full", "compatible");
        var session = await world.Open(Cents(Bound(500) + Bound(10)));
        var first = world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "full", maxTokens: 500));
        await reached.Task;

        var error = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "full", maxTokens: 100))).Refused(status, "budget_exceeded").Error;
        Assert.Equal(
            (Cents(Bound(100)), Cents(Bound(10)), 10),
            (error.GetProperty("asked_cents").GetRawText(), error.GetProperty("free_cents").GetRawText(), error.GetProperty("max_tokens_that_pass").GetInt32()));
        (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "full", maxTokens: 11))).Refused(status, "budget_exceeded");

        var passed = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "full", maxTokens: 10))).Expect(200);
        Assert.Equal((10, Bound(10)), (passed.MaxOutputTokens, passed.HeldMicros));
        gate.SetResult();
        (await first).Expect(200);
        Assert.Equal((world.Upstream.Truths.Sum(truth => ModelWorld.Cost(truth.Counts)), 0), await world.Budget(session));
    }

    [Fact]
    public async Task What_a_provider_writes_to_its_cache_without_being_asked_is_held_for_and_posted_as_counted()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { CacheWrite = 900 } });
        var dear = ModelWorld.Rate with { CacheWrite = 30_000_000 };
        foreach (var wire in new[] { "openai", "openai_chat", "compatible" })
        {
            await world.PutModel(wire, wire, new(1, DateTimeOffset.UnixEpoch, [dear]));
            var session = await world.Open();
            var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", wire, new('a', 4_000)))).Expect(200);

            var counts = (await world.Truth(wire)).Counts;
            var cost = ModelWorld.Cost(counts, new(1, DateTimeOffset.UnixEpoch, [dear]));
            Assert.Equal((900, cost, 0), (counts.CacheWrite, (await world.Budget(session)).Spent, (await world.Concluded(session, told.Run)).Model!.OverMicros));
        }
    }

    private static int Sent(ModelWorld world, string wire)
    {
        using var body = JsonDocument.Parse(world.Upstream.Seen[^1].Body);
        return (wire switch
        {
            "openai" => body.RootElement.GetProperty("max_output_tokens"),
            "openai_chat" => body.RootElement.GetProperty("max_completion_tokens"),
            "google" => body.RootElement.GetProperty("generationConfig").GetProperty("maxOutputTokens"),
            _ => body.RootElement.GetProperty("max_tokens"),
        }).GetInt32();
    }

    /// <summary>What was spent and held together at most, as the session's rows have it one after the other.</summary>
    private static async Task<long> MostAtOnce(ModelWorld world, ModelSession session)
    {
        var (spent, most, held) = (0L, 0L, new Dictionary<Guid, long>());
        var stream = StreamId.Session(session.Id).ToString();
        foreach (var entry in (await world.Api.Services.GetRequiredService<IJournal>().Read(stream, 0, int.MaxValue, default)).SelectMany(RowCodec.Decode))
        {
            for (var i = 0; i < entry.Events.Count; i++)
            {
                switch (await world.Api.PersonalKeys.Open(SessionEntity.Entity.Events, stream, entry, i))
                {
                    case RunEvent.Requested e:
                        held.Add(e.RunId, e.PriceMicros);
                        break;
                    case RunEvent.Concluded e:
                        held.Remove(e.RunId);
                        spent += e.AmountMicros;
                        break;
                    case RunEvent.Refused e:
                        held.Remove(e.RunId);
                        break;
                }

                most = Math.Max(most, spent + held.Values.Sum());
            }
        }

        return most;
    }

    [Fact]
    public async Task A_mark_for_the_cache_on_a_tools_result_is_held_for_as_what_it_writes()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("marked", "anthropic");
        var session = await world.Open();
        static string Of(string mark) => """
            {"model":"marked","max_tokens":100,"tools":[{"name":"t","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"Say."},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"ok"MARK}]}]}]}
            """.Replace("MARK", mark, StringComparison.Ordinal);

        var plain = (await world.Door.Ask(session, "messages", Of(""))).Expect(200);
        var marked = (await world.Door.Ask(session, "messages", Of(",\"cache_control\":{\"type\":\"ephemeral\"}"))).Expect(200);

        Assert.True(marked.HeldMicros > plain.HeldMicros, $"{marked.HeldMicros} and {plain.HeldMicros}");
    }
}
