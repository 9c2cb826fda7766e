using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Payments;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Tests.Payments;
using Agora.Core.Tests.Sessions;
using Agora.Core.Wallets;
using Agora.X402;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A run that is paid by x402: its output is durable before the payment is settled, and delivered only when it has been.</summary>
public sealed class PaymentTests
{
    private const string Wallet = "x402:eip155:84532:0x857b06519e91e3a54538791bdbb0e22373e36b66";
    private static readonly PaymentSettlement Moved = new("eip155:84532", PaymentSamples.Payer, "40", "0xabc");
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1);

    [Fact]
    public void The_payers_wallet_is_asked_with_the_payment_beside_the_user_and_the_limits_are_held()
    {
        var session = Requested(out var run);
        var pending = session.State.Pending[run];
        session.ThenSteps(
            new NodeCommand.Reserve(pending.UserHold, "default/session/s1", run, Price, new ReserveTerms.OfUser("a1", [], false, OwnFund: true)),
            new NodeCommand.Reserve(pending.FundHold!.Value, "default/session/s1", run, Price, new ReserveTerms.OfWallet("provider-1", Paid: Presented()))).ThenBudget(0, Price);
        Assert.Equal(StreamId.Wallet(Wallet), ((StepTarget.Entity)session.Last.Steps[1].Target).Stream);
    }

    [Fact]
    public void The_output_is_durable_before_the_wallet_is_told_to_settle_and_nothing_is_delivered_yet()
    {
        var session = Settling(out var run);
        Assert.Equal("HELLO", Assert.IsType<RunEvent.SettlementBegun>(Assert.Single(session.Last.Events)).Output!.Read<string>());
        Assert.Equal(Phase.AfterCommit, session.Last.Steps[0].Phase);
        session.ThenSteps(new WalletCommand.Settle(session.State.Pending[run].FundHold!.Value)).ThenBudget(0, Price);
        Assert.Empty(session.Last.LateAnswers);
    }

    [Fact]
    public void A_settled_payment_delivers_and_says_what_moved()
    {
        var session = Settling(out var run).WhenStep(0, Ended(IncomingStanding.Settled)).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(Price, 0);
        session.ThenAnsweredLate(run, answer =>
        {
            var view = Assert.IsType<RunView>(answer.Reply);
            Assert.Equal("HELLO", view.Output!.Read<string>());
            Assert.Equal(("x402", Wallet, Moved), (view.Payment!.Source, view.Payment.PayerId, view.Payment.Settlement!));
        });
        Assert.Contains(session.Last.Steps, s => s.Target is StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Post { AmountMicros: Price } });
    }

    [Fact]
    public void A_run_that_an_agent_did_says_who_when_its_payment_is_settled()
    {
        var session = Called(Requested(out var run), run).WhenStep(0, new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1, ServedBy: "t-2"));
        session.WhenStep(0, Ended(IncomingStanding.Settled)).ThenAnsweredLate(run, answer => Assert.Equal("t-2", Assert.IsType<RunView>(answer.Reply).ServedBy));
    }

    [Theory]
    [InlineData(IncomingStanding.Refused, Codes.PaymentRequired)]
    [InlineData(IncomingStanding.Unresolved, Codes.UpstreamTimeout)]
    public void A_payment_that_is_not_settled_voids_the_run_and_withholds_its_output(IncomingStanding standing, string code)
    {
        var session = Settling(out var run).WhenStep(0, Ended(standing)).ThenBudget(0, 0);
        var settled = Assert.IsType<RunEvent.Concluded>(Assert.Single(session.Last.Events));
        Assert.Equal((false, code, null), (settled.Posted, settled.FailureCode, settled.Output));
        session.ThenAnsweredLate(run, answer => Assert.Equal(code, answer.Rejection!.Code));
    }

    [Fact]
    public void An_answer_that_is_no_end_leaves_the_run_to_the_alarm()
    {
        var session = Settling(out _);
        var step = session.Last.Steps[0];
        Assert.Null(step.Then(Lost));
        Assert.Null(step.Then(SessionScenario.Refused(PaymentRejection.NotSettledYet)));
    }

    [Fact]
    public void A_run_whose_payment_is_being_settled_is_not_cancelled()
    {
        var session = Settling(out var run);
        session.When(new RunCommand.Cancel(run, Request("cancel_run"))).ThenEvents(typeof(SessionEvent.Audited)).ThenRefused(Codes.RunDecided);
        session.When(new RunCommand.Cancel(run, Request: null, "operator:ada", "POST /admin", "Enough.")).Then().ThenRefused(Codes.RunDecided);
        Assert.NotNull(session.State.Pending[run].Settling);
    }

    [Fact]
    public void Neither_a_restart_nor_the_deadline_voids_a_run_whose_payment_is_being_settled()
    {
        var session = Called(Requested(out var run), run);
        var (called, abandoned) = (session.Last.Steps[0], SessionDecider.Unfinished(session.State, session.Now).Single(s => s.Key == run));
        Next(session, called, Output).After(TimeSpan.FromHours(1));
        var hold = session.State.Pending[run].FundHold!.Value;
        var restarted = SessionEntity.Entity.Snapshots.Restore(SessionEntity.Entity.Snapshots.Save(session.State));

        var resumed = Assert.Single(SessionDecider.Unfinished(restarted, session.Now));
        Assert.Equal(new WalletCommand.Settle(hold), Assert.IsType<StepTarget.Entity>(resumed.Target).Command);
        session.When(new SessionCommand.Tick()).ThenSteps();
        Next(session, abandoned, Lost).Then();
        Next(session, called, Output).Then();

        session.When((LeafCommand)resumed.Then(Ended(IncomingStanding.Settled))!).ThenAnsweredLate(run, answer => Assert.Equal("HELLO", ((RunView)answer.Reply!).Output!.Read<string>()));
        session.When((LeafCommand)resumed.Then(Ended(IncomingStanding.Settled))!).Then();
    }

    [Fact]
    public void A_payment_that_is_settled_after_a_restart_says_which_of_the_users_limits_counted_it()
    {
        var session = Requested(out var run);
        var (steps, pending) = (session.Last.Steps, session.State.Pending[run]);
        var limits = new UserReserved(pending.UserHold, null, null, "No sponsor covers the service.", Nodes: "grant:a1 day:2026-03-01");
        Next(Next(session, steps[1], Answered(new FundReserved(pending.FundHold!.Value))), steps[0], Answered(limits)).WhenStep(0, Output).ThenEvents(typeof(RunEvent.SettlementBegun));
        var restarted = SessionEntity.Entity.Snapshots.Restore(SessionEntity.Entity.Snapshots.Save(session.State));

        var ended = (LeafCommand)Assert.Single(SessionDecider.Unfinished(restarted, session.Now)).Then(Ended(IncomingStanding.Settled))!;
        var concluded = Assert.IsType<RunEvent.Concluded>(Assert.Single(SessionDecider.Decide(restarted, ended, new(session.Now, session.NextId())).Events));
        Assert.Equal("session/s1 user/u1/grant:a1 user/u1/day:2026-03-01", concluded.Payment!.Nodes);
    }

    [Fact]
    public void While_the_payment_is_being_settled_an_inquiry_is_told_that_the_run_is_open()
    {
        var session = Settling(out var run).After(TimeSpan.FromMinutes(2));
        var pending = session.State.Pending[run];
        foreach (var hold in (Guid[])[pending.UserHold, pending.FundHold!.Value])
        {
            session.When(new NodeCommand.Inquire(run, hold)).ThenAnswered(new Inquired(run, hold, Open: true, Posted: false, 0));
        }
    }

    [Fact]
    public void A_metered_run_posts_what_it_cost_of_what_was_charged()
    {
        var session = Called(Requested(out var run, Echo with { Metered = true }), run).WhenStep(0, new ServiceOutcome.Output("1"u8.ToArray(), 1, CostMicros: 15)).WhenStep(0, Ended(IncomingStanding.Settled));
        session.ThenBudget(15, 0);
        Assert.Contains(session.Last.Steps, s => s.Target is StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Post { AmountMicros: 15 } });
    }

    [Fact]
    public void A_service_that_fails_costs_nothing_and_the_payment_is_not_settled()
    {
        var session = Called(Requested(out var run), run).WhenStep(0, new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "No.", 1)).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(0, 0);
        Assert.Contains(session.Last.Steps, s => s.Target is StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Void });
    }

    [Fact]
    public void A_refused_payment_refuses_the_run()
    {
        var session = Requested(out var run);
        var steps = session.Last.Steps;
        Next(session, steps[1], SessionScenario.Refused(PaymentRejection.Invalid("invalid_exact_evm_insufficient_balance"))).Then();
        Next(session, steps[0], Limits(session, run)).ThenEvents(typeof(RunEvent.Refused));
        session.ThenAnsweredLate(run, answer => Assert.Equal(Codes.PaymentRequired, answer.Rejection!.Code)).ThenBudget(0, 0);
    }

    [Fact]
    public void A_run_that_waits_for_approval_holds_no_payment_and_brings_the_same_one_when_it_is_approved()
    {
        var session = Requested(out var run);
        var hold = session.State.Pending[run].FundHold!.Value;
        Next(session, session.Last.Steps[0], Answered(new ApprovalNeeded(session.State.Pending[run].UserHold)));
        Assert.Contains(session.Last.Steps, s => s.Target is StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Void { HoldId: var left } } && left == hold);

        session.When(new RunCommand.DecideApproval(run, Approve: true, "an operator", null));

        var reserve = Assert.Single(session.Last.Steps.Select(s => s.Target).OfType<StepTarget.Entity>(), t => t.Stream == StreamId.Wallet(Wallet));
        Assert.Equal(Presented(), Assert.IsType<ReserveTerms.OfWallet>(Assert.IsType<NodeCommand.Reserve>(reserve.Command).Terms).Paid);
    }

    [Fact]
    public void Without_a_payment_a_run_that_is_to_be_paid_by_x402_is_payment_required_after_what_comes_before_it()
    {
        var unpaid = Run(most: Price) with { Candidates = [], PayWith = PayWith.X402, Unpaid = PaymentRejection.Required };
        Begun().When(unpaid).ThenRefused(Codes.PaymentRequired);
        Begun(limit: 1).When(unpaid).ThenRefused(Codes.BudgetExceeded);
        Begun().When(unpaid with { Request = Request(violations: [new("/input", "type", "No.")]) }).ThenRefused(Codes.ValidationFailed);
        Begun().When(unpaid with { Service = Echo with { PriceMicros = 0 } }).ThenEvents(typeof(RunEvent.Requested));
    }

    internal static PresentedPayment Presented()
    {
        var payment = PaymentSamples.Read(PaymentSamples.Version2());
        return new(payment, PaymentSamples.Requirements, PaymentSamples.Resource, payment.FingerprintUnder(PaymentSamples.Terms), "the request");
    }

    private static StepOutcome Ended(IncomingStanding standing) =>
        Answered(new PaymentEnd(Guid.Empty, standing, standing == IncomingStanding.Settled ? Moved : null, standing == IncomingStanding.Refused ? "expired" : null));

    private static SessionTest Requested(out Guid run, ServiceTerms? service = null)
    {
        var session = Begun();
        run = session.NextId();
        return session.When(Run(service: service, most: Price, keyed: true) with { Candidates = [], PayWith = PayWith.X402, Paid = Presented() }, run)
            .ThenEvents(typeof(RunEvent.Requested)).ThenLater();
    }

    private static SessionTest Called(SessionTest session, Guid run)
    {
        var steps = session.Last.Steps;
        return Next(Next(session, steps[1], Answered(new FundReserved(session.State.Pending[run].FundHold!.Value))), steps[0], Limits(session, run));
    }

    private static StepOutcome Limits(SessionTest session, Guid run) => Answered(new UserReserved(session.State.Pending[run].UserHold, null, null, "No sponsor covers the service."));

    private static SessionTest Next(SessionTest session, Step step, StepOutcome outcome) => session.When(Assert.IsAssignableFrom<LeafCommand>(step.Then(outcome)));

    private static SessionTest Settling(out Guid run) => Called(Requested(out run), run).WhenStep(0, Output).ThenEvents(typeof(RunEvent.SettlementBegun));
}
