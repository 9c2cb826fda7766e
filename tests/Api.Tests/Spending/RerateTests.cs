using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Spending;

/// <summary>At the prices that they were posted by, calls cost what was posted, to the micro-unit; at others what those make of the provider's count.</summary>
public sealed class RerateTests
{
    private static readonly PriceVersion Others = new(3, ModelWorld.Prices.From, [new(Input: 777_700, Output: 2_000_300, CacheRead: 55_500), new(Input: 90_900, Output: 80_800, Tier: "flex")], RequestMicros: 3);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task At_the_same_prices_it_is_what_was_posted_and_what_nobody_counted_is_left_out_and_said(int seed)
    {
        const int Calls = 30;
        var random = new Random(seed);
        var replies = Enumerable.Range(0, Calls).Select(n => new Reply
        {
            Text = Words.Of(random.Next(1, 300), random.Next()),
            Reasoning = random.Next(2) == 0 ? Words.Of(random.Next(1, 100), random.Next()) : "",
            CacheRead = random.Next(3) == 0 ? random.Next(200) : 0,
            CacheWrite = random.Next(3) == 0 ? random.Next(200) : 0,
            Fault = n % 7 == 3 ? new Fault.Usage(UsageFault.Missing) : n % 11 == 5 ? new Fault.Status(400) : null,
        }).ToList();
        var called = 0;
        await using var world = await ModelWorld.Start(new() { Choose = _ => replies[Interlocked.Increment(ref called) - 1] });
        foreach (var wire in ModelWorld.Wires) await world.PutModel($"by-{wire}", wire);
        await world.PutModel("other", "compatible", Others);
        var (posted, estimates, estimated, counted) = (0L, 0, 0L, new List<Usage>());
        for (var n = 0; n < Calls; n++)
        {
            var (wire, dialect) = (ModelWorld.Wires[random.Next(5)], ModelDoorClient.Dialects[random.Next(3)]);
            var session = await world.Open();
            var told = await world.Door.Ask(session, dialect, ModelDoorClient.Body(dialect, $"by-{wire}", Words.Of(800, n), 1_500));
            if (told.Header("Agora-Run-Id") is null || await world.Concluded(session, told.Run) is not { Model: { } model } ended) continue;

            (estimates, estimated) = model.IsEstimate ? (estimates + 1, estimated + ended.AmountMicros) : (estimates, estimated);
            if (!model.IsEstimate && model.Usage is { } usage)
            {
                counted.Add(usage);
                posted += ended.AmountMicros;
            }
        }

        Assert.True(estimates > 0 && counted.Count > 15, $"{estimates} estimates and {counted.Count} that were counted");
        var same = await Rerated(world, "?version=1");
        Assert.Equal((posted, posted, 0, estimates, estimated), Sums(same.GetProperty("total")));
        Assert.All(same.GetProperty("models").EnumerateArray(), model => Assert.Equal(model.GetProperty("actual_cents").GetRawText(), model.GetProperty("rerated_cents").GetRawText()));
        Assert.All(same.GetProperty("models").EnumerateArray(), model => Assert.Equal((model.GetProperty("service_id").GetString(), 1), (model.GetProperty("prices_of").GetString(), model.GetProperty("version").GetInt32())));

        var some = (await Rerated(world, "?version=3")).GetProperty("total"); // only one that was not called has such
        Assert.Equal((counted.Count + estimates, 0, 0), (some.GetProperty("unrated").GetInt32(), Cents(some, "actual_cents"), Cents(some, "rerated_cents")));
        var others = await Rerated(world, "?prices_of=other&version=3");
        Assert.Equal((posted, counted.Sum(usage => Others.Cost(usage, null)!.Value), 0, estimates, estimated), Sums(others.GetProperty("total")));
        Assert.Equal(("other", 3), (others.GetProperty("total").GetProperty("prices_of").GetString(), others.GetProperty("total").GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task A_tier_that_only_the_client_named_is_known_by_what_was_posted_and_one_model_is_asked_for_alone()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(90) } });
        await world.PutModel("tiered", "google", Others); // it names no tier
        await world.PutModel("usual", "openai");
        var session = await world.Open();
        foreach (var tier in new[] { ",\"service_tier\":\"flex\"", ",\"service_tier\":\"default\"", "" })
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "tiered", Words.Of(300), 500, more: tier))).Expect(200);
        }

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "usual", Words.Of(300), 500))).Expect(200);

        var (spent, _) = await world.Budget(session);
        var all = await Rerated(world, "");
        Assert.Equal((spent, spent, 0, 0, 0), Sums(all.GetProperty("total")));
        var one = await Rerated(world, "?model=tiered&version=3");
        Assert.Equal(all.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("service_id").GetString() == "tiered").GetRawText(), Assert.Single(one.GetProperty("models").EnumerateArray()).GetRawText());
    }

    [Fact]
    public async Task What_was_counted_beyond_what_was_held_is_in_what_it_would_have_cost_and_said_apart()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(90) } });
        await world.PutModel("over", "openai", Others);
        var session = await world.Open();
        var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "over", Words.Of(300), 100, more: ",\"service_tier\":\"flex\""))).Expect(200); // it is served by the usual tier

        var ended = await world.Concluded(session, told.Run);
        Assert.True(ended.Model!.OverMicros > 0);
        Assert.Equal((ended.AmountMicros, ended.AmountMicros + ended.Model.OverMicros, ended.Model.OverMicros, 0, 0), Sums((await Rerated(world, "")).GetProperty("total")));
    }

    [Theory]
    [InlineData("prices_of=nobodys", 404)]
    [InlineData("version=2", 404)]
    [InlineData("model=there&version=2", 404)]
    [InlineData("prices_of=there&version=9", 404)]
    [InlineData("prices_of=plain", 404)]
    [InlineData("model=there&version=0", 422)]
    [InlineData("model=there&version=one", 422)]
    [InlineData("from=2030-01-02&to=2030-01-01", 422)]
    public async Task Prices_that_are_not_there_are_not_found_and_what_means_nothing_is_refused(string query, int status)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("there", "openai");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/services/plain", Support.Catalogue.Service)).Expect(200);

        (await world.Api.Client.Admin(HttpMethod.Get, $"/admin/models/rerate?{query}")).Refused(status, status == 404 ? Codes.NotFound : Codes.ValidationFailed);
    }

    private static async Task<JsonElement> Rerated(ModelWorld world, string query) => (await world.Api.Client.Admin(HttpMethod.Get, $"/admin/models/rerate{query}")).Expect(200).Data;

    private static (long Actual, long Rerated, long Over, int Unrated, long UnratedMicros) Sums(JsonElement sums) =>
        (Cents(sums, "actual_cents"), Cents(sums, "rerated_cents"), Cents(sums, "over_cents"), sums.GetProperty("unrated").GetInt32(), Cents(sums, "unrated_cents"));

    private static long Cents(JsonElement of, string member) => ModelWorld.Micros(of.GetProperty(member));
}
