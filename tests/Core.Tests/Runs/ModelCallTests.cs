using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Models;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A run of a model, which whoever asked calls itself: what is held, what is posted, and what becomes of it when nobody says anything any more.</summary>
public sealed class ModelCallTests
{
    private const long Bound = 60;
    private static readonly ServiceTerms Model = Echo with { PriceMicros = 90, Metered = true, IsModel = true };
    private static readonly Guid Me = Guid.Parse("01957a00-0000-7000-8000-0000000000aa");
    private static readonly Usage Spent = new(Input: 3, Output: 4);

    private static RunCommand.RunService Ask(long bound = Bound, bool charges = false, Guid? caller = null, ServiceTerms? model = null) =>
        new(Request(), "echo", model ?? Model, Input, "", null, false, null, [], Keyed: true, Model: new(caller ?? Me, bound, 1, 30, 10, charges));

    private static ModelCallEnd Known(long cost) => new(CallStanding.Known, cost, Spent, "resp_1", "default");

    private static readonly ModelCallEnd Unsent = new(CallStanding.Unsent, 0, null, FailureCode: Codes.Unavailable, FailureMessage: "No connection.");

    /// <summary>All hold the bound, and whoever asked may call.</summary>
    private static SessionTest Calling(out Guid run, SessionTest? session = null)
    {
        session ??= Begun();
        run = session.NextId();
        session.When(Ask(), run).ThenEvents(typeof(RunEvent.Requested)).ThenLater();
        return session.WhenStep(0, Answered(new UserReserved(session.State.Pending[run].UserHold, null, null, "None.", Nodes: "day"))).ThenEvents(typeof(RunEvent.CallBegun));
    }

    [Fact]
    public void The_most_that_a_call_can_cost_is_held_and_the_user_asks_no_fund()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Ask(), run).ThenBudget(0, Bound);
        session.ThenSteps(new NodeCommand.Reserve(session.State.Pending[run].UserHold, "default/session/s1", run, Bound, new ReserveTerms.OfUser("a1", [], false, ServiceId: "echo", Category: "writing", Unfunded: true)));
    }

    [Fact]
    public void Whoever_asked_may_call_when_that_is_durable_and_nobody_else_who_sent_the_same()
    {
        var session = Calling(out var run);
        Assert.Equal(Riding.No, session.Last.Riding);
        session.ThenAnsweredLate(run, answer => Assert.Equal((RunState.Pending, Me), (((RunView)answer.Reply!).State, ((RunView)answer.Reply!).Caller!.Value)));
        session.When(Ask(caller: Guid.NewGuid()), run).ThenRejected(SessionRejection.CallInFlight);
    }

    [Fact]
    public void What_the_provider_counted_is_posted_to_the_micro_unit_and_the_rest_is_free()
    {
        var session = Calling(out var run);
        var hold = session.State.Pending[run].UserHold;
        session.When(new RunCommand.EndCall(run, Me, Known(17))).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(17, 0)
            .ThenAnswered<RunView>(view => Assert.Equal((RunState.Succeeded, 17, "operator"), (view.State, view.Payment!.AmountMicros, view.Payment.Source)))
            .ThenSteps(new NodeCommand.Post(hold, 17));
        var called = ((RunEvent.Concluded)session.Last.Events[0]).Model!;
        Assert.Equal((1, Spent, "resp_1", false, 0), (called.Prices, called.Usage, called.ProviderId, called.IsEstimate, called.OverMicros));
    }

    [Fact]
    public void What_the_provider_counted_beyond_the_bound_nobody_pays_and_the_event_says_so()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, Known(Bound + 5))).ThenBudget(Bound, 0);
        Assert.Equal(5, ((RunEvent.Concluded)session.Last.Events[0]).Model!.OverMicros);
    }

    [Fact]
    public void What_was_not_sent_costs_nothing()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, Unsent)).ThenBudget(0, 0).ThenRefused(Codes.Unavailable);
    }

    [Fact]
    public void What_was_sent_and_of_which_nobody_knows_posts_the_bound_as_an_estimate()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, new(CallStanding.Unknown, 0, null, FailureCode: Codes.UpstreamFailed, FailureMessage: "Cut off."))).ThenBudget(Bound, 0)
            .ThenAnswered<RunView>(view => Assert.Equal((RunState.Failed, Codes.UpstreamFailed, Bound), (view.State, view.Failure!.Code, view.Payment!.AmountMicros)));
        Assert.True(((RunEvent.Concluded)session.Last.Events[0]).Model!.IsEstimate);
    }

    [Fact]
    public void What_was_counted_of_an_answer_that_failed_is_posted_and_the_run_is_failed_in_every_list_and_event()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, Known(17) with { FailureCode = Codes.UpstreamFailed, FailureMessage = "It could not be read." })).ThenBudget(17, 0);
        var concluded = (RunEvent.Concluded)session.Last.Events[0];
        Assert.Equal((true, 17, Codes.UpstreamFailed), (concluded.Posted, concluded.AmountMicros, concluded.WhyFailed));
        Assert.Equal((RunState.Failed, 17, Codes.UpstreamFailed), (session.State.Recent[0].State, session.State.Recent[0].AmountMicros, session.State.Recent[0].FailureCode));
    }

    [Fact]
    public void A_call_ends_once()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, Known(17))).When(new RunCommand.EndCall(run, Me, Known(40))).ThenRejected(RunRejection.NoCall).ThenBudget(17, 0);
    }

    [Fact]
    public void Whoever_else_sent_the_same_does_not_say_how_it_ended_NoCall()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Guid.NewGuid(), Unsent)).ThenRejected(RunRejection.NoCall).ThenBudget(0, Bound);
    }

    [Fact]
    public void Asked_for_again_under_its_key_when_it_is_over_it_is_answered_by_its_end()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.EndCall(run, Me, Known(17)));
        var recalled = SessionDecider.Recall(session.Last.Events[0], Guid.Empty)!;
        Assert.Equal((run, RunState.Succeeded), (recalled.CommandId, ((RunView)recalled.Answer.Reply!).State));
    }

    [Fact]
    public void Nobody_says_what_was_spent_before_the_call_may_be_made_but_that_it_will_not_be()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Ask(), run).When(new RunCommand.EndCall(run, Me, Known(17))).ThenRejected(RunRejection.NoCall).ThenBudget(0, Bound);
        session.When(new RunCommand.EndCall(run, Me, Unsent)).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(0, 0);
        Assert.True(SessionDecider.Recall(session.Last.Events[0], Me)!.IsOf(Me));
    }

    [Fact]
    public void A_restart_gives_whoever_calls_the_time_to_be_heard_and_then_posts_the_bound()
    {
        var session = Calling(out var run);
        session.Restarted();
        Seek(session).Then().ThenBudget(0, Bound);
        session.After(Limits.ModelLostAfter - TimeSpan.FromSeconds(1));
        Seek(session).Then();
        session.After(TimeSpan.FromSeconds(2));
        Seek(session).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(Bound, 0);
        Assert.True(((RunEvent.Concluded)session.Last.Events[0]).Model!.IsEstimate);
        session.When(new RunCommand.EndCall(run, Me, Known(17))).ThenRejected(RunRejection.NoCall);
    }

    [Fact]
    public void Whoever_is_heard_of_goes_on_until_the_call_has_taken_too_long()
    {
        var session = Calling(out var run);
        for (var passed = TimeSpan.Zero; passed < Limits.ModelCallAtMost - Limits.ModelCallTold; passed += Limits.ModelCallTold)
        {
            session.After(Limits.ModelCallTold).When(new RunCommand.CallsGoOn([run, Guid.NewGuid()])).ThenAnswered<CallsKnown>(known => Assert.Equal([run], known.RunIds));
            Seek(session).Then();
        }

        session.After(2 * Limits.ModelCallTold).When(new RunCommand.CallsGoOn([run]));
        Seek(session).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(Bound, 0);
    }

    [Fact]
    public void One_that_was_asked_for_and_not_begun_costs_nothing_when_its_time_is_over()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Ask(), run).Abandoned(run).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(0, 0);
    }

    [Fact]
    public void It_is_not_cancelled_while_it_is_called_nor_by_an_operator()
    {
        var session = Calling(out var run);
        session.When(new RunCommand.Cancel(run, Request("cancel_run", "POST /agent/runs/{run_id}/cancel"))).ThenRefused(Codes.RunDecided);
        session.When(new RunCommand.Cancel(run, Request: null, "operator:ada", "POST /admin/x", "Enough.")).ThenRejected(RunRejection.IsCalled(run)).ThenBudget(0, Bound);
    }

    [Fact]
    public void A_session_that_ends_lets_a_call_end_as_it_does()
    {
        var session = Calling(out var run);
        session.When(new SessionCommand.Revoke(Request("end_session", "DELETE /agent/session")));
        session.When(new RunCommand.EndCall(run, Me, Known(17))).ThenBudget(17, 0);
    }

    [Fact]
    public void Whoever_holds_is_told_that_it_stays_open_for_a_while()
    {
        var session = Calling(out var run);
        session.When((SessionCommand)new NodeCommand.Inquire(run, session.State.Pending[run].UserHold)).ThenAnswered<Inquired>(told => Assert.Equal((true, Limits.ModelCallOpenSeconds), (told.Open, told.OpenForSeconds!.Value)));
    }

    [Fact]
    public void A_model_is_run_by_nobody_else_and_nothing_else_is_called_as_one()
    {
        Begun().When(Run(service: Model, keyed: true)).ThenRefused(Codes.NotEligible);
        Begun().When(Ask(model: Echo)).ThenRefused(Codes.NotFound);
    }

    [Fact]
    public void One_call_costs_no_more_than_its_model_says_and_no_more_than_is_free()
    {
        Begun().When(Ask(bound: 91)).ThenRefused(Codes.BudgetExceeded);
        Begun(limit: 50).When(Ask()).ThenRefused(Codes.BudgetExceeded);
    }

    [Fact]
    public void What_is_asked_in_vain_before_less_is_asked_is_no_refusal_but_for_another_reason_than_room()
    {
        var tentative = Ask() with { Model = Ask().Model! with { Tentative = true } };

        var poor = Begun(limit: 50).When(tentative);
        poor.ThenRefused(Codes.BudgetExceeded);
        Assert.Empty(poor.Last.Events);
        Assert.True(NotHeld(RunRejection.OverBudget("s9", Bound, 1)));
        Assert.False(NotHeld(RunRejection.ServiceDisabled));

        bool NotHeld(Rejection reason)
        {
            var session = Begun();
            session.When(tentative, session.NextId()).WhenStep(0, Refused(reason));
            return Assert.IsType<RunEvent.Refused>(Assert.Single(session.Last.Events)) is { IsFirst: false, IsTentative: var isTentative } && isTentative;
        }
    }

    [Fact]
    public void Where_the_grant_wants_approval_nobody_would_be_there_to_call_so_it_is_refused()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Ask(), run).WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold))).ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0)
            .ThenAnsweredLate(run, answer => Assert.Equal(Codes.BudgetExceeded, answer.Rejection!.Code));
    }

    [Fact]
    public void One_that_is_charged_is_paid_by_the_agents_wallet_as_a_service_is()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Ask(charges: true) with { MaxPriceMicros = Bound }, run).ThenBudget(0, Bound);
        var fund = session.Last.Steps[1];
        session.WhenStep(0, Answered(new UserReserved(session.State.Pending[run].UserHold, null, null, "None."))).Then();
        session.When((LeafCommand)fund.Then(Answered(new FundReserved(session.State.Pending[run].FundHold!.Value)))!).ThenEvents(typeof(RunEvent.CallBegun));
        session.When(new RunCommand.EndCall(run, Me, Known(17))).ThenBudget(17, 0).ThenAnswered<RunView>(view => Assert.Equal("wallet", view.Payment!.Source));
    }

    [Fact]
    public void Whoever_asks_again_is_known_by_its_run_and_whoever_said_how_it_ended_by_its_own_command()
    {
        var (session, told) = (Calling(out var run), Guid.NewGuid());
        session.When(new RunCommand.EndCall(run, Me, Known(17)));
        var recalled = SessionDecider.Recall(session.Last.Events[0], told)!;
        Assert.True(recalled.IsOf(run) && recalled.IsOf(told) && !recalled.IsOf(Me));
    }

    [Fact]
    public void A_restart_forgets_neither_why_its_sponsor_pays_nor_whose_limits_counted_it()
    {
        var (session, sponsor) = (Begun(), new Candidate("c1", "Acme", 3, null, null));
        var run = session.NextId();
        session.When(Ask(charges: true) with { Candidates = [sponsor] }, run);
        var fund = session.Last.Steps[1];
        session.WhenStep(0, Answered(new UserReserved(session.State.Pending[run].UserHold, sponsor, null, "It was named.", Nodes: "day")));
        session.When((LeafCommand)fund.Then(Answered(new FundReserved(session.State.Pending[run].FundHold!.Value, "schema")))!).ThenEvents(typeof(RunEvent.CallBegun));
        session.Restarted().When(new RunCommand.EndCall(run, Me, Known(17)));
        var payment = ((RunEvent.Concluded)session.Last.Events[0]).Payment!;
        Assert.Equal(("It was named.", "schema", "session/s1 user/u1/day"), (payment.Why, payment.SchemaHash, payment.Nodes));
    }

    private static SessionTest Seek(SessionTest session) => session.When((LeafCommand)SessionDecider.Unfinished(session.State, session.Now).First().Then(Lost)!);
}
