using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.Core.Tests.Payments;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Wallets.WalletPaymentTests;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Tests.Wallets;

/// <summary>An operator says how a payment ended of which the facilitator cannot: once, and then it stands.</summary>
public sealed class SettledByHandTests
{
    private const long Price = 10_000;
    private static readonly string Hash = "0x" + new string('a', 64);
    private static readonly string Other = "0x" + new string('b', 64);

    [Fact]
    public void What_is_being_settled_and_was_paid_is_held_for_its_run_as_if_the_facilitator_had_said_so()
    {
        var wallet = Settling(out var hold, out var asked).When(Paid(hold)).Then(new WalletEvent.PaymentSettled(hold, Price, Hash, ByHand: true));
        wallet.ThenAnswered<PaymentEnd>(e => Assert.Equal((IncomingStanding.Settled, Hash), (e.Standing, e.Settlement!.Transaction)))
            .ThenState(s => Assert.Equal((Price, Price), (s.EnteredMicros, s.Balance.Held)));
        wallet.When(new WalletCommand.Settle(hold)).Then().ThenAnswered<PaymentEnd>(e => Assert.Equal(IncomingStanding.Settled, e.Standing));
        Assert.DoesNotContain(asked, wallet.Last.LateAnswers.Select(late => late.CommandId));
        wallet.When(new NodeCommand.Post(hold, Price)).ThenState(s => Assert.Equal((0, Price), (s.Balance.Held, s.EnteredMicros)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_facilitator_says_after_the_operator_changes_nothing_and_who_waits_for_it_is_told_the_end(bool moved)
    {
        var settling = Settling(out var hold, out var asked);
        var answered = settling.Last.Steps[0].Then(moved ? new SettleOutcome.Settled(Other) : new SettleOutcome.Refused("invalid_exact_evm_insufficient_balance"));
        settling.When(Paid(hold)).When(Assert.IsAssignableFrom<WalletCommand>(answered)).Then()
            .ThenAnsweredLate(asked, answer => Assert.Equal(Hash, ((PaymentEnd)answer.Reply!).Settlement!.Transaction))
            .ThenState(s => Assert.Empty(s.Asking));
    }

    [Fact]
    public void While_it_may_still_be_moved_nobody_can_say_that_it_was_not_paid()
    {
        var wallet = Settling(out var hold, out _).When(NotPaid(hold)).Then();
        Assert.Equal((Codes.Unavailable, 181L), (wallet.Last.Answer!.Rejection!.Code, wallet.Last.Answer.Rejection.RetryAfterSeconds));
    }

    [Fact]
    public void What_was_put_off_was_never_sent_and_cannot_have_been_paid() =>
        Settling(out var hold, out _).WhenStep(0, Doubt(FacilitatorDoubt.NotAsked)).When(Paid(hold)).ThenRejected(PaymentRejection.NotSettledYet);

    [Fact]
    public void What_is_unresolved_and_was_paid_is_its_payers_here_and_no_run_is_delivered()
    {
        var wallet = Unresolved(out var hold).When(Paid(hold)).ThenEvents(typeof(WalletEvent.Deposited));
        wallet.ThenState(s => Assert.Equal((Price, 0, Price, 0), (s.EnteredMicros, s.Balance.Held, s.Balance.Remaining, s.UnresolvedMicros)));
        Assert.Equal([FundTables.Funds, FundTables.Entries, SettlementTables.Settlements], Rows(wallet).Select(row => row.Table));
        Assert.Equal([EntryKinds.X402, "settled", Hash], [Rows(wallet)[1].Values[4], Rows(wallet)[2].Values[8], Rows(wallet)[2].Values[10]]);
    }

    [Fact]
    public void What_is_unresolved_and_was_not_paid_is_nothing_any_more()
    {
        var wallet = Unresolved(out var hold).When(NotPaid(hold)).ThenEvents(typeof(WalletEvent.HoldVoided));
        wallet.ThenState(s => Assert.Equal((0, 0), (s.EnteredMicros, s.UnresolvedMicros)));
        Assert.Equal("refused", Assert.Single(Rows(wallet)).Values[8]);
        Assert.NotEqual(hold, Assert.IsType<WalletEvent.HoldVoided>(wallet.Last.Events[0]).HoldId); // for the release before it is a tombstone of nobody's
    }

    /// <summary>The answer that it is unresolved may be lost. The hold is gone then, and a run that took the operator's word for the end would post it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_asks_after_the_operator_is_told_that_its_payment_was_unresolved(bool paid)
    {
        var wallet = Unresolved(out var hold);
        wallet.When(paid ? Paid(hold) : NotPaid(hold)).ThenAnswered<PaymentEnd>(e => Assert.Equal(paid ? IncomingStanding.Settled : IncomingStanding.Refused, e.Standing));
        wallet.When(new WalletCommand.Settle(hold)).Then().ThenAnswered<PaymentEnd>(e => Assert.Equal((IncomingStanding.Unresolved, null), (e.Standing, e.Settlement)));
        Assert.Throws<InvariantViolationException>(() => wallet.When(new NodeCommand.Post(hold, Price)));
    }

    [Fact]
    public void The_same_said_again_is_the_same_and_another_end_is_run_decided()
    {
        foreach (var (first, second) in new (Func<Guid, WalletCommand>, Func<Guid, WalletCommand>)[] { (Paid, NotPaid), (NotPaid, Paid), (Paid, id => new WalletCommand.SettleByHand(id, Other)) })
        {
            var wallet = Unresolved(out var hold).When(first(hold)).When(first(hold)).Then();
            Assert.IsType<PaymentEnd>(wallet.Last.Answer!.Reply);
            wallet.When(second(hold)).Then();
            Assert.Equal(Codes.RunDecided, wallet.Last.Answer!.Rejection!.Code);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transaction_that_has_settled_one_payment_settles_no_other_of_its_payer_TransactionOfAnother(bool byHand)
    {
        var wallet = WalletPaymentTests.Unresolved(2);
        var (first, second) = (wallet.State.Payments.Values.First(), wallet.State.Payments.Values.Last());
        Guid paid = first.RunId;
        if (byHand)
        {
            wallet.When(Paid(first.HoldId)).ThenEvents(typeof(WalletEvent.Deposited));
        }
        else
        {
            paid = wallet.NextId();
            wallet.Given(WalletPaymentTests.Settled(paid, 3, Hash));
        }

        var credited = wallet.State.EnteredMicros;
        wallet.When(new WalletCommand.SettleByHand(second.HoldId, "0x" + new string('A', 64))).ThenRejected(WalletRejection.TransactionOfAnother(paid, "settled", Hash))
            .ThenState(s => Assert.Equal(credited, s.EnteredMicros));
        wallet.When(new WalletCommand.SettleByHand(second.HoldId, Other)).ThenEvents(typeof(WalletEvent.Deposited)).ThenState(s => Assert.Equal(credited + Price, s.EnteredMicros));
    }

    [Fact]
    public void What_is_unresolved_is_remembered_until_it_is_settled_and_then_forgotten_as_any_other()
    {
        var wallet = Unresolved(out var hold).After(TimeSpan.FromDays(90)).When(NotPaid(hold)).ThenEvents(typeof(WalletEvent.HoldVoided));
        wallet.When(new WalletCommand.SettleByHand(wallet.NextId(), Hash)).ThenRejected(WalletRejection.PaymentNotKnown);
    }

    [Fact]
    public void What_is_unresolved_is_not_forgotten_when_its_payer_pays_again_and_what_was_settled_is()
    {
        var wallet = PaysAgain(Unresolved(out var hold).After(TimeSpan.FromDays(90)), 1);
        wallet.When(Paid(hold)).ThenEvents(typeof(WalletEvent.Deposited)).ThenState(s => Assert.Equal((Price, 0), (s.EnteredMicros, s.UnresolvedMicros)));
        PaysAgain(wallet, 2).When(Paid(hold)).ThenRejected(WalletRejection.PaymentNotKnown);
    }

    [Fact]
    public void Of_one_payer_no_more_is_taken_than_may_be_unresolved_and_one_that_is_settled_makes_room_TooManyUnresolved()
    {
        Present(WalletPaymentTests.Unresolved(Limits.UnresolvedPayments - 1), 0).WhenStep(0, new VerifyOutcome.Valid(PaymentSamples.Payer)).ThenEvents(typeof(WalletEvent.PaymentPresented));

        var wallet = WalletPaymentTests.Unresolved(Limits.UnresolvedPayments);
        var hold = wallet.State.Payments.First(payment => payment.Value.Standing == IncomingStanding.Unresolved).Value.HoldId;
        Asked(wallet, 0).ThenRejected(PaymentRejection.TooManyUnresolved);
        Present(wallet.After(TimeSpan.FromSeconds(301)).When(NotPaid(hold)), 0);
    }

    private static Wallet PaysAgain(Wallet wallet, int nonce) => Present(wallet, nonce).WhenStep(0, new VerifyOutcome.Valid(PaymentSamples.Payer)).ThenEvents(typeof(WalletEvent.PaymentPresented));

    private static WalletCommand.SettleByHand Paid(Guid hold) => new(hold, Hash);

    private static WalletCommand.SettleByHand NotPaid(Guid hold) => new(hold, null);

    private static Wallet Unresolved(out Guid hold) =>
        Settling(out hold, out _).After(TimeSpan.FromSeconds(200)).WhenStep(0, Doubt(FacilitatorDoubt.NoAnswer)).ThenEvents(typeof(WalletEvent.PaymentUnresolved));

    private static List<Row> Rows(Wallet wallet) => [.. WalletTables.Rows(wallet.State, Assert.Single(wallet.Last.Events), wallet.Now)];
}
