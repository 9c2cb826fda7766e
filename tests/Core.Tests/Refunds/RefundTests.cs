using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Refunds.RefundSample;

namespace Agora.Core.Tests.Refunds;

public sealed class RefundTests
{
    private const string Memo = "refund of payment " + Id;

    [Fact]
    public void Provider_and_platform_hold_their_parts_before_anything_is_decided()
    {
        var payment = Fresh().Requested(out _, 50);
        var asked = (RefundEvent.Requested)payment.Last.Events[0];

        payment.ThenSteps(
            new NodeCommand.Reserve(asked.ProviderHold!.Value, $"default/payment/{Id}", asked.RefundId, 45, new ReserveTerms.OfWallet("agent:a1", Memo: Memo)),
            new NodeCommand.Reserve(asked.FeeHold!.Value, $"default/payment/{Id}", asked.RefundId, 5, new ReserveTerms.OfWallet("agent:a1", Memo: Memo)));
        payment.ThenState(s => Assert.Equal((0L, 50L), (s.Back.Posted, s.Back.Held)));
    }

    [Fact]
    public void When_both_hold_it_is_accepted_once_and_both_are_told_to_post_and_the_session_to_count_less()
    {
        var payment = Fresh().Requested(out var command, 50);
        var (asked, steps) = ((RefundEvent.Requested)payment.Last.Events[0], payment.Last.Steps);

        payment.When((RefundCommand)steps[1].Then(Answered(new FundReserved(asked.FeeHold!.Value)))!).Then();
        payment.When((RefundCommand)steps[0].Then(Answered(new FundReserved(asked.ProviderHold!.Value)))!).ThenEvents(typeof(RefundEvent.Accepted));

        var tell = ((RefundEvent.Accepted)payment.Last.Events[0]).Tells.Single();
        Assert.Equal("default/session/s1", tell.Node);
        payment.ThenSteps(new NodeCommand.Post(asked.ProviderHold.Value, 45), new NodeCommand.Post(asked.FeeHold.Value, 5), new NodeCommand.TakeRefund(tell.TellId, RunId, 50));
        payment.ThenAnsweredLate(command, answer => Assert.Equal(
            new RefundView(asked.RefundId, Id, 50, 5, "The output was unusable", "operator:root", RefundStates.Posted, 50, 50, payment.Now), answer.Reply));
    }

    [Fact]
    public void What_no_fund_paid_is_held_by_nobody_and_the_limits_are_told_at_once()
    {
        var facts = Paid with { PayerKind = PayerKinds.Nobody, PayerId = "", FeeMicros = 0 };
        var payment = Fresh().When(Refund(50, facts)).ThenEvents(typeof(RefundEvent.Requested), typeof(RefundEvent.Accepted));

        var tell = ((RefundEvent.Accepted)payment.Last.Events[1]).Tells.Single();
        payment.ThenSteps(new NodeCommand.TakeRefund(tell.TellId, RunId, 50)).ThenAnswered<RefundView>(view => Assert.Equal((50, 0, 50, 50), (view.AmountMicros, view.FeeMicros, view.RefundedMicros, view.LeftMicros)));
        payment.ThenState(s => Assert.Equal((50L, 0L, 0), (s.Back.Posted, s.Back.Held, s.Wallets.Length)));
        payment.When(Refund(60, facts)).ThenRejected(RefundRejection.BeyondPaid(50));
    }

    [Fact]
    public void What_is_to_stay_is_of_the_payment_whatever_went_back_before()
    {
        var facts = Paid with { PayerKind = PayerKinds.Nobody, PayerId = "", FeeMicros = 0 };
        Fresh().When(Refund(null, facts) with { LeaveMicros = 60 }).When(Refund(null, facts) with { LeaveMicros = 20 })
            .ThenAnswered<RefundView>(view => Assert.Equal((40L, 80L, 20L), (view.AmountMicros, view.RefundedMicros, view.LeftMicros)));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    [InlineData(-1, 100)]
    public void An_adjustment_that_would_give_back_nothing_is_refused_LeavesAll(long stays, long left)
    {
        var facts = Paid with { PayerKind = PayerKinds.Nobody, PayerId = "", FeeMicros = 0 };
        Fresh().When(Refund(null, facts) with { LeaveMicros = stays }).ThenRejected(RefundRejection.LeavesAll(left));
    }

    [Theory]
    [InlineData(60, 59, 1)]
    [InlineData(60, 0, 60)]
    public void An_adjustment_gives_back_all_above_what_stays_of_what_is_left(long left, long stays, long back)
    {
        var facts = Paid with { PayerKind = PayerKinds.Nobody, PayerId = "", FeeMicros = 0 };
        var payment = Fresh().When(Refund(100 - left, facts));
        payment.When(Refund(null, facts) with { LeaveMicros = left }).ThenRejected(RefundRejection.LeavesAll(left));
        payment.When(Refund(null, facts) with { LeaveMicros = stays }).ThenAnswered<RefundView>(view => Assert.Equal((back, stays), (view.AmountMicros, view.LeftMicros)));
    }

    [Theory]
    [InlineData(0, "The provider's wallet has too little that is not held; nothing was done.")]
    [InlineData(1, "The platform's wallet has too little that is not held; nothing was done.")]
    public void A_wallet_that_has_too_little_refuses_PaymentRequired_and_both_are_told_to_void(int which, string message)
    {
        var payment = Fresh().Requested(out var command, 50);
        var (asked, steps) = ((RefundEvent.Requested)payment.Last.Events[0], payment.Last.Steps);
        payment.When((RefundCommand)steps[1 - which].Then(Answered(new FundReserved(Guid.Empty)))!).Then();

        payment.When((RefundCommand)steps[which].Then(Refused(WalletRejection.Short("w1", 3, 4)))!).Then();
        Assert.Equal(new NodeCommand.PayNow(which == 0 ? "provider-1" : WalletIds.Fee), Assert.IsType<StepTarget.Entity>(payment.Last.Steps[0].Target).Command);
        payment.When(Waited(payment)).Then();
        payment.WhenStep(0, Refused(WalletRejection.Short("w1", 3, 4))).ThenEvents(typeof(RefundEvent.Refused));

        payment.ThenAnsweredLate(command, answer => Assert.Equal((Codes.PaymentRequired, message), (answer.Rejection!.Code, answer.Rejection.Message)));
        payment.ThenSteps(new NodeCommand.Void(asked.ProviderHold!.Value), new NodeCommand.Void(asked.FeeHold!.Value));
        payment.ThenState(s => Assert.Equal((0L, 0L), (s.Back.Posted, s.Back.Held)));
    }

    [Fact]
    public void A_provider_that_has_too_little_is_paid_first_by_the_fund_that_paid_and_asked_again()
    {
        var payment = Fresh().Requested(out _, facts: Paid with { FeeMicros = 0, PayerKind = PayerKinds.Campaign, PayerId = "c1" });
        var asked = ((StepTarget.Entity)payment.Last.Steps.Single().Target).Command;

        payment.WhenStep(0, Refused(WalletRejection.Short("w1", 3, 4))).Then();

        var told = (StepTarget.Entity)payment.Last.Steps[0].Target;
        Assert.Equal((StreamId.Campaign("c1"), new NodeCommand.PayNow("provider-1")), (told.Stream, told.Command));
        Assert.Null(payment.Last.Steps[0].Then(Lost)); // whatever came of it, the wallet says
        payment.When(Waited(payment)).ThenSteps(asked);
        payment.WhenStep(0, Answered(new FundReserved(Guid.Empty))).ThenEvents(typeof(RefundEvent.Accepted));
    }

    [Fact]
    public void What_has_waited_for_a_payment_asks_for_nothing_when_the_refund_is_over()
    {
        var payment = Fresh().Requested(out _, 50);
        var other = payment.Last.Steps[1];
        payment.WhenStep(0, Refused(WalletRejection.Short("w1", 3, 4)));
        var late = Waited(payment);

        payment.When((RefundCommand)other.Then(Lost)!).ThenEvents(typeof(RefundEvent.Refused)).When(late).Then().ThenSteps();
    }

    [Fact]
    public void A_wallet_that_cannot_be_reached_refuses_Unavailable() => Fresh().Requested(out var command)
        .WhenStep(0, Lost)
        .ThenAnsweredLate(command, answer => Assert.Equal(Codes.Unavailable, answer.Rejection!.Code));

    [Fact]
    public void A_late_answer_of_a_refund_that_was_refused_changes_nothing()
    {
        var payment = Fresh().Requested(out _);
        var late = (RefundCommand)payment.Last.Steps[1].Then(Answered(new FundReserved(Guid.Empty)))!;

        payment.WhenStep(0, Lost).When(late).Then();
    }

    [Fact]
    public void A_restart_refuses_what_it_finds_undecided()
    {
        var payment = Fresh().Requested(out var command);
        var found = Assert.Single(RefundDecider.Unfinished(payment.State, payment.Now));

        payment.When((RefundCommand)found.Then(Lost)!).ThenEvents(typeof(RefundEvent.Refused)).ThenAnsweredLate(command, answer => Assert.Equal(Codes.Unavailable, answer.Rejection!.Code));
    }

    [Fact]
    public void A_part_that_rounds_to_nothing_asks_nobody()
    {
        var tiny = Fresh().Requested(out _, 1);
        Assert.Null(((RefundEvent.Requested)tiny.Last.Events[0]).FeeHold);
        Assert.Single(tiny.Last.Steps);

        var allFee = Fresh().Requested(out _, 40, Paid with { FeeMicros = 100 });
        Assert.Null(((RefundEvent.Requested)allFee.Last.Events[0]).ProviderHold);
        Assert.Equal(40, Assert.IsType<NodeCommand.Reserve>(allFee.Command(0)).AmountMicros);
    }

    [Fact]
    public void What_a_campaign_paid_goes_back_to_its_escrow_and_what_came_by_x402_waits_for_its_payout()
    {
        var sponsored = Fresh().Requested(out _, facts: Paid with { PayerKind = PayerKinds.Campaign, PayerId = "c1" });
        Assert.Equal("campaign/c1", Assert.IsType<ReserveTerms.OfWallet>(Assert.IsType<NodeCommand.Reserve>(sponsored.Command(0)).Terms).Provider);

        var paidElsewhere = Fresh().Accepted(facts: Paid with { PayerId = WalletIds.X402("eip155:8453", "0xAB") });
        Assert.Equal(RefundStates.PayoutPending, ((RefundEvent.Accepted)paidElsewhere.Last.Events[0]).View.State);
    }

    [Fact]
    public void Every_limit_that_bound_the_payment_is_told_once_and_the_user_of_all_its_accounts_together()
    {
        var facts = Paid with { Nodes = "session/s1 session/s-root user/u1/grant:a-root user/u1/day:2026-02-28 user/u1/month:2026-02" };

        var told = ((RefundEvent.Accepted)Fresh().Accepted(facts: facts).Last.Events[0]).Tells;

        Assert.Equal(["default/session/s1", "default/session/s-root", "default/user/u1"], told.Select(t => t.Node));
        Assert.Equal([null, null, "grant:a-root day:2026-02-28 month:2026-02"], told.Select(t => t.Accounts));
        Assert.Equal(3, told.Select(t => t.TellId).Distinct().Count());
    }

    // Refusals, in order of precedence.

    [Fact]
    public void Facts_that_contradict_the_first_are_ValidationFailed() =>
        Fresh().Accepted(10).When(Refund(10, Paid with { Provider = "provider-2" })).ThenRejected(RefundRejection.OtherFacts);

    [Fact]
    public void A_payment_of_nothing_is_ValidationFailed() => Fresh().When(Refund(null, Paid with { AmountMicros = 0, FeeMicros = 0 })).ThenRejected(RefundRejection.NothingPaid);

    [Fact]
    public void While_a_refund_is_being_decided_another_is_a_conflict_IdempotencyInFlight() => Fresh().Requested(out _, 10).When(Refund(10)).ThenRejected(RefundRejection.UnderWay);

    [Fact]
    public void While_a_refund_is_being_decided_the_same_command_waits_with_it() => Fresh().Requested(out var command, 10).When(Refund(10), command).Then().ThenLater();

    [Fact]
    public void What_is_back_already_is_DuplicateRequest() => Fresh().Accepted().Followed().When(Refund()).ThenRejected(RefundRejection.AlreadyRefunded(100));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void An_amount_that_is_not_positive_is_ValidationFailed(long amount) => Fresh().When(Refund(amount)).ThenRejected(RefundRejection.AmountOutOfRange);

    [Theory]
    [InlineData(61)]
    [InlineData(long.MaxValue)]
    public void More_than_is_left_is_ValidationFailed(long amount) => Fresh().Accepted(40).When(Refund(amount)).ThenRejected(RefundRejection.BeyondPaid(60));

    [Fact]
    public void While_its_limits_are_out_of_reach_a_payment_takes_so_many_refunds_and_no_more()
    {
        var payment = Fresh().Filled(static payment =>
        {
            while (!payment.State.IsCrowded)
            {
                payment.Accepted(1, Paid with { AmountMicros = 10_000, FeeMicros = 0 });
            }
        });

        payment.When(Refund(1, Paid with { AmountMicros = 10_000, FeeMicros = 0 })).ThenRejected(RefundRejection.Crowded);
        Assert.InRange(payment.State.Wallets.Length + payment.State.Tellings.Length, Limits.HoldsToTell, Limits.HoldsToTell + 4);
    }

    // Inquiries.

    [Fact]
    public void A_wallet_that_asks_is_told_open_then_posted_and_of_a_hold_that_nobody_knows_void_by_an_event()
    {
        var payment = Fresh().Requested(out _, 50);
        var (asked, steps) = ((RefundEvent.Requested)payment.Last.Events[0], payment.Last.Steps);
        payment.When(new NodeCommand.Inquire(asked.RefundId, asked.ProviderHold!.Value)).Then()
            .ThenAnswered(new Inquired(asked.RefundId, asked.ProviderHold.Value, Open: true, Posted: false, 0));
        foreach (var step in steps) payment.When((RefundCommand)step.Then(Answered(new FundReserved(Guid.Empty)))!);

        payment.When(new NodeCommand.Inquire(asked.RefundId, asked.ProviderHold.Value)).Then()
            .ThenAnswered(new Inquired(asked.RefundId, asked.ProviderHold.Value, Open: false, Posted: true, 45));
        payment.When(new NodeCommand.Inquire(asked.RefundId, RunId)).Then(new RefundEvent.HoldDisowned(asked.RefundId, RunId))
            .ThenAnswered(new Inquired(asked.RefundId, RunId, Open: false, Posted: false, 0));
    }

    // Telling the limits.

    [Fact]
    public void A_limit_that_counted_is_told_that_it_may_forget_and_then_nothing_is_left_to_do()
    {
        var payment = Fresh().Accepted(50);
        var tell = ((RefundEvent.Accepted)payment.Last.Events[0]).Tells.Single().TellId;

        payment.WhenStep(2, Answered(new RefundTold(tell, HoldStanding.Held))).Then(new RefundEvent.NodeCounted(tell)).ThenSteps(new NodeCommand.ReleaseRefund(tell));
        payment.WhenStep(0, Answered(new RefundTold(tell, HoldStanding.Posted))).Then(new RefundEvent.NodeReleased(tell));
        payment.Followed().ThenState(s => Assert.False(RefundDecider.IsUnfinished(s)));
    }

    [Theory]
    [InlineData(HoldStanding.Late)]
    [InlineData(HoldStanding.Forgotten)]
    public void A_limit_that_never_counted_under_an_id_is_told_under_another(HoldStanding standing)
    {
        var payment = Fresh().Accepted(50);
        var tell = ((RefundEvent.Accepted)payment.Last.Events[0]).Tells.Single().TellId;

        payment.After(TimeSpan.FromMinutes(3)).WhenStep(2, Answered(new RefundTold(tell, standing))).ThenEvents(typeof(RefundEvent.NodeToldAnew));

        var anew = ((RefundEvent.NodeToldAnew)payment.Last.Events[0]).NewTellId;
        Assert.Equal(payment.Now.ToUnixTimeMilliseconds(), Ids.TimeOf(anew).ToUnixTimeMilliseconds());
        payment.ThenSteps(new NodeCommand.TakeRefund(anew, RunId, 50));
    }

    [Fact]
    public void A_limit_that_cannot_say_yet_is_told_again_by_the_alarm_under_the_same_id()
    {
        var payment = Fresh().Accepted(50);
        var (tell, steps) = (((RefundEvent.Accepted)payment.Last.Events[0]).Tells.Single().TellId, payment.Last.Steps);

        Assert.Null(steps[2].Then(Lost));
        Assert.Null(steps[2].Then(Refused(new(Codes.Unavailable, "Not yet."))));
        payment.When((RefundCommand)steps[2].Then(Answered(new RefundTold(tell, HoldStanding.Ahead)))!).Then();
        Assert.Contains(RefundDecider.Unfinished(payment.State, payment.Now), s => s.Target is StepTarget.Entity { Stream.Kind: Kinds.Session, Command: NodeCommand.TakeRefund c } && c.TellId == tell);
    }

    private static RefundCommand Waited(RefundTest payment)
    {
        var wait = payment.Last.Steps.Single(step => step.Target is StepTarget.Later);
        Assert.Equal((new StepTarget.Later(Limits.PaidNowWithin), payment.State.Pending!.RefundId), (wait.Target, wait.Key));
        return (RefundCommand)wait.Then(Lost)!;
    }
}
