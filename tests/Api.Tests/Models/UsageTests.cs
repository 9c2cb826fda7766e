using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>What the provider counted is what is recorded, posted and told: each token in one bucket, none twice and none dropped.</summary>
public sealed class UsageTests
{
    private const string Thinks = ""","thinking":{"type":"enabled","budget_tokens":1024}""";

    public static TheoryData<string, string> WiresByDialect => ModelWorld.Rows(ModelWorld.Wires.SelectMany(wire => ModelDoorClient.Dialects.Select(dialect => (wire, dialect))));

    [Theory]
    [MemberData(nameof(WiresByDialect))]
    public async Task Every_bucket_is_posted_at_its_own_price_and_told_as_the_dialects_maker_adds_them_up(string wire, string dialect)
    {
        await using var world = await ModelWorld.Start(new()
        {
            Reply = new() { Text = Words.Of(90), Reasoning = Words.Of(70, 1), CacheRead = 300, CacheWrite = 200, CacheWriteLong = 100 },
        });
        foreach (var stream in new[] { false, true })
        {
            var model = $"all-{stream}";
            await world.PutModel(model, wire);
            var session = await world.Open();

            var told = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, model, Words.Of(1_000, 2), 3_000, stream, dialect == "messages" ? Thinks : ""))).Expect(200);

            var counts = (await world.Truth(model)).Counts;
            Assert.True(counts is { Input: > 0, CacheRead: 300, Output: 90 }, $"{counts}");
            Assert.Equal((wire != "google", wire == "anthropic", wire != "anthropic" || dialect == "messages"), (counts.CacheWrite == 200, counts.CacheWriteLong == 100, counts.Reasoning == 70));
            Assert.Equal((ModelWorld.Cost(counts), 0), await world.Budget(session));
            Assert.Equal(ModelWorld.Usage(counts), (await world.Concluded(session, told.Run)).Model!.Usage);
            Assert.Equal(Told(dialect, counts), Said(dialect, told.Usage));
            if (!stream)
            {
                Assert.Equal(ModelWorld.Cost(counts), ModelWorld.Micros(told.Header("Agora-Cost-Cents")!));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Of_random_answers_what_is_recorded_is_what_the_provider_counted(int seed)
    {
        const int Calls = 25;
        var random = new Random(seed);
        var replies = Enumerable.Range(0, Calls).Select(_ => Random(random)).ToList();
        var asked = Enumerable.Range(0, Calls).Select(i => (Wire: ModelWorld.Wires[i % 5], Dialect: ModelDoorClient.Dialects[random.Next(3)], Stream: random.Next(2) == 0, Text: random.Next(1, 500), Most: random.Next(1_100, 3_000), Thinks: random.Next(2) == 0)).ToList();
        await using var world = await ModelWorld.Start(new() { Choose = request => replies[int.Parse(request.Model[1..])] });

        await Task.WhenAll(asked.Select(async (ask, i) =>
        {
            var model = $"m{i}";
            await world.PutModel(model, ask.Wire);
            var session = await world.Open();
            var more = ask is { Dialect: "messages", Thinks: true } ? Thinks : "";

            var told = await world.Door.Ask(session, ask.Dialect, ModelDoorClient.Body(ask.Dialect, model, Words.Of(ask.Text, i), ask.Most, ask.Stream, more));

            var ended = await world.Concluded(session, told.Run);
            var truth = await world.Truth(model);
            var what = $"seed {seed}, call {i}: {ask}: {replies[i]}";
            Assert.True(ModelWorld.Usage(truth.Counts) == ended.Model!.Usage, $"{what}: {truth.Counts} is recorded as {ended.Model.Usage}");
            Assert.True((ModelWorld.Cost(truth.Counts), false) == (ended.AmountMicros, ended.Model.IsEstimate), $"{what}: {ModelWorld.Cost(truth.Counts)} is posted as {ended.AmountMicros}");
            Assert.Equal((ended.AmountMicros, 0L), await world.Budget(session));
        }));
    }

    /// <summary>The event that brings the usage comes some time after the one with the end: of Google's stream nothing but the count says that it was all.</summary>
    [Theory]
    [InlineData("openai_chat")]
    [InlineData("compatible")]
    [InlineData("anthropic")]
    [InlineData("google")]
    public async Task Usage_behind_the_end_counts_also_when_it_comes_later(string wire)
    {
        var delivery = new Delivery { Pieces = new(1, 60, 90, TimeSpan.FromMilliseconds(30)) };
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(10), Delivery = delivery, Fault = new Fault.Usage(UsageFault.Late) } });
        await world.PutModel("m", wire);
        var session = await world.Open();

        var told = (await world.Door.Ask(session, "responses", ModelDoorClient.Body("responses", "m", stream: true))).Expect(200);

        var (ended, truth) = (await world.Concluded(session, told.Run), await world.Truth("m"));
        Assert.Equal((ModelWorld.Usage(truth.Counts), ModelWorld.Cost(truth.Counts), false), (ended.Model!.Usage, ended.AmountMicros, ended.Model.IsEstimate));
    }

    private static Reply Random(Random random) => new()
    {
        Text = Words.Of(random.Next(1, 800), random.Next()),
        Reasoning = random.Next(2) == 0 ? Words.Of(random.Next(1, 600), random.Next()) : "",
        Refusal = random.Next(8) == 0 ? "I would rather not." : null,
        CacheRead = random.Next(3) == 0 ? random.Next(300) : 0,
        CacheWrite = random.Next(3) == 0 ? random.Next(300) : 0,
        CacheWriteLong = random.Next(3) == 0 ? random.Next(300) : 0,
        TellsThinking = random.Next(4) != 0,
        ShowsReasoningInChat = random.Next(2) == 0,
        Delivery = new() { ChunkCharacters = random.Next(1, 200), Pieces = random.Next(3) == 0 ? new(random.Next(), 1, 900) : null },
        Fault = random.Next(4) == 0 ? new Fault.Usage((UsageFault)random.Next(0, 5) is var how && how == UsageFault.Missing ? UsageFault.Twice : how) : null,
    };

    private static (long Read, long Cached, long Written, long Wrote, long Thought) Told(string dialect, Counts counts) => dialect == "messages"
        ? (counts.Input, counts.CacheRead, counts.CacheWrite + counts.CacheWriteLong, counts.AllOutput, counts.Reasoning)
        : (counts.AllInput, counts.CacheRead, counts.CacheWrite + counts.CacheWriteLong, counts.AllOutput, counts.Reasoning);

    private static (long Read, long Cached, long Written, long Wrote, long Thought) Said(string dialect, JsonElement usage)
    {
        long Of(params string[] path) => path.Aggregate(usage, (at, name) => at.GetProperty(name)).GetInt64();
        if (dialect != "messages")
        {
            var (input, output) = dialect == "chat" ? ("prompt", "completion") : ("input", "output");
            Assert.Equal(Of("total_tokens"), Of($"{input}_tokens") + Of($"{output}_tokens"));
            return (Of($"{input}_tokens"), Of($"{input}_tokens_details", "cached_tokens"), Of($"{input}_tokens_details", "cache_write_tokens"), Of($"{output}_tokens"), Of($"{output}_tokens_details", "reasoning_tokens"));
        }

        return (Of("input_tokens"), Of("cache_read_input_tokens"), Of("cache_creation_input_tokens"), Of("output_tokens"), Of("output_tokens_details", "thinking_tokens"));
    }
}
