using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Wallets;

namespace Agora.Grains.Tests.Product;

public sealed class RefundTests
{
    [Fact]
    public async Task A_sponsored_run_is_given_back_to_the_escrow_and_to_the_session_and_no_second_time_after_a_restart()
    {
        var first = await World.Start();
        await first.PutCampaign("c1", 1_000_000);
        await first.Entities.Wallet("provider-1").Send(new WalletCommand.Deposit(50_000), first.New(World.Key("admin", "deposit")));
        var session = await first.OpenSession("u1", "a1", 500_000);
        await first.Complete(session, "c1");
        var run = (RunView)(await first.Run(session, "c1", 20_000)).Reply!;
        var (payment, refund) = (run.Payment!.PaymentId.ToString("D"), Refund(session, run));

        var part = (RefundView)(await first.Entities.Payment(payment).Send(refund with { AmountMicros = 5_000 }, first.New(World.Key("admin", "r1")))).Reply!;
        var whole = (RefundView)(await first.Entities.Payment(payment).Send(refund, first.New(World.Key("admin", "r2", body: 1)))).Reply!;
        await first.DisposeAsync();

        Assert.Equal((5_000L, 15_000L, 15_000L, 0L), (part.AmountMicros, part.LeftMicros, whole.AmountMicros, whole.LeftMicros));
        var second = await World.Start(first.Journal);
        var repeated = await second.Entities.Payment(payment).Send(refund, second.New(World.Key("admin", "r2", body: 1)));
        Assert.Equal((true, whole), (repeated.Replayed, repeated.Reply));
        Assert.Equal(Codes.DuplicateRequest, (await second.Entities.Payment(payment).Send(refund, second.New(World.Key("admin", "r3", body: 2)))).Rejection!.Code);
        Assert.Equal(50_000, await Available(second)); // asked, it sends what the end of the first had cut short
        await second.DisposeAsync();

        await using var third = await World.Start(first.Journal);
        Assert.Equal(new Escrow(1_020_000, 0, 20_000, 1_000_000), (await third.Campaign("c1")).Escrow);
        Assert.Equal(new Budget(500_000, 0, 0, 500_000), (await third.Session(session)).Budget);
    }

    [Fact]
    public async Task A_provider_that_has_paid_out_what_it_earned_is_refused_PaymentRequired_and_nothing_changes()
    {
        var first = await World.Start();
        await first.PutCampaign("c1", 1_000_000);
        var session = await first.OpenSession("u1", "a1", 500_000);
        await first.Complete(session, "c1");
        var run = (RunView)(await first.Run(session, "c1", 20_000)).Reply!;
        await first.DisposeAsync();

        var second = await World.Start(first.Journal);
        Assert.Null((await second.Entities.Wallet("provider-1").Send(new WalletCommand.Withdraw(10_000), second.New(World.Key("admin", "w")))).Rejection);
        var refused = await second.Entities.Payment(run.Payment!.PaymentId.ToString("D")).Send(Refund(session, run), second.New(World.Key("admin", "r", body: 1)));
        await second.DisposeAsync();

        Assert.Equal(Codes.PaymentRequired, refused.Rejection!.Code);
        await using var third = await World.Start(first.Journal);
        var wallet = (WalletView)(await third.Entities.Wallet("provider-1").Send(new WalletCommand.Get(), third.New())).Reply!;
        Assert.Equal((10_000L, 0L), (wallet.AvailableMicros, wallet.HeldMicros));
        Assert.Equal(new Budget(500_000, 20_000, 0, 480_000), (await third.Session(session)).Budget);
    }

    [Fact]
    public async Task A_refund_right_after_its_run_is_not_short_of_what_the_fund_has_yet_to_pay()
    {
        await using var world = await World.Start();
        var session = await world.Prepare();
        List<RunView> runs = [];
        for (var i = 0; i < 3; i++) runs.Add((RunView)(await world.Run(session, "c1", 20_000, key: World.Key(session, $"k{i}", body: (byte)i))).Reply!);

        foreach (var (i, run) in runs.Index())
        {
            var given = await world.Entities.Payment(run.Payment!.PaymentId.ToString("D")).Send(Refund(session, run), world.New(World.Key("admin", $"r{i}", body: (byte)i)));
            Assert.Equal(20_000, Assert.IsType<RefundView>(given.Reply).AmountMicros);
        }

        // The session is told behind the answer.
        using var patience = new CancellationTokenSource(Hang.Timeout);
        while ((await world.Session(session)).Budget != new Budget(500_000, 0, 0, 500_000)) await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task An_alarm_that_rings_while_a_refund_waits_for_the_fund_to_pay_does_not_give_it_up()
    {
        await using var world = await World.Start();
        var session = await world.Prepare();
        List<RunView> runs = [];
        for (var i = 0; i < 2; i++) runs.Add((RunView)(await world.Run(session, "c1", 20_000, key: World.Key(session, $"k{i}", body: (byte)i))).Reply!);
        Task<Answer> Give(int i) => world.Entities.Payment(runs[i].Payment!.PaymentId.ToString("D")).Send(Refund(session, runs[i]), world.New(World.Key("admin", $"r{i}", body: (byte)i)));
        Assert.Null((await Give(0)).Rejection); // takes back the first, which was paid at once; the second waits

        var given = Give(1);
        while (!given.IsCompleted)
        {
            await world.Entities.Payment(runs[1].Payment!.PaymentId.ToString("D")).Send(new RefundCommand.Tick(), world.New());
            await Task.Delay(20);
        }

        Assert.IsType<RefundView>((await given).Reply);
    }

    private static async Task<long> Available(World world) => ((WalletView)(await world.Entities.Wallet("provider-1").Send(new WalletCommand.Get(), world.New())).Reply!).AvailableMicros;

    private static RefundCommand.Refund Refund(string session, RunView run) => new(
        new(run.Payment!.PaymentId.ToString("D"), session, run.RunId, "u1", "a1", run.Payment.PayerKind, run.Payment.PayerId, "provider-1", run.Payment.AmountMicros, run.Payment.FeeMicros),
        null,
        "unusable",
        "operator:tests");
}
