using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Kernel;
using Agora.Core.Tests.Refunds;
using Agora.Core.Tests.Wallets;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Funds;

/// <summary>Each transfer between funds counts once for ever, though neither remembers the other for ever.</summary>
public sealed class FundMemoryTests
{
    private const string One = "default/wallet/agent:one";
    private const string Shop = "agent:shop";
    private static readonly StreamId Payee = StreamId.Wallet(Shop);

    [Fact]
    public void A_wallet_that_a_thousand_paid_once_remembers_none_of_them_minutes_later_and_takes_the_next_payment_of_each()
    {
        var world = RefundWorld.Of(new Random(1));
        for (var i = 0; i < 1_000; i++)
        {
            Pay(world, Buyer(i), Shop, 7);
        }

        Assert.Equal((7_000, 1_000), (Wallet(world, Payee).CreditedMicros, Wallet(world, Payee).Sources.Known.Count));
        Rest(world, TimeSpan.FromMinutes(3));
        Assert.Empty(Wallet(world, Payee).Sources.Known);
        Assert.All(world.All<WalletState>(), wallet => Assert.Empty(wallet.State.Dues.Payables.Resting));

        Pay(world, Buyer(3), Shop, 5);
        Assert.Equal((7_005, 2), (Wallet(world, Payee).CreditedMicros, Wallet(world, Buyer(3)).Dues.To(Shop).LastNumber));
        Wallet(world, Payee).CheckInvariants(thorough: true);
    }

    [Fact]
    public void A_wallet_that_has_paid_a_thousand_remembers_those_of_the_last_day_and_gives_no_number_twice()
    {
        var world = RefundWorld.Of(new Random(1));
        var payer = StreamId.Wallet(Shop);
        world.Ask(payer, new WalletCommand.Deposit(100_000));
        Pay(world, payer, "agent:b0", 1);
        Pay(world, payer, "agent:b0", 1);
        for (var i = 1; i < 1_000; i++)
        {
            Pay(world, payer, $"agent:b{i}", 1);
        }

        for (var n = 0; n < 6; n++)
        {
            Rest(world, TimeSpan.FromMinutes(3)); // so many at once
        }

        Assert.Equal(1_000, Wallet(world, payer).Dues.Payables.Released.Count);
        Rest(world, Limits.PayeeKept);
        Pay(world, payer, "agent:b7", 1);
        Assert.Equal(["agent:b7"], Wallet(world, payer).Dues.Payables.All.Keys);

        Pay(world, payer, "agent:b0", 1);
        Assert.Equal(3, Wallet(world, payer).Dues.To("agent:b0").LastNumber);
        Assert.Equal((3, 2), (Wallet(world, StreamId.Wallet("agent:b0")).CreditedMicros, Wallet(world, StreamId.Wallet("agent:b7")).CreditedMicros));
    }

    [Fact]
    public void A_snapshot_keeps_the_number_above_which_a_wallet_that_was_forgotten_is_paid_again()
    {
        var world = RefundWorld.Of(new Random(1));
        Pay(world, Buyer(1), Shop, 1);
        Pay(world, Buyer(1), Shop, 1);
        Rest(world, TimeSpan.FromMinutes(3));
        Rest(world, Limits.PayeeKept);
        Pay(world, Buyer(1), "agent:other", 1);
        Assert.Equal(["agent:other"], Wallet(world, Buyer(1)).Dues.Payables.All.Keys);

        Assert.Equal(2, WalletEntity.Entity.Snapshots.Restore(WalletEntity.Entity.Snapshots.Save(Wallet(world, Buyer(1)))).Dues.To(Shop).LastNumber);
    }

    [Fact]
    public void A_snapshot_of_a_campaign_keeps_that_number_too()
    {
        var campaign = CampaignEntity.Entity.Initial(StreamId.Campaign("c1"));
        var forgot = campaign with { Dues = campaign.Dues with { Payables = campaign.Dues.Payables with { Floor = 7 } } };

        Assert.Equal(7, CampaignEntity.Entity.Snapshots.Restore(CampaignEntity.Entity.Snapshots.Save(forgot)).Dues.To(Shop).LastNumber);
    }

    [Fact]
    public void A_source_is_forgotten_when_all_that_it_sent_is_too_old_and_what_comes_again_then_is_refused_as_late()
    {
        var late = new NodeCommand.Credit(One, new(1, 100, "runs", SentAt: Sent));
        var forget = new NodeCommand.ForgetSource(One, 1, Sent.AddSeconds(1));
        var wallet = NewWallet().When(late).After(TimeSpan.FromSeconds(61)).When(forget).ThenRejected(FundRejection.TooEarlyToForget);

        wallet.After(TimeSpan.FromSeconds(1)).When(forget).ThenEvents(typeof(WalletEvent.HoldVoided)).ThenAnswered(Nothing.Value);
        wallet.ThenState(s => Assert.Equal((0, 100L), (s.Sources.Known.Count, s.Sources.SumMicros)));

        wallet.When(late).ThenRejected(FundRejection.CreditLate);
        Assert.True(wallet.Last.FixesTime);
        wallet.When(new NodeCommand.Credit(One, new(1, 100, "runs"))).ThenRejected(FundRejection.CreditLate); // of a release that does not stamp
        wallet.When(new NodeCommand.Credit(One, new(2, 5, "runs", SentAt: wallet.Now))).Then(new WalletEvent.Credited(One, 2, 5, "runs"));
        wallet.After(TimeSpan.FromMinutes(5)).When(forget).Then().ThenState(s => Assert.Equal(2, s.Sources.Known[One].LastNumber));
    }

    [Fact]
    public void A_first_payment_that_reaches_its_payee_too_late_is_sent_anew_and_arrives_once()
    {
        var wallet = Filled(100).Paid(out _, 40);
        var send = wallet.Last.Steps[0];
        var arrives = NewWallet(Receiver).After(TimeSpan.FromSeconds(61)).When(Sending(send)).ThenRejected(FundRejection.CreditLate);

        wallet.After(TimeSpan.FromSeconds(30)).When((WalletCommand)send.Then(Rejected)!).Then();
        Assert.Empty(wallet.Last.Steps); // its own clock says that it is young: the alarm sends it again
        wallet.After(TimeSpan.FromSeconds(31)).When((WalletCommand)send.Then(Rejected)!).Then();
        Assert.True(wallet.Last.FixesTime);
        var anew = Sending(wallet.Last.Steps[0]);
        arrives.When(anew).ThenEvents(typeof(WalletEvent.Credited)).When(Sending(send)).Then().ThenAnswered(new Credited(Payer, 1)).When(anew).Then();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_lost_or_comes_twice_or_late_each_payment_counts_once_and_nobody_is_remembered_in_the_end(int seed)
    {
        var random = new Random(seed);
        var world = RefundWorld.Of(random);
        world.Storms = true;
        StreamId[] wallets = [.. Enumerable.Range(0, 5).Select(Buyer)];
        foreach (var wallet in wallets)
        {
            while (Wallet(world, wallet).EnteredMicros == 0) world.Ask(wallet, new WalletCommand.Deposit(10_000));
        }

        for (var turn = 0; turn < 120; turn++)
        {
            var (from, to) = (wallets[random.Next(wallets.Length)], wallets[random.Next(wallets.Length)].Id);
            world.Ask(from, new WalletCommand.Transfer(world.NewId(), to, random.Next(1, 90), "thanks", PayeeKnown: true));
            if (random.Next(3) == 0)
            {
                Rest(world, TimeSpan.FromSeconds(random.Next(1, 200)));
            }

            if (random.Next(40) == 0)
            {
                Rest(world, Limits.PayeeKept);
            }

            if (random.Next(20) == 0)
            {
                world.Crash();
            }
        }

        world.Storms = false;
        for (var n = 0; n < 8; n++)
        {
            Rest(world, TimeSpan.FromMinutes(3));
        }

        Assert.True(world.IsAtRest);
        var states = world.All<WalletState>().Select(w => w.State).ToList();
        states.ForEach(state => state.CheckInvariants(thorough: true));
        Assert.Equal(states.Sum(s => s.EnteredMicros), states.Sum(s => s.OwnMicros));
        Assert.All(states, s => Assert.Equal(
            states.SelectMany(payer => world.Happened<WalletEvent.Transferred>(payer.Stream)).Where(t => t.To == s.Stream.Id).Sum(t => t.AmountMicros), s.CreditedMicros));
        Assert.All(states, s => Assert.Empty(s.Sources.Known));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    private static string Receiver => WalletSample.Payee;

    private static StepOutcome Rejected => new StepOutcome.Answered(Answer.No(FundRejection.CreditLate));

    private static NodeCommand Sending(Step step) => (NodeCommand)((StepTarget.Entity)step.Target).Command;

    private static StreamId Buyer(int n) => StreamId.Wallet($"agent:buyer{n}");

    private static WalletState Wallet(DeciderWorld world, StreamId stream) => world.State<WalletState>(stream);

    private static void Pay(DeciderWorld world, StreamId from, string to, long micros)
    {
        if (Wallet(world, from).EnteredMicros == 0)
        {
            world.Ask(from, new WalletCommand.Deposit(100));
        }

        world.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Null(world.Ask(from, new WalletCommand.Transfer(world.NewId(), to, micros, "thanks", PayeeKnown: true))!.Rejection);
    }

    private static void Rest(DeciderWorld world, TimeSpan time)
    {
        world.Pass(time);
        world.Ring();
    }
}
