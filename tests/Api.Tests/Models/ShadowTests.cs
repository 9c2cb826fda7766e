using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Calls that are made a second time, of another model: the client has its answer as if they were not, and each is a run of its own. What was dropped is counted for all worlds of this process together, so each test has a shadow of its own name.</summary>
public sealed class ShadowTests
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(20);

    public static TheoryData<string, bool> DialectsByStream => ModelWorld.Rows(ModelDoorClient.Dialects.SelectMany(dialect => new[] { (dialect, false), (dialect, true) }));

    [Theory]
    [MemberData(nameof(DialectsByStream))]
    public async Task The_shadow_is_called_when_the_answer_is_out_and_is_a_run_that_says_so(string dialect, bool stream)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = await Start("shade", new() { Choose = asked => asked.Model == "shade" ? new Reply { Text = "Nobody sees this.", Until = gate.Task } : null });
        var session = await world.Open();

        var told = (await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "either", stream: stream))).Expect(200);
        var (first, _) = await world.Budget(session);
        gate.SetResult();
        var shadow = await Run(world, session, "shade");

        Assert.DoesNotContain("Nobody sees this.", told.Text, StringComparison.Ordinal);
        var ended = await world.Concluded(session, shadow);
        var (cost, shadowed) = (ModelWorld.Cost((await world.Truth("first")).Counts), ModelWorld.Cost((await world.Truth("shade")).Counts));
        Assert.Equal(($"shadow of {told.Run:D}", shadowed, false), (ended.Model!.Route, ended.AmountMicros, ended.Model.IsEstimate));
        Assert.NotNull(ended.Model.FirstMs);
        Assert.Equal((cost, cost + shadowed, 2), (first, await world.SpentInTheEnd(session), world.Upstream.Requests));
        (await world.Api.Client.Get($"/agent/runs/{shadow:D}/receipt", session.Token)).Expect(200);
        var usage = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/models/usage")).Expect(200).Data.GetProperty("groups").EnumerateArray();
        Assert.Equal(shadowed, ModelWorld.Micros(usage.Single(group => group.GetRawText().Contains("\"shade\"", StringComparison.Ordinal)).GetProperty("cost_cents")));
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task One_that_fails_is_tried_once_and_nobody_hears_of_it()
    {
        await using var world = await Start("fails", new() { Faults = [new FaultRule(new Fault.Status(503)) { When = static asked => asked.Model == "fails" }] }, ",\"fallback\":[\"spare\"]");
        await world.PutModel("spare", "openai");
        var session = await world.Open();

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
        var run = await Run(world, session, "fails", ends: "failed");

        Assert.Equal((2, ModelWorld.Cost((await world.Truth("first")).Counts)), (world.Upstream.Requests, await world.SpentInTheEnd(session)));
        Assert.Equal(0, (await world.Concluded(session, run)).AmountMicros);
        await world.NothingIsHeld(session);
    }

    /// <summary>All together are more than a session's share of the places.</summary>
    [Fact]
    public async Task Each_gives_its_place_back()
    {
        await using var world = await Start("placed", new());
        var session = await world.Open("100000");
        var body = ModelDoorClient.Body("chat", "either", new string('a', 900 * 1024), maxTokens: 16);
        for (var n = 1; n <= 8; n++)
        {
            (await world.Door.Ask(session, "chat", body)).Expect(200);
            await Counted(world, "placed", "called", n);
        }
    }

    [Fact]
    public async Task Shadows_that_fail_leave_their_provider_to_all_others()
    {
        await using var world = await Start("broken", new() { Faults = [new FaultRule(new Fault.Status(500)) { When = static asked => asked.Model == "broken" }] });
        var session = await world.Open();

        for (var n = 1; n <= 30; n++)
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
            await Counted(world, "broken", "called", n);
        }

        await world.SpentInTheEnd(session);
        Assert.Equal(60, world.Upstream.Requests);
    }

    [Fact]
    public async Task What_is_had_again_and_what_failed_has_none_and_a_repeat_no_second_one()
    {
        await using var world = await Start("again", new() { Faults = [FaultRule.Nth(new Fault.Status(400), 1)] }, ",\"cache_seconds\":600");
        var session = await world.Open();
        var body = ModelDoorClient.Body("chat", "either");

        Assert.NotEqual(200, (await world.Door.Ask(session, "chat", body, cache: "max-age=600")).Status);
        (await world.Door.Ask(session, "chat", body, key: "key-1", cache: "max-age=600")).Expect(200);
        await Run(world, session, "again");
        Assert.Equal("Agora; hit", (await world.Door.Ask(session, "chat", body, cache: "max-age=600")).Expect(200).Header("Cache-Status"));
        (await world.Door.Ask(session, "chat", body, key: "key-1")).Refused(409, "idempotency_conflict");
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either", "Another."))).Expect(200);
        await Counted(world, "again", "called", 2);

        await world.SpentInTheEnd(session);
        Assert.Equal(5, world.Upstream.Requests);
    }

    [Fact]
    public async Task One_that_finds_no_room_is_dropped_and_the_agent_is_told_nothing()
    {
        await using var world = await Start("poor", new(), prices: ModelWorld.Prices with { RequestMicros = 1_000_000 });
        var session = await world.Open(budgetCents: "50");

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
        await Counted(world, "poor", "dropped", 1);

        Assert.Equal((1, (ModelWorld.Cost((await world.Truth("first")).Counts), 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    [Theory]
    [InlineData("other", "kept-1", null)]
    [InlineData("model", "kept-2", "anthropic")]
    public async Task What_the_sessions_scopes_do_not_allow_is_not_called_and_does_not_count_against_its_agent(string category, string shadow, string? retains)
    {
        await using var world = await Start(shadow, new(), retains: retains, category: category);
        var session = await world.Open(categories: """["model"]""", consents: """["data_sharing"]""");

        for (var n = 1; n <= 8; n++)
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
            await Counted(world, shadow, "dropped", n);
        }

        Assert.Equal(8, world.Upstream.Requests);
        var entries = (await world.Api.Client.Get("/agent/audit/history", session.Token)).Expect(200).Data.GetProperty("entries").EnumerateArray().ToList();
        Assert.NotEmpty(entries);
        Assert.All(entries, static entry => Assert.Equal(200, entry.GetProperty("response_status").GetInt32()));
    }

    [Fact]
    public async Task What_is_flagged_goes_to_no_shadow_that_is_moderated()
    {
        await using var world = await Start("strict", new() { Flags = static text => text.Contains("evil", StringComparison.Ordinal) ? ["violence"] : [] }, moderated: true);
        var session = await world.Open();

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either", "An evil word."))).Expect(200);
        await Counted(world, "strict", "dropped", 1);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
        await Run(world, session, "strict");

        Assert.Equal(1, await Count(world, "strict", "dropped"));
    }

    [Fact]
    public async Task Shadows_take_nothing_of_the_agents_rate()
    {
        await using var world = await Start("rated", new(), rate: 12);
        var session = await world.Open();
        for (var n = 1; n <= 10; n++)
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
            await Counted(world, "rated", "called", n);
        }
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("10000", true)]
    public async Task Its_share_is_of_the_calls_that_the_rule_has_answered(string share, bool isCalled)
    {
        await using var world = await Start($"share-{share}", new(), share: share);
        var session = await world.Open();

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "either"))).Expect(200);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "first"))).Expect(200);
        if (isCalled)
        {
            await Run(world, session, $"share-{share}");
        }

        await world.SpentInTheEnd(session);
        Assert.Equal(isCalled ? 3 : 2, world.Upstream.Requests);
    }

    [Fact]
    public async Task A_model_that_charges_or_is_for_something_else_is_no_shadow()
    {
        await using var world = await Start("charges", new());
        await world.PutModel("charges", "openai", charges: true);
        await world.PutOther("vectors", "openai", "embeddings");
        (await RouterTests.Put(world, "other", """{"to":"first","shadow":{"to":"vectors","share_basis_points":10000}}""")).Expect(200);
        var session = await world.Open();

        foreach (var router in new[] { "either", "other" }) (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", router))).Expect(200);

        await world.SpentInTheEnd(session);
        Assert.Equal(2, world.Upstream.Requests);
    }

    [Fact]
    public async Task Vectors_have_shadows_too()
    {
        await using var world = await ModelWorld.Start();
        await world.PutOther("vectors", "openai", "embeddings");
        await world.PutOther("others", "google", "embeddings");
        (await RouterTests.Put(world, "either", """{"to":"vectors","shadow":{"to":"others","share_basis_points":10000}}""")).Expect(200);
        var session = await world.Open();

        (await world.Door.Ask(session, "embeddings", """{"model":"either","input":"Say something."}""")).Expect(200);

        await Run(world, session, "others");
        Assert.Equal(2, world.Upstream.Requests);
    }

    private static async Task<ModelWorld> Start(string shadow, Script script, string more = "", string? retains = null, string category = "model", bool moderated = false, int rate = 100_000, string share = "10000", PriceVersion? prices = null)
    {
        var world = await ModelWorld.Start(script, ratePerMinute: rate, retains: retains, moderator: moderated ? static (http, at) => new(new() { Url = new(at, "v1/moderations"), Key = Script.UsualKey, Timeout = Late }, http, TimeProvider.System) : null);
        await world.PutModel("first", "openai", more: more);
        await world.PutModel(shadow, "anthropic", prices, more: moderated ? ",\"moderated\":true" : "");
        if (category != "model")
        {
            (await world.Api.Client.Admin(HttpMethod.Patch, $"/admin/services/{shadow}", $$"""{"category":"{{category}}"}""")).Expect(200);
        }

        (await RouterTests.Put(world, "either", $$$"""{"to":"first","shadow":{"to":"{{{shadow}}}","share_basis_points":{{{share}}}}}""")).Expect(200);
        return world;
    }

    /// <summary>The one run of this model, when it has ended.</summary>
    private static async Task<Guid> Run(ModelWorld world, ModelSession session, string model, string ends = "succeeded")
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Late);
        while (true)
        {
            var runs = (await world.Api.Client.Get("/agent/runs", session.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray().Where(run => run.GetProperty("service_id").GetString() == model).ToList();
            if (runs is [var run] && run.GetProperty("state").GetString() == ends) return run.GetProperty("run_id").GetGuid();

            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    private static async Task Counted(ModelWorld world, string model, string outcome, int times)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Late);
        while (await Count(world, model, outcome) < times) await timer.WaitForNextTickAsync(late.Token);
    }

    private static async Task<double> Count(ModelWorld world, string model, string outcome) => (await world.Api.Client.Text("/metrics", null)).Split('\n')
        .Where(line => line.StartsWith("agora_models_shadows_total{", StringComparison.Ordinal) && line.Contains($"\"{model}\"", StringComparison.Ordinal) && line.Contains($"\"{outcome}\"", StringComparison.Ordinal))
        .Sum(static line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
}
