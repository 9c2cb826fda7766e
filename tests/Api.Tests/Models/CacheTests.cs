using Agora.Api.Tests.Support;
using Agora.Journal.Memory;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Requests that are equal have one reply, where they ask for it: it costs what its model says, and nobody else's is ever shown.</summary>
public sealed class CacheTests
{
    private const string Ages = "max-age=600";
    private const string Offer = ",\"cache_seconds\":600,\"cache_hit_basis_points\":2500";

    public static TheoryData<string, bool> DialectsByStream => ModelWorld.Rows(ModelDoorClient.Dialects.SelectMany(dialect => new[] { (dialect, false), (dialect, true) }));

    [Theory]
    [MemberData(nameof(DialectsByStream))]
    public async Task An_equal_request_has_the_same_reply_at_the_price_of_a_hit_and_calls_nobody(string dialect, bool stream)
    {
        await using var world = await Start();
        var session = await world.Open();

        var first = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "m", stream: stream), cache: Ages)).Expect(200);
        var cost = ModelWorld.Cost((await world.Truth("m")).Counts);
        Assert.Equal((cost, 0), await world.Budget(session));
        var other = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "m", stream: !stream), cache: Ages)).Expect(200);
        var same = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "m", stream: stream), cache: Ages)).Expect(200);

        Assert.Equal((null, "Agora; hit", "Agora; hit"), (first.Header("Cache-Status"), other.Header("Cache-Status"), same.Header("Cache-Status")));
        Assert.Equal((1, (cost + (2 * HitOf(cost)), 0L)), (world.Upstream.Requests, await world.Budget(session)));
        Assert.Equal(HitOf(cost), ModelWorld.Micros(same.Header("Agora-Cost-Cents")!));
        Assert.InRange(int.Parse(same.Header("Age")!, System.Globalization.CultureInfo.InvariantCulture), 0, 60);
        Assert.NotEqual(first.Run, same.Run);
        Assert.Equal(first.Usage.GetRawText(), same.Usage.GetRawText());
        var hit = await world.Concluded(session, same.Run);
        Assert.Equal((first.Run, (Agora.Models.Usage?)null, HitOf(cost), false), (hit.Model!.CachedFrom, hit.Model.Usage, hit.AmountMicros, hit.Model.IsEstimate));
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task Who_does_not_ask_for_it_or_wants_none_calls()
    {
        await using var world = await Start();
        await world.PutModel("plain", "anthropic");
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200);

        foreach (var cache in new[] { null, "no-cache", "max-age=0", "no-store, max-age=600", "max-age=600, no-cache" })
        {
            Assert.Null((await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: cache)).Expect(200).Header("Cache-Status"));
        }

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "plain"), cache: Ages)).Expect(200);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "plain"), cache: Ages)).Expect(200);
        Assert.Equal(8, world.Upstream.Requests);
    }

    [Fact]
    public async Task What_differs_is_not_equal_and_what_is_anothers_is_not_shown()
    {
        await using var world = await Start();
        await world.PutModel("m", "anthropic", key: RunningApi.SecondAdminKey, more: Offer);
        var session = await world.Open(user: "ann");
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200);

        await Calls(session, ModelDoorClient.Body("chat", "m", "Something else."));
        await Calls(session, ModelDoorClient.Body("chat", "m", maxTokens: 255));
        await Calls(session, ModelDoorClient.Body("chat", "m", more: ",\"temperature\":0.5"));
        await Calls(await world.Open(user: "bob"), ModelDoorClient.Body("chat", "m"));
        await Calls(await world.Open(user: "ann", agent: "agent-2"), ModelDoorClient.Body("chat", "m"));
        await Calls(await world.Open(user: "ann", platform: RunningApi.SecondPlatformKey), ModelDoorClient.Body("chat", "m"));
        Assert.Equal("Agora; hit", (await world.Door.Ask(await world.Open(user: "ann"), "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200).Header("Cache-Status"));

        await world.PutModel("m", "anthropic", usual: 511, more: Offer); // another definition answers for itself
        await Calls(session, ModelDoorClient.Body("chat", "m"));

        async Task Calls(ModelSession asking, string body)
        {
            var before = world.Upstream.Requests;
            Assert.Null((await world.Door.Ask(asking, "chat", body, cache: Ages)).Expect(200).Header("Cache-Status"));
            Assert.Equal(before + 1, world.Upstream.Requests);
        }
    }

    [Fact]
    public async Task A_reply_that_is_older_than_wanted_is_had_anew()
    {
        await using var world = await Start();
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200);
        await Task.Delay(1_100);

        Assert.Null((await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: "max-age=1")).Expect(200).Header("Cache-Status"));
        Assert.Equal("Agora; hit", (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200).Header("Cache-Status"));
        Assert.Equal(2, world.Upstream.Requests);
    }

    [Fact]
    public async Task Forty_equal_requests_at_once_are_one_call()
    {
        var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var world = await Start(new()
        {
            Choose = _ =>
            {
                reached.TrySetResult();
                return new Reply { Until = gate.Task };
            },
        });
        var session = await world.Open();

        var asked = Enumerable.Range(0, 40).Select(n => world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "m", stream: n % 2 == 0), cache: Ages)).ToList();
        await reached.Task;
        await Task.Delay(200);
        gate.SetResult();
        var told = await Task.WhenAll(asked);

        var cost = ModelWorld.Cost((await world.Truth("m")).Counts);
        Assert.Equal((40, 1), (told.Count(reply => reply.Status == 200), told.Count(reply => reply.Header("Cache-Status") is null)));
        Assert.Contains(told, reply => reply.Header("Cache-Status") == "Agora; fwd=miss; collapsed");
        Assert.Equal((1, (cost + (39 * HitOf(cost)), 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    [Fact]
    public async Task What_failed_was_cut_off_or_was_cut_short_for_want_of_money_answers_nobody()
    {
        await using var world = await Start(new() { Choose = static _ => new Reply { Text = string.Join(' ', Enumerable.Repeat("word", 100)) }, Faults = [FaultRule.Nth(new Fault.Status(400), 1), FaultRule.Nth(new Fault.CloseBeforeStatus(), 1)] });
        var session = await world.Open();
        var body = ModelDoorClient.Body("chat", "m");
        Assert.NotEqual(200, (await world.Door.Ask(session, "chat", body, cache: Ages)).Status);
        Assert.NotEqual(200, (await world.Door.Ask(session, "chat", body, cache: Ages)).Status);
        Assert.Null((await world.Door.Ask(session, "chat", body, cache: Ages)).Expect(200).Header("Cache-Status"));
        Assert.Equal("Agora; hit", (await world.Door.Ask(session, "chat", body, cache: Ages)).Expect(200).Header("Cache-Status"));

        var poor = await world.Open(budgetCents: "0.08", user: "poor");
        var short1 = (await world.Door.Ask(poor, "chat", body, cache: Ages)).Expect(200);
        Assert.True(short1.MaxOutputTokens < 256);
        Assert.Equal("length", short1.Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Null((await world.Door.Ask(await world.Open(user: "poor"), "chat", body, cache: Ages)).Expect(200).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_hit_is_held_as_a_call_is_and_one_without_a_price_costs_nothing()
    {
        await using var world = await Start();
        await world.PutModel("free", "anthropic", more: ",\"cache_seconds\":600");
        foreach (var model in new[] { "m", "free" })
        {
            var body = ModelDoorClient.Body("chat", model);
            var first = (await world.Door.Ask(await world.Open(user: "ann"), "chat", body, cache: Ages)).Expect(200);
            var poor = await world.Open(budgetCents: "0.0001", user: "ann");
            (await world.Door.Ask(poor, "chat", body, cache: Ages)).Refused(402, "budget_exceeded");
            var session = await world.Open(user: "ann");
            var hit = (await world.Door.Ask(session, "chat", body, cache: Ages)).Expect(200);
            Assert.Equal(("Agora; hit", first.HeldMicros), (hit.Header("Cache-Status"), hit.HeldMicros));
            Assert.Equal((model == "free" ? 0 : HitOf(ModelWorld.Cost((await world.Truth(model)).Counts)), 0), await world.Budget(session));
        }
    }

    [Fact]
    public async Task Who_may_not_call_leaves_nothing_in_the_cache()
    {
        var journal = new MemoryJournal(TimeProvider.System);
        await using var world = await ModelWorld.Start(store: journal);
        await world.PutModel("m", "anthropic", more: Offer);
        var ended = await world.Open();
        (await world.Api.Client.Send(HttpMethod.Delete, "/agent/session", ended.Token)).Expect(200);
        var narrow = await world.Open(categories: """["other"]""");
        foreach (var (session, status) in new[] { (ended, 401), (narrow, 403) })
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m", $"Of {status}."), cache: Ages)).Expect(status);
        }

        Assert.Empty(await journal.Streams("default/cached/", null, 100, CancellationToken.None));
        (await world.Door.Ask(await world.Open(), "chat", ModelDoorClient.Body("chat", "m"), cache: Ages)).Expect(200);
        Assert.Single(await journal.Streams("default/cached/", null, 100, CancellationToken.None));
    }

    [Fact]
    public async Task Whoever_leaves_while_it_waits_pays_nothing()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await Start(new() { Choose = _ => new Reply { Until = gate.Task } });
        var (first, second, body) = (await world.Open(user: "ann"), await world.Open(user: "ann"), ModelDoorClient.Body("chat", "m"));
        var calling = world.Door.Ask(first, "chat", body, cache: Ages);
        while (world.Upstream.Requests == 0) await Task.Delay(10);

        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Door.Begin(second, "chat", body, cache: Ages, leaving: leaving.Token));
        Assert.Equal(0, await world.SpentInTheEnd(second));
        gate.SetResult();
        (await calling).Expect(200);
        Assert.Equal(1, world.Upstream.Requests);
    }

    [Fact]
    public async Task A_model_for_speech_has_none()
    {
        await using var world = await ModelWorld.Start();
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/services/s", """
            {"name":"s","description":"A model","category":"model","max_price_cents":100,"endpoint":"model:openai","provider":"maker",
             "model":{"name":"s","kind":"speech","cache_seconds":60,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1}]}]}}
            """)).Expect(422);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("compatible")]
    public async Task Vectors_are_had_again_as_they_were_in_either_form(string wire)
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", wire, "embeddings", more: Offer);
        var session = await world.Open();
        const string Input = "\"model\":\"vectors\",\"input\":[\"Say something.\",\"ä\"]";

        var first = (await world.Door.Ask(session, "embeddings", $"{{{Input}}}", cache: Ages)).Expect(200);
        var (cost, _) = await world.Budget(session);
        var same = (await world.Door.Ask(session, "embeddings", $"{{{Input}}}", cache: Ages)).Expect(200);
        var coded = (await world.Door.Ask(session, "embeddings", $"{{{Input},\"encoding_format\":\"base64\"}}", cache: Ages)).Expect(200);
        var other = (await world.Door.Ask(session, "embeddings", $"{{{Input},\"dimensions\":5}}", cache: Ages)).Expect(200);

        Assert.Equal((null, "Agora; hit", "Agora; hit", null), (first.Header("Cache-Status"), same.Header("Cache-Status"), coded.Header("Cache-Status"), other.Header("Cache-Status")));
        Assert.Equal(first.Text, same.Text);
        Assert.Equal(first.Json.GetProperty("data")[1].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()), Floats(coded.Json.GetProperty("data")[1].GetProperty("embedding").GetBytesFromBase64()));
        Assert.Equal((2, HitOf(cost)), (world.Upstream.Requests, ModelWorld.Micros(same.Header("Agora-Cost-Cents")!)));
        var hit = await world.Concluded(session, same.Run);
        Assert.Equal((first.Run, HitOf(cost)), (hit.Model!.CachedFrom, hit.AmountMicros));
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task Vectors_that_are_too_long_answer_nobody()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings", more: Offer);
        var session = await world.Open();
        var texts = string.Join(',', Enumerable.Repeat("\"a\"", 70));
        foreach (var (dimensions, requests) in new[] { (1_000, 1), (1_000, 2), (650, 3), (650, 3) })
        {
            (await world.Door.Ask(session, "embeddings", $$"""{"model":"vectors","input":[{{texts}}],"dimensions":{{dimensions}}}""", cache: Ages)).Expect(200);
            Assert.Equal(requests, world.Upstream.Requests);
        }
    }

    /// <summary>The same for each of the responses with this reply.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Words_of_a_response_that_was_deleted_answer_no_equal_request(bool isStream, bool isOfHit)
    {
        var n = 0;
        await using var world = await Start(new() { Choose = _ => new Reply { Text = $"Words number {++n}." } });
        var session = await world.Open();
        var body = ModelDoorClient.Body("responses", "m", stream: isStream);
        var first = (await world.Door.Ask(session, "responses", body, cache: Ages)).Expect(200);
        var hit = (await world.Door.Ask(session, "responses", body, cache: Ages)).Expect(200);
        Assert.Equal(("Agora; hit", 1), (hit.Header("Cache-Status"), world.Upstream.Requests));

        Assert.Equal(200, (await world.Door.Send(session, HttpMethod.Delete, $"/openai/v1/responses/resp_{(isOfHit ? hit : first).Run:N}")).Status);

        var next = (await world.Door.Ask(session, "responses", body, cache: Ages)).Expect(200);
        Assert.Equal((null, 2), (next.Header("Cache-Status"), world.Upstream.Requests));
        Assert.Equal("Agora; hit", (await world.Door.Ask(session, "responses", body, cache: Ages)).Expect(200).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_hit_under_a_key_is_paid_once()
    {
        await using var world = await Start();
        var session = await world.Open();
        var body = ModelDoorClient.Body("chat", "m");
        (await world.Door.Ask(session, "chat", body, cache: Ages)).Expect(200);
        var (spent, _) = await world.Budget(session);
        (await world.Door.Ask(session, "chat", body, key: "key-1", cache: Ages)).Expect(200);
        (await world.Door.Ask(session, "chat", body, key: "key-1", cache: Ages)).Refused(409, "idempotency_conflict");
        Assert.Equal((1, (spent + HitOf(spent), 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    private static async Task<ModelWorld> Start(Script? script = null)
    {
        var world = await ModelWorld.Start(script);
        await world.PutModel("m", "anthropic", more: Offer);
        return world;
    }

    private static long HitOf(long cost) => ((cost * 2_500) + 9_999) / 10_000;

    private static float[] Floats(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4))];

    [Fact]
    public async Task Nothing_older_than_the_model_says_is_had_whatever_is_wanted()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("brief", "anthropic", more: ",\"cache_seconds\":1");
        var session = await world.Open();
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "brief"), cache: "max-age=600")).Expect(200);
        await Task.Delay(1_100);

        Assert.Null((await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "brief"), cache: "max-age=600")).Expect(200).Header("Cache-Status"));
        Assert.Equal(2, world.Upstream.Requests);
    }

    /// <summary>Whoever delegates names an agent, and that proves nothing.</summary>
    [Fact]
    public async Task What_is_anothers_is_not_shown_to_whom_somebody_delegated_in_its_name()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("named", "anthropic", more: ",\"cache_seconds\":600");
        (await world.Door.Ask(await world.Open(user: "ann", agent: "agent-2"), "chat", ModelDoorClient.Body("chat", "named"), cache: "max-age=600")).Expect(200);
        var root = await world.Open(user: "ann");
        var below = (await world.Api.Client.Post("/agent/session/delegate", root.Token, """{"agent_id":"agent-2"}""")).Expect(201).Data;

        var told = (await world.Door.Ask(new(below.GetProperty("token").GetString()!, below.GetProperty("session_id").GetString()!), "chat", ModelDoorClient.Body("chat", "named"), cache: "max-age=600")).Expect(200);

        Assert.Null(told.Header("Cache-Status"));
        Assert.Equal(2, world.Upstream.Requests);
    }
}
