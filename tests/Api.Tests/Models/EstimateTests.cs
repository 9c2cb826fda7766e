using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Calls that were posted as they were held, and what their provider's bill makes of them.</summary>
public sealed class EstimateTests
{
    private const long Read = InputBound.Whole + InputBound.EachItem + 14 + 4;
    private static readonly string Body = ModelDoorClient.Body("chat", "some", maxTokens: 100);

    private static long Bound => ModelWorld.Bound(Read, 100, "compatible");

    [Fact]
    public async Task An_estimate_is_listed_and_what_it_was_posted_above_the_bill_goes_back_to_every_limit()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(new Fault.CloseBeforeStatus())] });
        var session = await Estimated(world, charges: false);
        Assert.Equal((Bound, 0), await world.Budget(session));

        var estimate = Assert.Single(await Estimates(world));
        Assert.Equal((ModelWorld.Cents(Bound), session.Id, "some"), (estimate.GetProperty("posted_cents").GetRawText(), estimate.GetProperty("session_id").GetString(), estimate.GetProperty("service_id").GetString()));
        var given = (await Adjust(world, estimate, "0.05")).Expect(200).Data;
        Assert.Equal((ModelWorld.Cents(Bound - 500), "0.05"), (given.GetProperty("refunded_cents").GetRawText(), given.GetProperty("left_cents").GetRawText()));

        await Settled(async () => await world.Budget(session) == (500, 0) && Spent(await world.Api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")) == "0.05");
        (await Adjust(world, estimate, "0.05")).Refused(422, "validation_failed");
        (await Adjust(world, estimate, "2")).Refused(422, "validation_failed");
        Assert.Equal((500, 0), await world.Budget(session));
        Assert.Equal("0.02", (await Adjust(world, estimate, "0.02")).Expect(200).Data.GetProperty("left_cents").GetRawText());
        Assert.Equal(ModelWorld.Cents(Bound - 200), Assert.Single(await Estimates(world)).GetProperty("refunded_cents").GetRawText());
        var run = (await world.Api.Client.Get($"/agent/runs/{estimate.GetProperty("run_id").GetString()}", session.Token)).Expect(200).Data;
        Assert.True(run.GetProperty("model").GetProperty("is_estimate").GetBoolean());
    }

    [Fact]
    public async Task Where_the_model_charges_its_provider_gives_it_back_to_the_wallet_that_paid()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [FaultRule.Always(new Fault.CloseBeforeStatus())] });
        await world.Api.Client.Deposit("agent:agent-1");
        var session = await Estimated(world, charges: true);
        var before = ModelWorld.Micros((await world.Api.Client.Get("/agent/wallet", session.Token)).Expect(200).Data.GetProperty("balance_cents"));

        (await Adjust(world, Assert.Single(await Estimates(world)), "0")).Expect(200);

        await Settled(async () => ModelWorld.Micros((await world.Api.Client.Get("/agent/wallet", session.Token)).Expect(200).Data.GetProperty("balance_cents")) == before + Bound);
    }

    [Fact]
    public async Task What_was_counted_is_no_estimate()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("some", "compatible");
        var told = (await world.Door.Ask(await world.Open(), "chat", Body)).Expect(200);

        Assert.Empty(await Estimates(world));
        (await world.Api.Client.Admin(HttpMethod.Post, $"/admin/models/estimates/{told.Run}", """{"cost_cents":0,"reason":"No."}""", ("Idempotency-Key", "a1"))).Refused(404, "not_found");
        (await world.Api.Client.Admin(HttpMethod.Post, "/admin/models/estimates/nothing", """{"cost_cents":0,"reason":"No."}""", ("Idempotency-Key", "a2"))).Refused(404, "not_found");
    }

    private static async Task<ModelSession> Estimated(ModelWorld world, bool charges)
    {
        await world.PutModel("some", "compatible", charges: charges);
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":1000}""")).Expect(200);
        var session = await world.Open(user: "user-1");
        var told = await world.Door.Ask(session, "chat", Body);
        Assert.Equal((502, ModelWorld.Cents(Bound)), (told.Status, told.Header("Agora-Cost-Cents")));
        await world.SpentInTheEnd(session);
        return session;
    }

    private static async Task<IReadOnlyList<JsonElement>> Estimates(ModelWorld world)
    {
        IReadOnlyList<JsonElement> found = [];
        await Settled(async () => (found = [.. (await world.Api.Client.Admin(HttpMethod.Get, "/admin/models/estimates?model=some")).Expect(200).Data.GetProperty("estimates").EnumerateArray()]) is not null);
        return found;
    }

    private static Task<Received> Adjust(ModelWorld world, JsonElement estimate, string cents) => world.Api.Client.Admin(
        HttpMethod.Post, $"/admin/models/estimates/{estimate.GetProperty("run_id").GetString()}", $$"""{"cost_cents":{{cents}},"reason":"The bill."}""", ("Idempotency-Key", Guid.NewGuid().ToString()));

    private static string Spent(Received user) => user.Expect(200).Data.GetProperty("spent").GetProperty("today").GetProperty("spent_cents").GetRawText();

    private static async Task Settled(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!await isSo()) await timer.WaitForNextTickAsync(late.Token);
    }
}
