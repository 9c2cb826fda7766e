using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;

namespace Agora.Grains.Tests.Product;

public sealed class SponsoredRunTests
{
    [Fact]
    public async Task A_completed_task_pays_for_a_run_and_the_provider_earns_its_price()
    {
        await using var world = await World.Start();
        var session = await world.Prepare();

        var run = (RunView)(await world.Run(session, "c1", 20_000)).Reply!;

        Assert.Equal(RunState.Succeeded, run.State);
        Assert.Equal("{\"said\":true}", System.Text.Encoding.UTF8.GetString(run.Output!.Utf8.Span));
        Assert.Equal(("Acme", 20_000L, "c1"), (run.Payment!.Payer, run.Payment.AmountMicros, run.Payment.PayerId));
        Assert.Equal(new Budget(500_000, 20_000, 0, 480_000), run.Budget);
    }

    [Fact]
    public async Task A_run_without_a_completed_task_is_payment_required_and_holds_nothing()
    {
        await using var world = await World.Start();
        await world.PutCampaign("c1", 1_000_000);
        var session = await world.OpenSession("u1", "a1", 500_000);

        var answer = await world.Run(session, "c1", 20_000);

        Assert.Equal(Codes.PaymentRequired, answer.Rejection!.Code);
        Assert.Equal(0, (await world.Session(session)).Budget.ReservedMicros);
        Assert.Empty(world.Service.Calls);
    }

    [Fact]
    public async Task A_failed_service_costs_nothing_and_frees_every_hold()
    {
        await using var world = await World.Start();
        world.Service.Answers = _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "no", 3));
        var session = await world.Prepare();

        var answer = await world.Run(session, "c1", 20_000);

        Assert.Equal(Codes.UpstreamFailed, answer.Rejection!.Code);
        Assert.Equal(new Budget(500_000, 0, 0, 500_000), (await world.Session(session)).Budget);
    }

    [Fact]
    public async Task The_same_key_again_gets_the_stored_outcome_and_runs_nothing()
    {
        await using var world = await World.Start();
        var session = await world.Prepare();
        var first = await world.Run(session, "c1", 20_000, key: World.Key(session, "k1"));

        var again = await world.Run(session, "c1", 20_000, key: World.Key(session, "k1"));
        var other = await world.Run(session, "c1", 20_000, key: World.Key(session, "k1", body: 1));

        Assert.Null(first.Rejection);
        Assert.Null(again.Rejection);
        Assert.True(again.Replayed);
        Assert.Equal(((RunView)first.Reply!).Payment, ((RunView)again.Reply!).Payment);
        Assert.Equal(Codes.IdempotencyConflict, other.Rejection!.Code);
        Assert.Single(world.Service.Calls);
    }

    [Fact]
    public async Task The_same_input_without_a_key_is_a_duplicate()
    {
        await using var world = await World.Start();
        var session = await world.Prepare();
        await world.Run(session, "c1", 20_000);

        Assert.Equal(Codes.DuplicateRequest, (await world.Run(session, "c1", 20_000)).Rejection!.Code);
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var first = await World.Start();
        await first.PutCampaign("c1", 1_000_000);
        var session = await first.OpenSession("u1", "a1", 500_000);
        await first.Complete(session, "c1");
        await first.Run(session, "c1", 20_000, key: World.Key(session, "k1"));
        await first.DisposeAsync();

        await using var second = await World.Start(first.Journal);

        Assert.Equal(20_000, (await second.Session(session)).Budget.SpentMicros);
        Assert.Equal(20_000, (await second.Campaign("c1")).Escrow.SpentMicros);
        Assert.True((await second.Run(session, "c1", 20_000, key: World.Key(session, "k1"))).Replayed);
    }

    [Fact]
    public async Task Runs_of_many_users_at_once_are_each_paid_by_the_one_campaign_and_its_escrow_holds_nothing_after()
    {
        var first = await World.Start();
        await first.PutCampaign("c1", 1_000_000);

        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            var session = await first.OpenSession($"u{n}", "a1", 500_000);
            await first.Complete(session, "c1");
            return (await first.Run(session, "c1", 20_000)).Reply;
        }));
        await first.DisposeAsync();

        Assert.All(runs, run => Assert.Equal(RunState.Succeeded, Assert.IsType<RunView>(run).State));
        await using var second = await World.Start(first.Journal);
        Assert.Equal(new Escrow(1_000_000, 0, 20 * 20_000, 600_000), (await second.Campaign("c1")).Escrow);
    }
}
