using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.Core.Tests.Payments;
using Agora.Core.Wallets;
using Agora.X402;
using static Agora.Core.Payments.FacilitatorDoubt;
using static Agora.Core.Tests.Wallets.WalletSample;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Tests.Wallets;

/// <summary>A payer's wallet: one payment pays one run, once, whatever the facilitator says, and however often anyone asks.</summary>
public sealed class WalletPaymentTests
{
    private const long Price = 10_000;
    private static readonly SettleOutcome Moved = new SettleOutcome.Settled("0xabc");
    private static readonly Guid OtherRun = new("01957a00-0000-7000-8000-00000000000b");

    [Fact]
    public void A_payment_is_verified_before_it_is_held_and_moves_nothing() => Presented(out var hold)
        .ThenEvents(typeof(WalletEvent.PaymentPresented))
        .ThenState(s => Assert.Equal((0, 0, 0, IncomingStanding.Presented), (s.OwnMicros, s.Balance.Held, s.EnteredMicros, s.PaymentOf(hold).Standing)));

    [Fact]
    public void The_intent_is_durable_before_the_facilitator_is_asked_to_settle()
    {
        var wallet = Presented(out var hold).When(new WalletCommand.Settle(hold)).Then(new WalletEvent.SettlementBegun(hold)).ThenLater();
        var step = Assert.Single(wallet.Last.Steps);
        Assert.Equal(Phase.AfterCommit, step.Phase);
        Assert.False(Assert.IsType<SettleCall>(Assert.IsType<StepTarget.Outside>(step.Target).Call).AttemptedBefore);
    }

    [Fact]
    public void A_settled_payment_enters_is_held_for_its_run_and_then_paid_to_the_provider() => Settling(out var hold, out var asked)
        .WhenStep(0, Moved)
        .Then(new WalletEvent.PaymentSettled(hold, Price, "0xabc"))
        .ThenAnsweredLate(asked, answer => Assert.Equal(IncomingStanding.Settled, ((PaymentEnd)answer.Reply!).Standing))
        .ThenState(s => Assert.Equal((Price, Price, Price), (s.EnteredMicros, s.Balance.Held, s.OwnMicros)))
        .When(new NodeCommand.Post(hold, 4_000))
        .ThenSteps(new NodeCommand.Credit(Stream, new(1, 4_000, $"runs paid by {Id}", SentAt: Sent)))
        .ThenState(s => Assert.Equal((6_000, 6_000), (s.OwnMicros, s.Balance.Remaining)));

    [Theory]
    [InlineData(NoAnswer)]
    [InlineData(Unreadable)]
    [InlineData(Contradiction)]
    [InlineData(Open)]
    public void An_open_end_is_asked_for_again_at_once_as_attempted_before_and_then_by_the_session(FacilitatorDoubt why)
    {
        var wallet = Settling(out var hold, out var asked);
        for (var attempt = 1; attempt < Limits.SettlementsInARow; attempt++)
        {
            wallet.WhenStep(0, Doubt(why)).Then();
            Assert.True(Assert.IsType<SettleCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(wallet.Last.Steps).Target).Call).AttemptedBefore);
        }

        wallet.WhenStep(0, Doubt(why)).Then().ThenAnsweredLate(asked, answer => Assert.Equal(Codes.Unavailable, answer.Rejection!.Code));

        wallet.When(new WalletCommand.Settle(hold)).Then(new WalletEvent.SettlementBegun(hold)).ThenLater();
        Assert.True(Assert.IsType<SettleCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(wallet.Last.Steps).Target).Call).AttemptedBefore);
        wallet.WhenStep(0, new SettleOutcome.Settled(null)).Then(new WalletEvent.PaymentSettled(hold, Price, null));
    }

    [Fact]
    public void A_settlement_that_was_never_asked_for_is_put_off_and_the_next_is_a_first_one()
    {
        var wallet = Settling(out var hold, out _).WhenStep(0, Doubt(NotAsked)).Then(new WalletEvent.SettlementPutOff(hold));
        wallet.When(new WalletCommand.Settle(hold)).Then(new WalletEvent.SettlementBegun(hold));
        Assert.False(Assert.IsType<SettleCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(wallet.Last.Steps).Target).Call).AttemptedBefore);
    }

    [Fact]
    public void Whoever_asks_while_the_facilitator_is_being_asked_is_told_to_wait() =>
        Settling(out var hold, out _).When(new WalletCommand.Settle(hold)).ThenRejected(PaymentRejection.NotSettledYet);

    [Fact]
    public void Who_takes_a_settlement_over_asks_as_attempted_before_and_writes_it_so_that_the_former_asker_cannot_put_it_off()
    {
        var settled = Settling(out var hold, out _);
        var restarted = WalletEntity.Entity.Snapshots.Restore(WalletEntity.Entity.Snapshots.Save(settled.State));
        var again = WalletDecider.Decide(restarted, new WalletCommand.Settle(hold), new(settled.Now, settled.NextId()));
        Assert.Equal(new WalletEvent.SettlementBegun(hold), Assert.Single(again.Events));
        Assert.True(Assert.IsType<SettleCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(again.Steps).Target).Call).AttemptedBefore);
    }

    [Fact]
    public void A_refused_payment_holds_nothing_any_more_and_may_be_presented_anew()
    {
        var wallet = Settling(out var hold, out var asked)
            .WhenStep(0, new SettleOutcome.Refused("invalid_exact_evm_insufficient_balance"))
            .Then(new WalletEvent.PaymentRefused(hold, "invalid_exact_evm_insufficient_balance"))
            .ThenAnsweredLate(asked, answer => Assert.Equal(IncomingStanding.Refused, ((PaymentEnd)answer.Reply!).Standing))
            .When(new WalletCommand.Settle(hold)).Then().ThenAnswered<PaymentEnd>(e => Assert.Equal(IncomingStanding.Refused, e.Standing))
            .When(new NodeCommand.Void(hold)).Then();
        Present(wallet, out _, OtherRun).WhenStep(0, Valid).ThenEvents(typeof(WalletEvent.PaymentPresented));
        wallet.When(new WalletCommand.Settle(hold)).Then().ThenAnswered<PaymentEnd>(e => Assert.Equal(IncomingStanding.Refused, e.Standing));
    }

    [Fact]
    public void An_open_end_after_the_authorizations_end_is_unresolved_and_shown()
    {
        var wallet = Settling(out var hold, out var asked).After(TimeSpan.FromSeconds(200))
            .WhenStep(0, Doubt(NoAnswer)).Then(new WalletEvent.PaymentUnresolved(hold, Price))
            .ThenAnsweredLate(asked, answer => Assert.Equal(IncomingStanding.Unresolved, ((PaymentEnd)answer.Reply!).Standing));
        wallet.When(new WalletCommand.Get()).ThenAnswered<WalletView>(v => Assert.Equal((Price, 0), (v.UnresolvedMicros, v.EnteredMicros)));
        Find(wallet, Sample()).ThenAnswered<PaymentFound>(f => Assert.Equal((RunId, null, IncomingStanding.Unresolved), (f.RunId, f.Settlement, f.Standing)));
    }

    [Fact]
    public void A_settlement_that_could_never_be_asked_for_in_time_is_refused() => Presented(out var hold).After(TimeSpan.FromSeconds(200))
        .When(new WalletCommand.Settle(hold)).ThenEvents(typeof(WalletEvent.PaymentRefused));

    [Fact]
    public void The_payment_of_a_run_that_came_to_nothing_is_free_for_another()
    {
        var wallet = Presented(out var hold).When(new NodeCommand.Void(hold)).ThenState(s => Assert.Empty(s.Payments));
        Present(wallet, out _, OtherRun).WhenStep(0, Valid).ThenEvents(typeof(WalletEvent.PaymentPresented));
    }

    [Fact]
    public void A_settling_payment_cannot_be_voided() => Assert.Equal(
        "settling_is_not_voided", Assert.Throws<InvariantViolationException>(() => Settling(out var hold, out _).When(new NodeCommand.Void(hold))).Name);

    [Fact]
    public void Two_runs_of_one_request_with_one_payment_at_once_and_one_after_the_other_are_in_flight()
    {
        var verifying = Present(New(), out _, RunId);
        verifying.When(Reserve(verifying.NextId(), OtherRun)).ThenRejected(PaymentRejection.InFlight);
        var presented = Presented(out _);
        presented.When(Reserve(presented.NextId(), OtherRun)).ThenRejected(PaymentRejection.InFlight);
        var paid = Settling(out _, out _).WhenStep(0, Moved);
        paid.When(Reserve(paid.NextId(), OtherRun)).ThenRejected(PaymentRejection.InFlight);
    }

    [Fact]
    public void One_payment_for_the_same_request_of_another_session_is_idempotency_conflict()
    {
        var presented = Presented(out _);
        presented.When(Reserve(presented.NextId(), OtherRun) with { Owner = $"{Owner}-2" }).ThenRejected(PaymentRejection.IdentifierTaken);
    }

    [Fact]
    public void One_payment_for_another_request_is_idempotency_conflict()
    {
        var presented = Presented(out _);
        presented.When(Reserve(presented.NextId(), OtherRun, Sample() with { RequestHash = "another request" })).ThenRejected(PaymentRejection.IdentifierTaken);
    }

    [Fact]
    public void Another_payment_under_the_same_identifier_is_idempotency_conflict()
    {
        var other = Sample("0x" + new string('2', 64));
        var wallet = Presented(out _);
        wallet.When(Reserve(wallet.NextId(), OtherRun, other)).ThenRejected(PaymentRejection.IdentifierTaken);
        Find(wallet, other).ThenRejected(PaymentRejection.IdentifierTaken);
    }

    [Fact]
    public void Two_payments_under_one_identifier_verified_at_once_are_one_payment_and_an_idempotency_conflict()
    {
        var wallet = New();
        var (first, second) = (wallet.NextId(), wallet.NextId());
        wallet.When(Reserve(wallet.NextId(), RunId), first).ThenLater();
        var firstVerified = VerifiedBy(wallet);
        wallet.When(Reserve(wallet.NextId(), OtherRun, Sample("0x" + new string('2', 64))), second).ThenLater();
        var secondVerified = VerifiedBy(wallet);
        wallet.When(secondVerified).ThenAnsweredLate(second, answer => Assert.IsType<FundReserved>(answer.Reply));
        wallet.When(firstVerified).Then().ThenAnsweredLate(first, answer => Assert.Equal(PaymentRejection.IdentifierTaken, answer.Rejection));
        wallet.ThenState(s => Assert.Equal(OtherRun, Assert.Single(s.Payments.Values).RunId));
    }

    [Fact]
    public void The_same_payment_finds_its_run_and_its_settlement_until_a_day_after_its_end()
    {
        var wallet = Settling(out _, out _).WhenStep(0, Moved).After(TimeSpan.FromHours(12));
        Find(wallet, Sample()).ThenAnswered(new PaymentFound(Owner, RunId, new("eip155:84532", PaymentSamples.Payer, "10000", "0xabc"), IncomingStanding.Settled));
        Find(wallet, Sample() with { RequestHash = "another request" }).ThenRejected(PaymentRejection.IdentifierTaken);
        Find(wallet, Sample("0x" + new string('3', 64), paymentId: null)).ThenAnswered(new PaymentFound(null, default));
    }

    [Theory]
    [InlineData(false, Codes.PaymentRequired)]
    [InlineData(true, Codes.Unavailable)]
    public void A_payment_that_is_not_verified_is_not_held(bool unknown, string code)
    {
        var wallet = Present(New(), out var hold, RunId, out var asked);
        VerifyOutcome outcome = unknown ? new VerifyOutcome.Unknown(NoAnswer) : new VerifyOutcome.Invalid("invalid_exact_evm_insufficient_balance");
        wallet.WhenStep(0, outcome).Then().ThenAnsweredLate(asked, answer => Assert.Equal(code, answer.Rejection!.Code));
        wallet.When(Reserve(hold, RunId)).ThenLater(); // nothing stands in its way
    }

    [Fact]
    public void A_run_that_was_voided_while_its_payment_was_verified_holds_nothing()
    {
        var wallet = Present(New(), out var hold, RunId, out var asked).When(new NodeCommand.Void(hold));
        var verified = Assert.IsAssignableFrom<WalletCommand>(Verify(RunId, hold, asked));
        wallet.When(verified).Then().ThenAnsweredLate(asked, answer => Assert.NotNull(answer.Rejection)).ThenState(s => Assert.Empty(s.Payments));
    }

    [Theory]
    [InlineData("9999", Codes.PaymentRequired)]
    [InlineData("10001", Codes.PaymentRequired)]
    public void Another_amount_than_the_price_is_payment_required(string amount, string code)
    {
        var wallet = New();
        var payment = Fresh().With("payload.authorization.value", amount).With("accepted.amount", amount);
        wallet.When(Reserve(wallet.NextId(), RunId, Sample(PaymentSamples.Read(payment))));
        Assert.Equal(code, wallet.Last.Answer!.Rejection!.Code);
        Assert.Empty(wallet.Last.Steps);
    }

    private const string Stream = "default/wallet/" + Id;
    private const string Id = "x402:eip155:84532:0x857b06519e91e3a54538791bdbb0e22373e36b66";
    private static readonly DateTimeOffset Start = New().Now;
    private static readonly StepOutcome Valid = new VerifyOutcome.Valid(PaymentSamples.Payer);

    private static Wallet New() => Wallet.Of(StreamId.Wallet(Id)).Anew((_, _) => true);

    /// <summary>Valid for two minutes.</summary>
    private static System.Text.Json.Nodes.JsonObject Fresh() => PaymentSamples.Version2()
        .With("payload.authorization.validAfter", "0")
        .With("payload.authorization.validBefore", $"{Start.ToUnixTimeSeconds() + 120}");

    internal static StepOutcome Doubt(FacilitatorDoubt why) => new SettleOutcome.Unknown(why);

    private static PresentedPayment Sample(Payment? payment = null)
    {
        payment ??= PaymentSamples.Read(Fresh());
        return new(payment, PaymentSamples.Requirements, PaymentSamples.Resource, payment.FingerprintUnder(PaymentSamples.Terms), "the request");
    }

    private static PresentedPayment Sample(string nonce, string? paymentId = "pay_7d5d747be160e280504c099d984bcfe0") =>
        Sample(PaymentSamples.Read(Fresh().With("payload.authorization.nonce", nonce)) with { PaymentId = paymentId });

    private static NodeCommand.Reserve Reserve(Guid hold, Guid run, PresentedPayment? payment = null) => new(hold, Owner, run, Price, new ReserveTerms.OfWallet(Provider, Paid: payment ?? Sample()));

    private static object? Verify(Guid run, Guid hold, Guid asked)
    {
        var first = WalletDecider.Decide(WalletEntity.Entity.Initial(StreamId.Wallet(Id)), Reserve(hold, run), new(Start, asked));
        return first.Steps[0].Then(Valid);
    }

    private static WalletCommand VerifiedBy(Wallet wallet) => Assert.IsAssignableFrom<WalletCommand>(Assert.Single(wallet.Last.Steps).Then(Valid));

    internal static Wallet Present(Wallet wallet, out Guid hold, Guid run) => Present(wallet, out hold, run, out _);

    private static Wallet Present(Wallet wallet, out Guid hold, Guid run, out Guid asked)
    {
        (hold, asked) = (wallet.NextId(), wallet.NextId());
        return wallet.When(Reserve(hold, run), asked).Then().ThenLater();
    }

    /// <summary>Another payment of the same payer, for a run of its own, valid for two minutes from now on.</summary>
    internal static Wallet Present(Wallet wallet, int nonce) => Asked(wallet, nonce).ThenLater();

    internal static Wallet Asked(Wallet wallet, int nonce)
    {
        var payment = Fresh().With("payload.authorization.nonce", $"0x{nonce:x64}").With("payload.authorization.validBefore", $"{wallet.Now.ToUnixTimeSeconds() + 120}");
        return wallet.When(Reserve(wallet.NextId(), wallet.NextId(), Sample(PaymentSamples.Read(payment) with { PaymentId = null })));
    }

    /// <summary>So many payments of the same payer whose ends nobody knows.</summary>
    internal static Wallet Unresolved(int count)
    {
        var wallet = New();
        return wallet.Given([.. Enumerable.Range(1, count).SelectMany(nonce => Unresolved(wallet.NextId(), nonce))]);
    }

    private static WalletEvent[] Unresolved(Guid hold, int nonce) =>
    [
        new WalletEvent.PaymentPresented(hold, Owner, hold, Price, Provider, 0, Sample($"0x{nonce:x64}", paymentId: null)),
        new WalletEvent.SettlementBegun(hold),
        new WalletEvent.PaymentUnresolved(hold, Price),
    ];

    internal static WalletEvent[] Settled(Guid hold, int nonce, string transaction) => [.. Unresolved(hold, nonce)[..2], new WalletEvent.PaymentSettled(hold, Price, transaction)];

    internal static Wallet Presented(out Guid hold) => Present(New(), out hold, RunId, out var asked)
        .WhenStep(0, Valid)
        .ThenAnsweredLate(asked, answer => Assert.IsType<FundReserved>(answer.Reply));

    internal static Wallet Settling(out Guid hold, out Guid asked)
    {
        var wallet = Presented(out hold);
        asked = wallet.NextId();
        return wallet.When(new WalletCommand.Settle(hold), asked).ThenLater();
    }

    private static Wallet Find(Wallet wallet, PresentedPayment payment) =>
        wallet.When(new WalletCommand.FindPayment(WalletState.KeyOf(payment.Identity), payment.Fingerprint, payment.RequestHash, payment.Payment.PaymentId));
}
