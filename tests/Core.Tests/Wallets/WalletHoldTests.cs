using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Wallets;

/// <summary>A wallet pays for runs.</summary>
public sealed class WalletHoldTests
{
    [Fact]
    public void Reserve_holds_and_a_repeat_holds_nothing_more() => Filled(100).Held(out var hold)
        .Then(new WalletEvent.HoldReserved(hold, Owner, RunId, 60, Provider, 0))
        .ThenState(s => Assert.Equal((100, 60, 40), (s.OwnMicros, s.Balance.Held, s.Balance.Remaining)));

    [Theory]
    [InlineData(101)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Reserve_of_more_than_is_there_is_rejected_payment_required(long micros)
    {
        var wallet = Filled(100);
        wallet.When(Reserve(wallet.NextId(), micros)).ThenRejected(WalletRejection.Short(Id, 100, micros));
    }

    [Fact]
    public void Posted_hold_is_paid_and_the_rest_is_free_again() => Filled(100).Held(out var hold)
        .When(new NodeCommand.Post(hold, 45))
        .Then(new WalletEvent.HoldPosted(hold, 45, RunId, Provider), new WalletEvent.CreditSent(Provider, 1, 45, $"runs paid by {Id}", 0))
        .ThenAnswered(new HoldEnded(hold, HoldStanding.Posted))
        .ThenSteps(new NodeCommand.Credit(Payer, new(1, 45, $"runs paid by {Id}", SentAt: Sent)))
        .ThenState(s => Assert.Equal((55, 55), (s.OwnMicros, s.Balance.Remaining)))
        .When(new NodeCommand.Post(hold, 45)).Then().ThenAnswered(new HoldEnded(hold, HoldStanding.Posted));

    [Fact]
    public void Fee_is_rounded_down_and_the_provider_has_the_rest() => Filled(100).Held(out var hold, 99, fee: 250)
        .When(new NodeCommand.Post(hold, 99))
        .ThenSteps(
            new NodeCommand.Credit(Payer, new(1, 97, $"runs paid by {Id}", SentAt: Sent)),
            new NodeCommand.Credit(Payer, new(1, 2, $"fee of runs paid by {Id}", SentAt: Sent)));

    [Fact]
    public void Fee_is_sent_at_once_while_a_transfer_to_the_provider_is_under_way() => Filled(100).Held(out var free, 39, fee: 250).Held(out var second, 40, fee: 250)
        .When(new NodeCommand.Post(free, 39))
        .When(new NodeCommand.Post(second, 40)).ThenSteps(new NodeCommand.Credit(Payer, new(1, 1, $"fee of runs paid by {Id}", SentAt: Sent)));

    [Fact]
    public void Post_that_the_payees_statement_shows_for_itself_is_sent_at_once_with_what_waits_for_its_time()
    {
        var wallet = Waiting(out _);
        var hold = wallet.NextId();
        wallet.When(new NodeCommand.Reserve(hold, Owner, RunId, 5, new ReserveTerms.OfWallet(Provider, Memo: "thanks")))
            .When(new NodeCommand.Post(hold, 5)).ThenEvents(typeof(WalletEvent.HoldPosted), typeof(WalletEvent.CreditSent))
            .ThenState(s => Assert.Equal((25, 0), (s.Dues.To(Provider).InFlight!.AmountMicros, s.Dues.To(Provider).OwedMicros)));
    }

    [Fact]
    public void What_is_due_while_a_transfer_is_under_way_that_took_along_what_waited_goes_when_that_has_arrived()
    {
        var wallet = Waiting(out var later).Held(out var third, 30);
        wallet.When(Transfer(wallet.NextId(), 5, Provider, known: true)).ThenEvents(typeof(WalletEvent.Transferred), typeof(WalletEvent.CreditSent));
        var sent = wallet.Last.Steps[0];
        wallet.When(new NodeCommand.Post(third, 30)).ThenSteps()
            .After(Limits.PayoutEvery).When((WalletCommand)later.Then(new StepOutcome.Unreachable())!).Then().ThenSteps()
            .When((WalletCommand)sent.Then(Answered(new Credited(Payer, 2)))!)
            .ThenSteps(new NodeCommand.Credit(Payer, new(3, 30, $"runs paid by {Id}", SentAt: wallet.Now)));
    }

    [Theory]
    [InlineData(100, 0, 0)]
    [InlineData(100, 10_000, 100)]
    [InlineData(39, 250, 0)]
    [InlineData(40, 250, 1)]
    [InlineData(Limits.MaxMicros, 9_999, 999_900_000_000_000)]
    public void Fee_is_a_floor(long amount, int basisPoints, long fee) => Assert.Equal(fee, Fee.Of(amount, basisPoints));

    [Theory]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void Fee_that_is_none_breaks_an_invariant(int basisPoints)
    {
        var wallet = Filled(100);
        Assert.Equal("fee_within_price", Assert.Throws<InvariantViolationException>(() => wallet.When(Reserve(wallet.NextId(), fee: basisPoints))).Name);
    }

    [Fact]
    public void Post_of_nothing_pays_nobody_and_is_no_entry() => Filled(100).Held(out var hold)
        .When(new NodeCommand.Post(hold, 0)).Then(new WalletEvent.HoldPosted(hold, 0, RunId, Provider)).ThenSteps()
        .ThenState(s => Assert.Equal((100, 1), (s.Balance.Remaining, s.Entries)));

    [Fact]
    public void Voided_hold_is_free_again_and_cannot_be_reserved() => Filled(100).Held(out var hold)
        .When(new NodeCommand.Void(hold)).Then(new WalletEvent.HoldVoided(hold)).ThenState(s => Assert.Equal(100, s.Balance.Remaining))
        .When(Reserve(hold)).ThenRejected(FundRejection.AlreadyDecided);

    [Fact]
    public void Post_contradicting_a_void_breaks_an_invariant()
    {
        var wallet = Filled(100).Held(out var hold).When(new NodeCommand.Void(hold));
        Assert.Equal("post_of_voided", Assert.Throws<InvariantViolationException>(() => wallet.When(new NodeCommand.Post(hold, 1))).Name);
        Assert.Equal("post_of_unknown_hold", Assert.Throws<InvariantViolationException>(() => wallet.When(new NodeCommand.Post(wallet.NextId(), 1))).Name);
    }

    [Fact]
    public void Overdue_hold_is_asked_about_where_it_is_decided()
    {
        var wallet = Filled(100).Held(out var hold).After(Limits.InquiryAfter);
        Assert.Equal(wallet.Now, WalletDecider.Due(wallet.State));
        wallet.When(new WalletCommand.Tick()).ThenSteps(new NodeCommand.Inquire(RunId, hold));
        var step = wallet.Last.Steps[0];
        Assert.Null(step.Then(Answered(new Inquired(RunId, hold, Open: true, false, 0))));
        wallet.When((WalletCommand)step.Then(Answered(new Inquired(RunId, hold, Open: true, false, 0, 300)))!)
            .ThenState(s => Assert.Equal(wallet.Now.AddSeconds(300), WalletDecider.Due(s)));
        wallet.When((WalletCommand)step.Then(Answered(new Inquired(RunId, hold, Open: false, Posted: true, 12)))!)
            .ThenState(s => Assert.Equal((88, 0), (s.OwnMicros, s.Balance.Held)));
    }

    [Fact]
    public void What_is_under_way_is_sent_again_after_a_restart() => Filled(100).Paid(out _, 10)
        .ThenState(s => Assert.Equal(Payee, ((StepTarget.Entity)Assert.Single(WalletDecider.Unfinished(s, default)).Target).Stream.Id))
        .ThenState(s => Assert.True(WalletDecider.IsUnfinished(s)));

    [Fact]
    public void Snapshot_holds_money_that_waits()
    {
        var wallet = Filled(100).Held(out _, 10, fee: 7).Paid(out _, 20).Paid(out var waits, 5);
        var restored = WalletEntity.Entity.Snapshots.Restore(WalletEntity.Entity.Snapshots.Save(wallet.State));
        Assert.Equal(wallet.State.View, restored.View);
        Assert.Equal((wallet.State.Book, wallet.State.Entries), (restored.Book, restored.Entries));
        Assert.Equal(waits, Assert.Single(restored.Dues.To(Payee).Waiting).TransferId);
        Assert.Equal(20, restored.Dues.To(Payee).InFlight!.AmountMicros);
        Assert.Equal(7, Assert.Single(restored.Holds.Open.Values).FeeBasisPoints);
        WalletEntity.Entity.CheckInvariants(restored, thorough: true);
    }

    /// <summary>The provider was paid lately, and is owed 20 that wait for their time.</summary>
    private static Kernel.Scenario<WalletState, WalletCommand, WalletEvent> Waiting(out Step later)
    {
        var wallet = Filled(100).Held(out var first, 10).Held(out var second, 20).When(new NodeCommand.Post(first, 10));
        wallet.When((WalletCommand)wallet.Last.Steps[0].Then(Answered(new Credited(Payer, 1)))!).When(new NodeCommand.Post(second, 20)).Then(new WalletEvent.HoldPosted(second, 20, RunId, Provider));
        later = Assert.Single(wallet.Last.Steps);
        return wallet;
    }
}
