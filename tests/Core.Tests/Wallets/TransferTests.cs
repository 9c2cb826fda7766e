using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Wallets;

/// <summary>A wallet pays another one.</summary>
public sealed class TransferTests
{
    private static readonly Guid Early = Ids.Derive(Kernel.Scenario<WalletState, WalletCommand, WalletEvent>.Start, Guid.Empty, 99);

    [Fact]
    public void Transfer_leaves_the_balance_and_is_sent_in_one_decision()
    {
        var wallet = Filled(100);
        var id = wallet.NextId();
        wallet.When(Transfer(id, 40))
            .Then(new WalletEvent.Transferred(id, Payee, 40, "thanks"), new WalletEvent.CreditSent(Payee, 1, 40, $"runs paid by {Id}", 1))
            .ThenAnswered(new TransferTaken(id))
            .ThenSteps(new NodeCommand.Credit(Payer, new(1, 40, $"runs paid by {Id}", [new(id, 40, "thanks")], Sent)))
            .ThenState(s => Assert.Equal((60, 60, 40), (s.OwnMicros, s.Book.BalanceMicros, s.Book.SentMicros)));
    }

    [Fact]
    public void Transfers_that_wait_for_one_under_way_travel_together()
    {
        var wallet = Filled(100).Paid(out _, 10);
        var arrived = (WalletCommand)wallet.Last.Steps[0].Then(Answered(new Credited(Payer, 1)))!;
        wallet.Paid(out var second, 20, memo: "two").ThenEvents(typeof(WalletEvent.Transferred)).ThenSteps()
            .ThenState(s => Assert.Equal((70, 90, 10), (s.OwnMicros, s.Book.BalanceMicros, s.Book.SentMicros)))
            .Paid(out var third, 5, memo: "three")
            .When(arrived).ThenEvents(typeof(WalletEvent.CreditArrived), typeof(WalletEvent.CreditSent))
            .ThenSteps(new NodeCommand.Credit(Payer, new(2, 25, $"runs paid by {Id}", [new(second, 20, "two"), new(third, 5, "three")], Sent)));
    }

    [Fact]
    public void More_than_64_travel_in_the_order_in_which_they_were_made()
    {
        var wallet = Filled(1_000).Paid(out _, 1);
        var steps = wallet.Last.Steps;
        for (var n = 0; n < 70; n++)
        {
            wallet.Paid(out _, 2);
        }

        wallet.When((WalletCommand)steps[0].Then(Answered(new Credited(Payer, 1)))!);
        var (first, left) = ((NodeCommand.Credit)((StepTarget.Entity)wallet.Last.Steps[0].Target).Command, wallet.State.Dues.To(Payee));
        Assert.Equal((64, 128L, 6, 12L), (first.Transfer.Items!.Count, first.Transfer.AmountMicros, left.Waiting.Length, left.OwedMicros));
        wallet.When((WalletCommand)wallet.Last.Steps[0].Then(Answered(new Credited(Payer, 2)))!);
        var rest = (NodeCommand.Credit)((StepTarget.Entity)wallet.Last.Steps[0].Target).Command;
        Assert.Equal((3L, 6, 12L), (rest.Transfer.Number, rest.Transfer.Items!.Count, rest.Transfer.AmountMicros));
    }

    [Fact]
    public void Payee_shows_each_transfer_for_itself()
    {
        var payee = NewWallet(Payee).When(new NodeCommand.Credit(Payer, new(1, 30, "rest", [new(RunId, 10, "a"), new(Early, 15, "b")], Sent)));
        Assert.Equal(
            [
                ["default", Payee, payee.Now.ToMicros(), 1L, "transfer", Id, 10L, 10L, "a", RunId.ToString("D")],
                ["default", Payee, payee.Now.ToMicros(), 2L, "transfer", Id, 15L, 25L, "b", Early.ToString("D")],
                ["default", Payee, payee.Now.ToMicros(), 3L, "credit", Id, 5L, 30L, "rest", null],
            ],
            WalletEntity.Entity.Rows(payee.State, payee.Last.Events[0], payee.Now).Where(r => r.Table.Name == "fund_entries").Select(r => r.Values));
        Assert.Equal(3, payee.State.Entries);
    }

    [Fact]
    public void Transfer_that_was_made_is_not_made_again() => Filled(100).Paid(out var id, 40)
        .When(Transfer(id, 40)).Then().ThenAnswered(new TransferTaken(id)).ThenState(s => Assert.Equal(60, s.OwnMicros));

    [Fact]
    public void Void_tells_that_a_transfer_was_made() => Filled(100).Paid(out var id, 40)
        .When(new NodeCommand.Void(id)).Then().ThenAnswered(new HoldEnded(id, HoldStanding.Posted));

    [Fact]
    public void Void_of_a_transfer_that_never_came_refuses_it_when_it_does()
    {
        var wallet = Filled(100);
        var id = wallet.NextId();
        wallet.When(new NodeCommand.Void(id)).Then(new WalletEvent.HoldVoided(id)).ThenAnswered(new HoldEnded(id, HoldStanding.Voided))
            .When(Transfer(id, 40)).ThenRejected(FundRejection.AlreadyDecided);
    }

    [Theory]
    [InlineData(61, false)]
    [InlineData(60, true)]
    public void Transfer_is_made_only_while_its_id_is_young(int seconds, bool made) =>
        Filled(100).After(TimeSpan.FromSeconds(seconds)).When(Transfer(Early, 1))
            .ThenState(s => Assert.Equal(made ? 99 : 100, s.OwnMicros));

    public static TheoryData<string, long, bool, Rejection> Refused => new()
    {
        { Id, 1, true, WalletRejection.PayeeIsPayer },
        { "world", 1, true, WalletRejection.NoPayee },
        { "no payee", 1, true, WalletRejection.NoPayee },
        { "", 1, true, WalletRejection.NoPayee },
        { Payee, 0, true, WalletRejection.AmountOutOfRange },
        { Payee, -1, true, WalletRejection.AmountOutOfRange },
        { Payee, long.MinValue, true, WalletRejection.AmountOutOfRange },
        { Payee, long.MaxValue, true, WalletRejection.AmountOutOfRange },
        { Payee, Limits.MaxMicros + 1, true, WalletRejection.AmountOutOfRange },
        { "provider-1", 1, false, WalletRejection.PayeeUnknown },
        { Payee, 101, false, WalletRejection.Short(Id, 100, 101) },
        { Payee, Limits.MaxMicros, true, WalletRejection.Short(Id, 100, Limits.MaxMicros) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Transfer_that_cannot_be_is_rejected_and_changes_nothing(string to, long amount, bool known, Rejection rejection)
    {
        var wallet = Filled(100);
        wallet.When(Transfer(wallet.NextId(), amount, to, known: known)).ThenRejected(rejection);
    }

    [Fact]
    public void Wallet_that_is_known_is_paid_whatever_its_name()
    {
        var wallet = Filled(100);
        wallet.When(Transfer(wallet.NextId(), 1, "provider-1", known: true)).ThenEvents(typeof(WalletEvent.Transferred), typeof(WalletEvent.CreditSent));
    }

    [Fact]
    public void Payee_that_is_away_is_paid_until_too_many_wait()
    {
        var wallet = NewWallet().Given(new WalletEvent.Credited("default/campaign/c1", 1, 10_000, "runs"), new WalletEvent.Transferred(Early, Payee, 1, ""), new WalletEvent.CreditSent(Payee, 1, 1, "", 1));
        var waiting = wallet.State with { Dues = wallet.State.Dues with { Payables = wallet.State.Dues.Payables.With(Payee, wallet.State.Dues.To(Payee) with { Waiting = [.. Enumerable.Repeat(new TransferItem(Early, 1, ""), Limits.TransferItemsWaiting)], OwedMicros = Limits.TransferItemsWaiting }) } };
        var refused = WalletDecider.Decide(waiting, Transfer(wallet.NextId(), 1), new(wallet.Now, Guid.Empty));
        Assert.Equal(WalletRejection.PayeeAway, refused.Answer!.Rejection);
        Assert.Empty(refused.Events);
    }

    [Fact]
    public void Hold_s_id_is_no_transfer_s()
    {
        var wallet = Filled(100).Held(out var hold);
        Assert.Equal("transfer_id_is_no_hold", Assert.Throws<InvariantViolationException>(() => wallet.When(Transfer(hold, 1))).Name);
    }
}
