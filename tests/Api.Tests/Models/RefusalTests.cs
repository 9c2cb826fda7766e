using Agora.Api.Tests.Support;
using Agora.Models;

namespace Agora.Api.Tests.Models;

/// <summary>What is refused before anything is sent, each in the shape of the dialect's maker: nothing is held, and the provider hears nothing.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private ModelWorld _world = null!;

    public static TheoryData<string> Dialects => [.. ModelDoorClient.Dialects];

    public async Task InitializeAsync() => _world = await ModelWorld.Start();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_model_that_is_not_there_or_is_another_tenants_or_no_model_is_404(string dialect)
    {
        await _world.PutModel("seconds", "openai", key: RunningApi.SecondAdminKey);
        await _world.Api.Client.Load();
        var session = await _world.Open();

        foreach (var model in new[] { "nobodys", "seconds", "summary" })
        {
            (await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, model))).Refused(404, "not_found");
        }

        await NothingWasSent(session);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_model_without_a_price_in_force_is_refused(string dialect)
    {
        await _world.PutModel("unpriced", "openai", ModelWorld.Prices with { From = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        var session = await _world.Open();

        (await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "unpriced"))).Refused(403, "not_eligible");

        await NothingWasSent(session);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_model_whose_provider_is_not_set_up_is_refused_by_name_and_not_to_be_tried_again(string dialect)
    {
        await _world.PutModel("far", "nowhere");

        var told = (await _world.Door.Ask(await _world.Open(), dialect, ModelDoorClient.Body(dialect, "far"))).Refused(dialect == "messages" ? 529 : 503, "unavailable");

        Assert.Equal("false", told.Header("x-should-retry"));
        Assert.Contains("AGORA_MODEL_PROVIDERS names no nowhere", told.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Play money buys nothing of a provider's.</summary>
    [Fact]
    public async Task In_test_mode_no_provider_is_called_but_those_that_are_said_to_serve_it()
    {
        await using var serving = await ModelWorld.Start(servesTests: true);
        foreach (var (world, requests) in new[] { (_world, 0), (serving, 1) })
        {
            await world.PutModel("m", "openai", key: RunningApi.TestAdminKey);
            var session = await world.Open(platform: RunningApi.TestPlatformKey);

            var told = await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "m"));

            Assert.Equal((requests == 1 ? 200 : 503, requests), (told.Status, world.Upstream.Requests));
            Assert.True(told.Status == 200 || told.Error.GetProperty("message").GetString()!.Contains("serves_tests", StringComparison.Ordinal), told.Text);
        }
    }

    [Theory]
    [InlineData("session", "chat")]
    [InlineData("user", "responses")]
    [InlineData("tokens", "messages")]
    public async Task What_is_cut_to_what_is_free_is_no_refusal_and_what_is_refused_is_one(string limit, string dialect)
    {
        const long Read = InputBound.Whole + InputBound.EachItem + 18;
        var free = ModelWorld.Cents(ModelWorld.Bound(Read, 100, "openai"));
        await _world.PutModel("m", "openai");
        (await _world.Api.Client.Admin(HttpMethod.Put, "/admin/users/ann", limit == "user" ? $$"""{"daily_cap_cents":{{free}}}""" : "{}")).Expect(200);
        var limits = limit == "tokens" ? $",\"model_limits\":{{\"tokens\":{Read + 100}}}" : "";
        var session = await _world.Open(limit == "session" ? free : "1000", user: "ann", more: limits);

        var cut = (await Ask(400)).Expect(200);
        Assert.InRange(cut.MaxOutputTokens, 1, 110);
        Assert.Empty(await Refusals());
        await Refused();
        await Refused();

        Assert.Equal(["budget_exceeded", "budget_exceeded"], await Refusals());

        Task<Told> Ask(int most) => _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "m", maxTokens: most), wait: 0);

        // What an answer did not use is free again, so some more are cut before nothing fits any more.
        async Task Refused()
        {
            while ((await Ask(400)).Status == 200)
            {
            }
        }

        async Task<IEnumerable<string?>> Refusals() =>
            (await _world.Api.Client.Admin(HttpMethod.Get, "/admin/refusals?user_id=ann")).Expect(200).Data.GetProperty("refusals").EnumerateArray().Select(refusal => refusal.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("chat", "flex", true)]
    [InlineData("chat", "priority", false)]
    [InlineData("responses", "flex", true)]
    [InlineData("responses", "priority", false)]
    public async Task A_service_tier_without_a_price_is_refused_and_one_with_a_price_is_not(string dialect, string tier, bool isRefused)
    {
        await _world.PutModel("tiered", "openai", ModelWorld.Prices with { Rates = [ModelWorld.Rate, ModelWorld.Rate with { Tier = "priority" }] });
        var session = await _world.Open();

        var told = await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "tiered", more: $",\"service_tier\":\"{tier}\""));

        if (!isRefused)
        {
            told.Expect(200);
            return;
        }

        told.Refused(403, "not_eligible");
        await NothingWasSent(session);
    }

    [Theory]
    [InlineData("chat", """ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://images.example/a.png"}}]}]""")]
    [InlineData("responses", """ "input":[{"role":"user","content":[{"type":"input_image","image_url":"https://images.example/a.png"}]}]""")]
    [InlineData("messages", """ "messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://images.example/a.png"}}]}]""")]
    public async Task An_image_is_refused_where_nobody_said_what_one_counts_and_is_held_for_where_somebody_did(string dialect, string content)
    {
        await _world.PutModel("blind", "openai");
        await _world.PutModel("seeing", "openai", imageTokens: 1_500);
        var session = await _world.Open();
        string Body(string model) => $$"""{"model":"{{model}}","{{ModelDoorClient.MaxTokens(dialect)}}":100,{{content}}}""";

        (await _world.Door.Ask(session, dialect, Body("blind"))).Refused(403, "not_eligible");
        await NothingWasSent(session);

        var told = (await _world.Door.Ask(session, dialect, Body("seeing"))).Expect(200);
        Assert.Equal(ModelWorld.Bound(InputBound.Whole + InputBound.EachItem + 1_500, 100, "openai"), told.HeldMicros);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_session_without_the_category_is_403_and_one_that_was_ended_401(string dialect)
    {
        await _world.PutModel("some", "anthropic");
        var narrow = await _world.Open(categories: """["text"]""");
        var ended = await _world.Open();
        (await _world.Api.Client.Send(HttpMethod.Delete, "/agent/session", ended.Token)).Expect(200);

        (await _world.Door.Ask(narrow, dialect, ModelDoorClient.Body(dialect, "some"))).Refused(403, "scope_violation");
        (await _world.Door.Ask(ended, dialect, ModelDoorClient.Body(dialect, "some"))).Refused(401, "session_revoked");
        (await _world.Door.Ask(new("agt_nobody.1.x", ""), dialect, ModelDoorClient.Body(dialect, "some"))).Refused(401, "unauthorized");

        await NothingWasSent(narrow);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Beyond_the_rate_it_is_429_with_the_time_to_wait_and_is_not_sent(string dialect)
    {
        await using var world = await ModelWorld.Start(ratePerMinute: 2);
        await world.PutModel("some", "anthropic");
        var session = await world.Open();
        var body = ModelDoorClient.Body(dialect, "some");
        (await world.Door.Ask(session, dialect, body)).Expect(200);
        (await world.Door.Ask(session, dialect, body)).Expect(200);

        var told = (await world.Door.Ask(session, dialect, body)).Refused(429, "rate_limited");

        Assert.InRange(int.Parse(told.Header("Retry-After")!), 1, 60);
        Assert.Equal(("true", 2), (told.Header("x-should-retry"), world.Upstream.Requests));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task More_output_than_the_model_writes_and_members_that_nobody_knows_are_refused(string dialect)
    {
        await _world.PutModel("some", "anthropic", most: 100, usual: 50);
        var session = await _world.Open();

        (await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "some", maxTokens: 101))).Refused(400, "validation_failed");
        (await _world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, "some", maxTokens: 100, more: ",\"unheard_of\":1"))).Expect(400);
        (await _world.Door.Ask(session, dialect, "{")).Expect(400);

        await NothingWasSent(session);
    }

    private async Task NothingWasSent(ModelSession session) => Assert.Equal((0, (0L, 0L)), (_world.Upstream.Requests, await _world.Budget(session)));
}
