using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Wallets.WalletSample;

namespace Agora.Core.Tests.Wallets;

/// <summary>Money that comes into a wallet and leaves it.</summary>
public sealed class WalletTests
{
    private const string One = "default/campaign/c1";
    private const string Two = "default/campaign/c2";

    [Fact]
    public void Next_number_of_a_source_is_credited() => NewWallet()
        .When(new NodeCommand.Credit(One, new(1, 100, "runs", SentAt: Sent))).Then(new WalletEvent.Credited(One, 1, 100, "runs"))
        .When(new NodeCommand.Credit(One, new(2, 50, "runs", SentAt: Sent))).ThenAnswered(new Credited(One, 2))
        .When(new WalletCommand.Get()).Then().ThenAnswered(new WalletView(Id, 150, 150, 0, 150, 0, 0, 0, Exists: true));

    [Fact]
    public void Number_already_taken_is_answered_again_and_credits_nothing() => NewWallet()
        .Given(new WalletEvent.Credited(One, 1, 100, "runs"), new WalletEvent.Credited(One, 2, 50, "runs"))
        .When(new NodeCommand.Credit(One, new(1, 100, "runs", SentAt: Sent))).Then().ThenAnswered(new Credited(One, 1))
        .When(new NodeCommand.Credit(One, new(2, 999, "runs", SentAt: Sent))).Then().ThenAnswered(new Credited(One, 2))
        .ThenState(s => Assert.Equal(150, s.Balance.Remaining));

    [Fact]
    public void Sources_number_their_transfers_each_for_itself() => NewWallet()
        .Given(new WalletEvent.Credited(One, 1, 100, "runs"))
        .When(new NodeCommand.Credit(Two, new(1, 5, "left", SentAt: Sent))).Then(new WalletEvent.Credited(Two, 1, 5, "left"))
        .ThenState(s => Assert.Equal(105, s.CreditedMicros));

    [Theory]
    [InlineData(3, 10, "transfer_gap")]
    [InlineData(2, 0, "credit_positive")]
    [InlineData(2, -1, "credit_positive")]
    [InlineData(2, 4, "items_within_credit")]
    public void Transfer_that_no_source_may_send_breaks_an_invariant(long number, long amount, string invariant)
    {
        var wallet = NewWallet().Given(new WalletEvent.Credited(One, 1, 100, "runs"));
        var broken = Assert.Throws<InvariantViolationException>(() => wallet.When(new NodeCommand.Credit(One, new(number, amount, "runs", amount == 4 ? [new(RunId, 5, "")] : null, Sent))));
        Assert.Equal(invariant, broken.Name);
    }

    [Fact]
    public void Wallet_that_nothing_happened_to_is_empty_and_does_not_exist() => NewWallet()
        .When(new WalletCommand.Get()).ThenAnswered(new WalletView(Id, 0, 0));

    [Fact]
    public void Deposit_books_both_legs()
    {
        var view = new WalletView(Id, 100, 0, 0, 100, EnteredMicros: 100, Exists: true);
        NewWallet()
            .When(new WalletCommand.Deposit(100, "top-up")).Then(new WalletEvent.Deposited(100, "top-up", view)).ThenAnswered(view)
            .ThenState(s => Assert.Equal((100, 100, 0), (s.Book.BalanceMicros, s.Book.EnteredMicros, s.Book.LeftMicros)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(Limits.MaxMicros)]
    public void Deposit_of_nothing_or_beyond_what_a_wallet_may_hold_is_rejected_validation_failed(long amount) =>
        Filled(1).When(new WalletCommand.Deposit(amount)).ThenRejected(WalletRejection.DepositOutOfRange);

    [Fact]
    public void Wallet_may_be_filled_to_the_limit() =>
        Filled(1).When(new WalletCommand.Deposit(Limits.MaxMicros - 1)).ThenState(s => Assert.Equal(Limits.MaxMicros, s.OwnMicros));

    [Fact]
    public void Withdrawal_books_both_legs()
    {
        var view = new WalletView(Id, 70, 0, 0, 70, EnteredMicros: 100, LeftMicros: 30, Exists: true);
        Filled(100)
            .When(new WalletCommand.Withdraw(30, "payout")).Then(new WalletEvent.Withdrawn(30, "payout", view)).ThenAnswered(view)
            .ThenState(s => Assert.Equal((70, 100, 30), (s.Book.BalanceMicros, s.Book.EnteredMicros, s.Book.LeftMicros)));
    }

    [Fact]
    public void Withdrawal_of_held_money_is_rejected_payment_required() => Filled(100).Held(out _, 60)
        .When(new WalletCommand.Withdraw(41)).ThenRejected(WalletRejection.Short(Id, 40, 41))
        .When(new WalletCommand.Withdraw(40)).ThenEvents(typeof(WalletEvent.Withdrawn))
        .When(new WalletCommand.Withdraw(1)).ThenRejected(Codes.PaymentRequired);

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MaxValue)]
    [InlineData(Limits.MaxMicros + 1)]
    public void Withdrawal_of_an_amount_that_is_none_is_rejected_validation_failed(long amount) =>
        Filled(100).When(new WalletCommand.Withdraw(amount)).ThenRejected(WalletRejection.AmountOutOfRange);

    [Theory]
    [InlineData("provider-1", true, false)]
    [InlineData("agent:a", true, true)]
    [InlineData("agent:", true, false)]
    [InlineData("sponsor:c1", true, false)]
    [InlineData("world", false, false)]
    [InlineData("", false, false)]
    [InlineData(":a", false, false)]
    [InlineData("a/b", false, false)]
    [InlineData("a b", false, false)]
    [InlineData("agent:\u00e9", false, false)]
    public void Form_of_an_id_says_whether_it_names_a_wallet_and_whether_a_new_one_can_have_an_owner(string id, bool isId, bool canBeOwned) =>
        Assert.Equal((isId, canBeOwned), (WalletIds.IsId(id), WalletIds.CanBeOwned(id)));

    [Fact]
    public void Wallets_of_payers_have_their_addresses_in_lower_case() => Assert.Equal("x402:base:0xabc", WalletIds.X402("base", "0xABC"));
}
