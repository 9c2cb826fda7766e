using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A run from its request to the holds that follow it: decided here, and only here.</summary>
public sealed class RunTests
{
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 2);
    private static readonly StepOutcome Failure = new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service answered with status 500.", 3);

    [Fact]
    public void A_request_holds_its_price_here_and_asks_the_user_beside_its_own_append()
    {
        var session = Begun().Requested(out var run).ThenBudget(0, Price);
        var pending = session.State.Pending[run];
        session.ThenSteps(new NodeCommand.Reserve(pending.UserHold, "default/session/s1", run, Price, new ReserveTerms.OfUser("a1", [Sponsor], false)));
        Assert.Equal((Phase.AtOnce, run), (session.Last.Steps[0].Phase, session.Last.Steps[0].Key));
        Assert.Equal(session.Now + Limits.RunVoidedAfter, pending.VoidAfter);
    }

    [Fact]
    public void A_user_that_has_room_names_the_sponsor_that_is_asked_next()
    {
        var session = Begun().Limited(out var run);
        var hold = session.State.Pending[run].FundHold!.Value;
        session.ThenSteps(new NodeCommand.Reserve(hold, "default/session/s1", run, Price, new ReserveTerms.OfCampaign("echo", "provider-1", null)));
        Assert.Equal(Phase.AfterCommit, session.Last.Steps[0].Phase);
    }

    [Fact]
    public void Once_all_is_held_the_service_is_called_with_the_runs_input_and_key()
    {
        var session = Begun().Called(out var run);
        var call = Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
        Assert.Equal(("echo", run, Limits.RunDeadline), (call.ServiceId, call.RunId, call.Deadline));
        Assert.Equal(Input.Utf8.ToArray(), call.Body.ToArray());
    }

    [Fact]
    public void An_output_posts_the_price_answers_the_caller_and_tells_every_node()
    {
        var session = Begun().Called(out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, Output).ThenBudget(Price, 0)
            .ThenAnsweredLate(run, answer =>
            {
                var view = Assert.IsType<RunView>(answer.Reply);
                Assert.Equal((RunState.Succeeded, new Budget(Limit, Price, 0, Limit - Price)), (view.State, view.Budget));
                Assert.Equal(1, view.Rate!.Used);
                Assert.Equal("\"HELLO\"", System.Text.Encoding.UTF8.GetString(view.Output!.Utf8.Span));
                Assert.Equal((Price, "Acme", "sponsor", "posted", "campaign", "c1", "It ends first.", false), (
                    view.Payment!.AmountMicros, view.Payment.Payer, view.Payment.Source, view.Payment.Status, view.Payment.PayerKind, view.Payment.PayerId, view.Payment.Why, view.Payment.RelatedParty));
            })
            .ThenSteps(new NodeCommand.Post(pending.UserHold, Price), new NodeCommand.Post(pending.FundHold!.Value, Price));
    }

    [Theory]
    [InlineData(true, RetryWith.Never)]
    [InlineData(false, RetryWith.NewKey)]
    public void A_run_whose_service_refused_its_input_is_never_sent_again_as_it_was(bool isOfInput, RetryWith retry)
    {
        var session = Begun().Called(out var run);
        session.WhenStep(0, new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service refused the input.", 1) { IsOfInput = isOfInput }).ThenBudget(0, 0)
            .ThenAnsweredLate(run, answer => Assert.Equal((!isOfInput, retry), (answer.Rejection!.Retry, answer.Rejection.RetryWith)));
        Assert.Equal(retry, SessionDecider.Recall(session.Last.Events[0], run)!.Answer.Rejection!.RetryWith);
    }

    [Fact]
    public void A_run_whose_service_was_not_called_has_not_failed_and_its_key_may_begin_it_again()
    {
        var session = Begun().Called(out var run);
        session.WhenStep(0, new ServiceOutcome.NotCalled()).ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0)
            .ThenAnsweredLate(run, answer => Assert.Equal((Codes.Unavailable, true), (answer.Rejection!.Code, answer.Rejection.Retry)));
        Assert.Null(SessionDecider.Recall(session.Last.Events[0], run));
        Assert.Equal(2, session.Last.Steps.Length);
    }

    /// <summary>A front end of the release before says of an agent only that it is asked.</summary>
    [Fact]
    public void A_request_rides_only_where_its_service_may_be_called_for_again()
    {
        Assert.Equal(Riding.Begun, Begun().Requested(out _).Last.Riding);
        Assert.Equal(Riding.No, Begun().Requested(out _, service: Echo with { Once = true }).Last.Riding);
        Assert.Equal(Riding.No, Begun().Requested(out _, service: Echo with { Asked = true }).Last.Riding);
    }

    [Fact]
    public void What_is_told_is_unfinished_until_each_node_follows()
    {
        var session = Begun().Succeeded(out _);
        var (user, fund) = (session.Last.Steps[0], session.Last.Steps[1]);
        Assert.Null(user.Then(Lost));
        Assert.Null(user.Then(Refused(Elsewhere)));
        session.When((LeafCommand)user.Then(Answered(new HoldEnded(user.Key, HoldStanding.Posted)))!).Then();
        session.When((LeafCommand)user.Then(Answered(new HoldEnded(user.Key, HoldStanding.Posted)))!).Then();
        Assert.Equal(fund.Key, Assert.Single(SessionDecider.Unfinished(session.State, session.Now)).Key);
        session.When((LeafCommand)fund.Then(Answered(new HoldEnded(fund.Key, HoldStanding.Forgotten)))!).Then(new RunEvent.NodesFollowed(session.State.Recent[0].RunId, [user.Key, fund.Key]));
        Assert.Equal(Riding.UntilAlarm, session.Last.Riding);
        Assert.False(SessionDecider.IsUnfinished(session.State));
        session.When((LeafCommand)fund.Then(Answered(new HoldEnded(fund.Key, HoldStanding.Forgotten)))!).Then();
    }

    [Fact]
    public void A_sponsor_that_is_also_the_services_owner_is_said_to_be_related()
    {
        var session = Begun().Requested(out var run, service: Echo with { Owner = "acme" });
        session.WhenStep(0, Reserved(session, run, Sponsor with { Owner = "acme" })).WhenStep(0, Answered(new FundReserved(Guid.Empty))).WhenStep(0, Output)
            .ThenAnsweredLate(run, a => Assert.True(((RunView)a.Reply!).Payment!.RelatedParty));
    }

    [Fact]
    public void A_free_service_is_called_without_a_sponsor_and_has_a_receipt_of_nothing()
    {
        var session = Begun().Requested(out var run, service: Echo with { PriceMicros = 0 });
        session.WhenStep(0, Reserved(session, run, free: true)).Then();
        Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
        session.WhenStep(0, Output).ThenBudget(0, 0)
            .ThenAnsweredLate(run, a => Assert.Equal((0L, "free", "none"), (((RunView)a.Reply!).Payment!.AmountMicros, ((RunView)a.Reply).Payment!.Source, ((RunView)a.Reply).Payment!.PayerKind)));
        Assert.Equal(Kinds.User, Assert.Single(session.State.Followers).Node.Kind);
    }

    [Fact]
    public void A_refusing_user_ends_the_run_before_anything_is_called_and_its_hold_is_voided()
    {
        var session = Begun().Requested(out var run);
        var hold = session.State.Pending[run].UserHold;
        session.WhenStep(0, Refused(UserRejection.NoSponsor)).ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0)
            .ThenAnsweredLate(run, a => Assert.Equal(UserRejection.NoSponsor.With("run_id", run.ToString("D")).Facts, a.Rejection!.Facts))
            .ThenSteps(new NodeCommand.Void(hold));
        Assert.Null(SessionDecider.Recall(session.Last.Events[0], run));
    }

    [Fact]
    public void A_user_out_of_reach_ends_the_run_and_its_hold_is_voided()
    {
        var session = Begun().Requested(out var run);
        var hold = session.State.Pending[run].UserHold;
        session.WhenStep(0, Lost).ThenBudget(0, 0).ThenAnsweredLate(run, a => Assert.Equal((Codes.Unavailable, true), (a.Rejection!.Code, a.Rejection.Retry))).ThenSteps(new NodeCommand.Void(hold));
    }

    [Fact]
    public void A_sponsor_out_of_reach_ends_the_run_and_both_holds_are_voided()
    {
        var session = Begun().Limited(out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, Lost).ThenBudget(0, 0).ThenAnsweredLate(run, a => Assert.Equal(Codes.Unavailable, a.Rejection!.Code))
            .ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
    }

    [Fact]
    public void A_refusing_sponsor_is_passed_over_for_the_next_with_a_hold_of_its_own()
    {
        var session = Begun().Limited(out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, Refused(Elsewhere)).Then().ThenSteps(new UserCommand.NextFund(pending.UserHold, "c1", Codes.PaymentRequired)).ThenBudget(0, Price);
        session.WhenStep(0, Reserved(session, run, Sponsor with { CampaignId = "c2" })).ThenEvents(typeof(RunEvent.FundChosen));
        var second = session.State.Pending[run].FundHold;
        Assert.NotEqual(pending.FundHold, second);
        session.WhenStep(0, Answered(new FundReserved(second!.Value))).WhenStep(0, Output).ThenAnsweredLate(run, a => Assert.Equal("c2", ((RunView)a.Reply!).Payment!.PayerId));
    }

    [Fact]
    public void When_no_sponsor_is_left_the_run_is_refused_with_the_users_reason()
    {
        var session = Begun().Limited(out var run).WhenStep(0, Refused(Elsewhere));
        session.WhenStep(0, Refused(UserRejection.SponsorsRefused("c1", Codes.PaymentRequired, "escrow"))).ThenAnsweredLate(run, a => Assert.Equal(Codes.PaymentRequired, a.Rejection!.Code)).ThenBudget(0, 0);
    }

    [Fact]
    public void A_user_out_of_reach_for_the_next_sponsor_ends_the_run() =>
        Begun().Limited(out var run).WhenStep(0, Refused(Elsewhere)).WhenStep(0, Lost).ThenAnsweredLate(run, a => Assert.Equal(Codes.Unavailable, a.Rejection!.Code)).ThenBudget(0, 0);

    [Fact]
    public void A_late_answer_of_a_sponsor_that_was_passed_over_is_dropped()
    {
        var session = Begun().Limited(out var run);
        var late = session.Last.Steps[0];
        session.WhenStep(0, Refused(Elsewhere));
        session.WhenStep(0, Reserved(session, run, Sponsor with { CampaignId = "c2" }));
        session.When((LeafCommand)late.Then(Lost)!).Then().ThenBudget(0, Price);
    }

    [Fact]
    public void A_run_that_spent_its_time_on_sponsors_is_refused_and_not_called()
    {
        var session = Begun().Limited(out var run).After(Limits.RunVoidedAfter - TimeSpan.FromSeconds(1));
        session.WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value)))
            .ThenEvents(typeof(RunEvent.Refused)).ThenAnsweredLate(run, a => Assert.Equal(Codes.Unavailable, a.Rejection!.Code));
    }

    [Fact]
    public void A_call_has_only_the_time_that_is_left_of_the_run()
    {
        var session = Begun().Limited(out var run).After(TimeSpan.FromSeconds(15));
        session.WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value)));
        Assert.Equal(TimeSpan.FromSeconds(10), Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(session.Last.Steps[0].Target).Call).Deadline);
    }

    [Theory]
    [InlineData(Codes.UpstreamFailed)]
    [InlineData(Codes.UpstreamTimeout)]
    [InlineData(Codes.Unavailable)]
    public void A_failing_service_costs_nothing_and_its_outcome_is_kept(string code)
    {
        var session = Begun().Called(out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, new ServiceOutcome.CallFailed(code, "It failed.", 3)).ThenBudget(0, 0)
            .ThenAnsweredLate(run, a => Assert.Equal((code, "It failed.", true), (a.Rejection!.Code, a.Rejection.Message, a.Rejection.Retry)))
            .ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
        Assert.Equal(run, SessionDecider.Recall(session.Last.Events[0], Guid.Empty)!.CommandId);
    }

    [Fact]
    public void A_call_without_an_outcome_costs_nothing() =>
        Begun().Called(out var run).WhenStep(0, Lost).ThenBudget(0, 0).ThenAnsweredLate(run, a => Assert.Equal(Codes.UpstreamFailed, a.Rejection!.Code));

    [Fact]
    public void An_output_that_comes_after_the_run_was_voided_is_dropped()
    {
        var session = Begun().Called(out var run);
        var call = session.Last.Steps[0];
        var abandon = SessionDecider.Unfinished(session.State, session.Now).Single();
        session.Abandoned(run).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(0, 0);
        session.When((LeafCommand)call.Then(Output)!).Then().ThenBudget(0, 0);
        session.When((LeafCommand)call.Then(Failure)!).Then();
        session.When((LeafCommand)abandon.Then(Lost)!).Then();
    }

    [Fact]
    public void An_answer_of_the_user_that_comes_after_the_run_was_voided_is_dropped()
    {
        var session = Begun().Requested(out var run);
        var (ask, late) = (session.Last.Steps[0], Reserved(session, run));
        session.Abandoned(run);
        session.When((LeafCommand)ask.Then(late)!).Then();
        Assert.Empty(session.Last.Steps);
    }

    [Fact]
    public void A_run_that_a_crash_left_behind_is_voided_on_every_node_that_it_asked()
    {
        var session = Begun().Called(out var run);
        var pending = session.State.Pending[run];
        var resumed = Assert.Single(SessionDecider.Unfinished(session.State, session.Now));
        Assert.IsType<StepTarget.Self>(resumed.Target);
        session.When((LeafCommand)resumed.Then(Lost)!).ThenBudget(0, 0)
            .ThenAnsweredLate(run, a => Assert.Equal(Codes.UpstreamTimeout, a.Rejection!.Code))
            .ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
    }

    [Fact]
    public void Every_run_that_is_overdue_is_abandoned_at_the_next_alarm()
    {
        var session = Begun().Called(out _, "h1").Called(out _, "h2").After(Limits.RunVoidedAfter - TimeSpan.FromMicroseconds(1)).When(SessionEntity.Entity.Tick).Then();
        Assert.Empty(session.Last.Steps);
        session.After(TimeSpan.FromMicroseconds(1)).When(SessionEntity.Entity.Tick).Then();
        foreach (var step in session.Last.Steps)
        {
            session.When((LeafCommand)step.Then(Lost)!).ThenEvents(typeof(RunEvent.Concluded));
        }

        session.ThenBudget(0, 0);
        Assert.Empty(session.State.Pending);
    }

    [Fact]
    public void A_repeat_of_a_run_under_way_shares_its_outcome_and_is_not_counted()
    {
        var session = Begun().Called(out var run);
        session.When(Run(keyed: true), run).Then().ThenLater().ThenBudget(0, Price).ThenState(s => Assert.Equal(1, s.Rate.Count));
        Assert.Empty(session.Last.Steps);
    }

    [Fact]
    public void The_last_ten_runs_are_shown_newest_first_with_those_under_way_before_them()
    {
        var session = Begun(limit: 10_000);
        for (var i = 0; i < 12; i++)
        {
            session.After(TimeSpan.FromSeconds(5)).Succeeded(out _, $"h{i}");
        }

        session.Requested(out var pending, "last").When(new SessionCommand.Peek()).ThenAnswered<SessionView>(view =>
        {
            Assert.Equal(10, view.Runs.Count);
            Assert.Equal((pending, RunState.Pending), (view.Runs[0].RunId, view.Runs[0].State));
            Assert.Equal(view.Runs.Skip(1).Select(r => r.ConcludedAt).OrderDescending(), view.Runs.Skip(1).Select(r => r.ConcludedAt));
        });
    }

    [Fact]
    public void A_run_that_is_asked_for_is_found_under_way_however_many_others_are()
    {
        var session = Begun(limit: 10_000).Requested(out var first, "first");
        for (var i = 0; i < 12; i++)
        {
            session.Requested(out _, $"h{i}");
        }

        session.When(new SessionCommand.Peek(first)).ThenAnswered<SessionView>(view => Assert.Equal((first, RunState.Pending), (Assert.Single(view.Runs).RunId, view.Runs[0].State)));
        session.When(new SessionCommand.Peek(Guid.Empty)).ThenAnswered<SessionView>(view => Assert.Empty(view.Runs));
    }

    [Fact]
    public void A_run_under_way_is_shown_as_pending_and_a_decided_one_is_left_to_the_tables()
    {
        var session = Begun().Called(out var run).When(new SessionCommand.GetRun(Request("get_run", "GET /agent/runs/{run_id}"), run));
        session.ThenAnswered<RunView>(v => Assert.Equal((run, RunState.Pending, 2), (v.RunId, v.State, v.Rate!.Used)));
        session.When(new SessionCommand.GetRuns(Request("get_runs", "GET /agent/runs"))).ThenAnswered<PendingRuns>(p => Assert.Equal(run, Assert.Single(p.Runs).RunId));
        session.Abandoned(run).When(new SessionCommand.GetRun(Request("get_run", "GET /agent/runs/{run_id}"), run)).ThenAnswered<SessionView>(v => Assert.Equal(RunState.Failed, v.Runs[0].State));
    }
}
