using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletDecider, Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Tests.Wallets;

public sealed class WalletTests
{
    private const string One = "default/campaign/c1";
    private const string Two = "default/campaign/c2";

    [Fact]
    public void Next_number_of_a_source_is_credited() => NewWallet()
        .When(new WalletCommand.Credit(One, 1, 100, "runs")).Then(new WalletEvent.Credited(One, 1, 100, "runs"))
        .When(new WalletCommand.Credit(One, 2, 50, "runs")).ThenAnswered(new Credited(One, 2))
        .When(new WalletCommand.Get()).Then().ThenAnswered(new WalletView("w1", 150, 150));

    [Fact]
    public void Number_already_taken_is_answered_again_and_credits_nothing() => NewWallet()
        .Given(new WalletEvent.Credited(One, 1, 100, "runs"), new WalletEvent.Credited(One, 2, 50, "runs"))
        .When(new WalletCommand.Credit(One, 1, 100, "runs")).Then().ThenAnswered(new Credited(One, 1))
        .When(new WalletCommand.Credit(One, 2, 999, "runs")).Then().ThenAnswered(new Credited(One, 2))
        .ThenState(s => Assert.Equal(150, s.Balance.Remaining));

    [Fact]
    public void Sources_number_their_transfers_each_for_itself() => NewWallet()
        .Given(new WalletEvent.Credited(One, 1, 100, "runs"))
        .When(new WalletCommand.Credit(Two, 1, 5, "left")).Then(new WalletEvent.Credited(Two, 1, 5, "left"))
        .ThenState(s => Assert.Equal(105, s.CreditedMicros));

    [Theory]
    [InlineData(3, 10, "transfer_gap")]
    [InlineData(2, 0, "credit_positive")]
    [InlineData(2, -1, "credit_positive")]
    public void Transfer_that_no_source_may_send_breaks_an_invariant(long number, long amount, string invariant)
    {
        var wallet = NewWallet().Given(new WalletEvent.Credited(One, 1, 100, "runs"));
        var broken = Assert.Throws<InvariantViolationException>(() => wallet.When(new WalletCommand.Credit(One, number, amount, "runs")));
        Assert.Equal(invariant, broken.Name);
    }

    [Fact]
    public void Wallet_that_nothing_was_sent_to_is_empty() => NewWallet()
        .When(new WalletCommand.Get()).ThenAnswered(new WalletView("w1", 0, 0));

    [Fact]
    public void Row_holds_balance_and_credits()
    {
        var wallet = NewWallet().When(new WalletCommand.Credit(One, 1, 100, "runs"));
        var row = Assert.Single(WalletDecider.Rows(wallet.State, wallet.Last.Events[0], wallet.Now));
        Assert.Equal(["default", "w1", 100L, 100L, wallet.Now.ToMicros()], row.Values);
    }

    private static Wallet NewWallet() => Wallet.Of(StreamId.Wallet("w1")).Natural(c => c is WalletCommand.Credit);
}
