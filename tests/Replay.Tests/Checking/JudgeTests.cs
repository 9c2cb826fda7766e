using System.Globalization;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Tests.Payments;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Replay.Checking;
using Agora.X402;

namespace Agora.Replay.Tests.Checking;

/// <summary>Payments by x402, refunds and calls of models that no decider would have let be: what streams say of them is judged as it was written.</summary>
public sealed class JudgeTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;
    private static readonly Guid First = Id(1), Second = Id(2);

    [Fact]
    public void Two_payments_that_enter_and_deliver_once_each_break_no_rule() =>
        Assert.Empty(Judged(Rules.Payments, [.. Presented(First, nonce: 1), .. Presented(Second, nonce: 2), Settled(First), Settled(Second), Posted(First), Posted(Second)]));

    [Fact]
    public void A_payment_that_enters_twice_is_named_by_payments() =>
        Assert.Equal(["a payment by x402 entered twice"], Judged(Rules.Payments, [.. Presented(First, nonce: 1), Settled(First), .. Presented(Second, nonce: 1), Settled(Second)]));

    [Fact]
    public void A_payment_that_entered_and_enters_by_hand_again_is_named_by_payments() =>
        Assert.Equal(["a payment by x402 entered twice"], Judged(Rules.Payments, [
            .. Presented(First, nonce: 1), new WalletEvent.PaymentUnresolved(First, 10), new WalletEvent.Deposited(10, null, new("w1", 10, 0), Resolves: First), .. Presented(Second, nonce: 1), Settled(Second)]));

    [Fact]
    public void A_payment_that_delivers_two_runs_is_named_by_payments() => Assert.Equal(
        ["a payment by x402 delivered two runs"],
        Judged(Rules.Payments, [.. Presented(First, nonce: 1), .. Presented(Second, nonce: 1), Settled(First), Posted(First), Posted(Second)]));

    [Fact]
    public void A_payment_that_delivers_a_run_and_never_enters_is_named_by_payments() =>
        Assert.Equal(["a payment by x402 delivered a run, and never entered"], Judged(Rules.Payments, [.. Presented(First, nonce: 1), Posted(First)]));

    [Theory]
    [InlineData(40, 0, null)]
    [InlineData(30, 10, null)]
    [InlineData(41, 0, "41 were given back of a refund of 40")]
    [InlineData(40, 1, "41 were given back of a refund of 40")]
    public void A_refund_is_given_back_by_the_provider_and_the_platform_together_and_more_than_it_is_named_by_runs(long provider, long fee, string? says) =>
        Assert.Equal(says is null ? [] : [says], Judged(Rules.Runs, [Accepted(40), .. GivenBack(First, provider), .. GivenBack(Second, fee)]));

    [Fact]
    public void A_refund_that_was_refused_and_of_which_something_is_given_back_is_named_by_runs() =>
        Assert.Equal(["1 were given back of a refund of 0"], Judged(Rules.Runs, [new RefundEvent.Refused(Id(9), new(Codes.PaymentRequired, "Paid out.")), .. GivenBack(First, 1)]));

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(false, true, "all follow a run that is posted 1 times at its user, 1 at funds, and 0 at 0 sessions above")]
    [InlineData(true, true, null)]
    [InlineData(true, false, "all follow a run that is posted 1 times at its user, 0 at funds, and 0 at 0 sessions above")]
    public void A_model_that_nobody_is_charged_for_is_posted_at_its_user_and_at_no_fund(bool charges, bool isPaid, string? says) =>
        Assert.Equal(says is null ? [] : [says], Judged(Rules.Runs, [.. Called(charges), .. isPaid ? GivenBack(Second, 10) : [], new RunEvent.NodesFollowed(Id(9), [First])]).Where(found => found.StartsWith("all", StringComparison.Ordinal)));

    private static object[] Called(bool charges)
    {
        var (line, fund) = (new AuditLine(Id(7), "call_model", "POST /x", "call", 200), charges ? "w1" : "");
        var paid = new Core.Runs.Payment(Id(6), 10, "operator", "operator", "posted", PayerKinds.Nobody, fund, "Why.", RelatedParty: false);
        return
        [
            new RunEvent.Requested(Id(9), First, "model", 20, "provider-1", null, "", Now, line, Model: new(Id(5), 20, 1, 1, 1, charges)),
            new UserEvent.HoldReserved(First, "default/session/s1", Id(9), "a1", 20, [], [], "Why."), new UserEvent.HoldPosted(First, 10),
            new RunEvent.Concluded(Id(9), new("model", "provider-1", Now, line), true, 10, paid, null, null, new(100, 10, 0, 90), 1),
        ];
    }

    private static object[] Presented(Guid hold, int nonce)
    {
        var payment = PaymentSamples.Read(PaymentSamples.Version2().With("payload.authorization.nonce", $"0x{nonce:x64}"));
        return [new WalletEvent.PaymentPresented(hold, "default/session/s1", hold, 10, "provider-1", 0, new PresentedPayment(payment, PaymentSamples.Requirements, PaymentSamples.Resource, "f", "r"))];
    }

    private static WalletEvent Settled(Guid hold) => new WalletEvent.PaymentSettled(hold, 10, "0x1");

    private static WalletEvent Posted(Guid hold) => new WalletEvent.HoldPosted(hold, 10, hold, "provider-1");

    private static RefundEvent Accepted(long amount) =>
        new RefundEvent.Accepted(Id(8), new(Id(9), "p1", amount, 0, "unusable", "operator:tests", RefundStates.Posted, amount, 0, Now), []);

    private static object[] GivenBack(Guid hold, long amount) =>
        [new WalletEvent.HoldReserved(hold, "default/payment/p1", Id(9), amount, "campaign:c1", 0), new WalletEvent.HoldPosted(hold, amount, Id(9), "campaign:c1")];

    /// <returns>What is wrong by this rule, after what happened in one stream.</returns>
    private static List<string> Judged(string rule, object[] happened)
    {
        using var facts = new FactStore();
        var stream = new StreamFacts(StreamId.Wallet("w1"), 0, fact => facts.Add(fact));
        for (var i = 0; i < happened.Length; i++) stream.Happened(new(StreamId.Wallet("w1"), i + 1, Id(100 + i), Now, happened[i]));
        stream.End();
        var found = new List<string>();
        var judge = new Judge(Now, static _ => false, (_, broken, what) => found.AddRange(broken == rule ? [what] : Array.Empty<string>()));
        foreach (var group in facts.Groups()) judge.Of(group.Span);
        return found;
    }

    private static Guid Id(int number) => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-7000-8000-{number:d12}"));
}
