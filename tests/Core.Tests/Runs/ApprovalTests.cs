using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A run that its user has to approve: it waits without holding anything, and begins once at most.</summary>
public sealed class ApprovalTests
{
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1);

    private static StepOutcome Held(SessionTest session, Guid run) => Reserved(session, run);

    private static void Ends(SessionTest session, Guid run, ApprovalState approval) => session.ThenEvents(typeof(RunEvent.WaitEnded))
        .ThenAnsweredLate(run, a => Assert.Equal(Text((RunRejection.NotApproved("a1", approval) with { RetryWith = RetryWith.NewKey }).With("run_id", run.ToString("D"))), Text(a.Rejection!)))
        .ThenState(s => Assert.Equal((approval, 0), (s.Waited[run], s.Awaiting.Count)));

    private static string Text(Rejection rejection) => Kernel.Laws.Text(Answer.No(rejection));

    [Fact]
    public void A_run_that_needs_approval_gives_back_what_it_holds_and_its_caller_is_told_that_it_waits()
    {
        var session = Begun().Requested(out var run);
        var hold = session.State.Pending[run].UserHold;
        session.WhenStep(0, Answered(new ApprovalNeeded(hold))).ThenBudget(0, 0)
            .ThenAnsweredLate(run, a => Assert.Equal((RunState.AwaitingApproval, session.Now.AddHours(1)), (((RunView)a.Reply!).State, ((RunView)a.Reply).ApprovalUntil)))
            .ThenSteps(new NodeCommand.Void(hold));
        Assert.Null(SessionDecider.Recall(session.Last.Events[0], run));
        Assert.Equal(session.State.ExpiresAt, SessionDecider.Due(session.State));
    }

    [Fact]
    public void What_a_guessed_fund_and_sessions_above_hold_is_given_back_too()
    {
        var run = default(Guid);
        var session = Below(Root, Middle);
        run = session.NextId();
        session.When(Run(candidates: Sponsor with { NeedsAttributes = false }), run).ThenLater();
        var above = session.Last.Steps.Skip(2).Select(s => (StepTarget.Entity)s.Target).ToList();
        session.WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold)));
        Assert.Equal([Kinds.User, Kinds.Campaign, Kinds.Session, Kinds.Session], session.State.Followers.Select(f => f.Node.Kind));
        Assert.Equal(above.Select(a => ((NodeCommand.Reserve)a.Command).HoldId), session.State.Followers.Skip(2).Select(f => f.HoldId));
        Assert.All(session.State.Followers, f => Assert.False(f.Posted));
    }

    [Fact]
    public void A_waiting_run_is_shown_as_such_and_a_repeat_of_its_request_waits_with_it()
    {
        var session = Begun().Waiting(out var run);
        session.When(new SessionCommand.GetRun(Request("get_run", "GET /agent/runs/{run_id}"), run)).ThenAnswered<RunView>(v => Assert.Equal(RunState.AwaitingApproval, v.State));
        session.When(Run(keyed: true), run).Then().ThenAnswered<RunView>(v => Assert.Equal((run, RunState.AwaitingApproval), (v.RunId, v.State)));
        session.When(new SessionCommand.Peek()).ThenAnswered<SessionView>(v => Assert.Equal((run, RunState.AwaitingApproval), (v.Runs[0].RunId, v.Runs[0].State)));
        session.When(Run()).ThenRefused(Codes.DuplicateRequest);
    }

    [Fact]
    public void Approved_it_begins_anew_under_its_id_with_fresh_holds_and_is_executed_once()
    {
        var session = Begun().Waiting(out var run);
        var first = session.State.Followers[0].HoldId;
        session.When(Approve(run)).ThenEvents(typeof(RunEvent.Approved)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved)).ThenBudget(0, Price);
        var pending = session.State.Pending[run];
        Assert.NotEqual(first, pending.UserHold);
        session.ThenSteps(new NodeCommand.Reserve(pending.UserHold, "default/session/s1", run, Price, new ReserveTerms.OfUser("a1", [Sponsor], false, Approved: true)));
        session.WhenStep(0, Held(session, run)).WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value))).Then();
        var call = (ServiceCall)((StepTarget.Outside)session.Last.Steps[0].Target).Call;
        Assert.Equal((run, Input.Utf8), (call.RunId, call.Body));
        session.WhenStep(0, Output).ThenBudget(Price, 0).ThenAnsweredLate(run, a => Assert.Equal(RunState.Succeeded, ((RunView)a.Reply!).State));
        session.When(Approve(run)).Then().ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved));
        session.When(Deny(run)).ThenRejected(RunRejection.ApprovalIsDecided(ApprovalState.Approved));
        session.When(Run(keyed: true), run).Then().ThenAnswered<SessionView>(_ => { });
    }

    [Fact]
    public void An_answer_to_the_first_attempt_that_comes_late_says_nothing_of_the_second()
    {
        var session = Below(Root);
        var run = session.NextId();
        session.When(Run(candidates: Sponsor with { NeedsAttributes = false }), run);
        var (user, fund, above) = (session.Last.Steps[0], session.Last.Steps[1], session.Last.Steps[2]);
        var hold = ((NodeCommand.Reserve)((StepTarget.Entity)above.Target).Command).HoldId;
        session.When((LeafCommand)user.Then(Answered(new ApprovalNeeded(Guid.Empty)))!).When(Approve(run));
        var before = session.State.Pending[run];
        session.When((LeafCommand)above.Then(Answered(new SessionReserved(hold, 1)))!).Then()
            .When((LeafCommand)fund.Then(Answered(new FundReserved(Guid.Empty)))!).Then()
            .When((LeafCommand)user.Then(Answered(new UserReserved(Guid.Empty, null, null, "")))!).Then();
        Assert.Equal(before, session.State.Pending[run]);
        Assert.NotEqual(hold, RunHolds.Above(before, 0));
    }

    [Fact]
    public void Limits_that_refuse_after_the_approval_are_its_outcome_and_it_is_not_asked_for_again()
    {
        var session = Begun().Waiting(out var run).When(Approve(run));
        session.WhenStep(0, Refused(UserRejection.UsedUp)).ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0);
        Assert.Equal(Codes.PaymentRequired, SessionDecider.Recall(session.Last.Events[0], Guid.Empty)!.Answer.Rejection!.Code);
        session.When(Approve(run)).Then().ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved));
    }

    [Fact]
    public void A_session_without_room_by_then_ends_the_run_as_over_budget()
    {
        var session = Begun().Waiting(out var run);
        session.Succeeded(out _, "h2").Succeeded(out _, "h3");
        session.When(Approve(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved))
            .ThenAnsweredLate(run, a => Assert.Equal(Codes.BudgetExceeded, a.Rejection!.Code)).ThenBudget(2 * Price, 0);
    }

    [Fact]
    public void Denied_it_fails_for_good_and_holds_nothing()
    {
        var session = Begun().Waiting(out var run).When(Deny(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Denied)).ThenBudget(0, 0);
        session.When(Deny(run)).Then().ThenAnswered(new ApprovalGiven(run, ApprovalState.Denied));
        session.When(Approve(run)).ThenRejected(RunRejection.ApprovalIsDecided(ApprovalState.Denied));
        session.When(Run()).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void Not_decided_in_time_it_expires_with_the_alarm()
    {
        var session = Begun().Waiting(out var run).At(SessionTest.Start.AddHours(1).AddTicks(-10));
        session.When(new SessionCommand.Tick()).Then();
        Assert.Empty(session.Last.Steps.Where(s => s.Target is StepTarget.Self));
        session.After(TimeSpan.FromTicks(10)).When(new SessionCommand.Tick());
        session.When((LeafCommand)session.Last.Steps.Single(s => s.Target is StepTarget.Self).Then(Lost)!);
        Ends(session, run, ApprovalState.Expired);
        session.When(Approve(run)).ThenRejected(RunRejection.ApprovalIsDecided(ApprovalState.Expired));
    }

    [Fact]
    public void An_approval_that_comes_as_it_expires_comes_too_late()
    {
        var session = Begun().Waiting(out var run).At(SessionTest.Start.AddHours(1)).When(Approve(run));
        Assert.Equal(Codes.ApprovalDecided, session.Rejection().Code);
        Ends(session, run, ApprovalState.Expired);
    }

    [Fact]
    public void A_session_that_ends_takes_its_waiting_runs_along()
    {
        var session = Begun().Waiting(out var run).When(new SessionCommand.Revoke(Request("end_session")));
        var end = session.Last.Steps.Single(s => s.Target is StepTarget.Self);
        session.When((LeafCommand)end.Then(Lost)!);
        Ends(session, run, ApprovalState.Ended);
        session.When((LeafCommand)end.Then(Lost)!).Then();

        var below = Below(Root).Waiting(out var other).When(new SessionCommand.EndAbove(Root.SessionId));
        below.When((LeafCommand)SessionDecider.Unfinished(below.State, below.Now).Single(s => s.Target is StepTarget.Self).Then(Lost)!)
            .ThenAnsweredLate(other, a => Assert.Contains("a-root", a.Rejection!.Facts!.Single(f => f.Name == "node").Value, StringComparison.Ordinal));
        Assert.Equal(ApprovalState.Ended, below.State.Waited[other]);
    }

    [Fact]
    public void A_suspended_agents_run_cannot_be_approved_until_it_is_resumed()
    {
        var session = Begun().Waiting(out var run).When(new AccessCommand.SetStanding(true, null, 1));
        session.When(Approve(run)).ThenRejected(AccessRejection.Suspended(null, session.Now));
        session.When(new AccessCommand.SetStanding(false, null, 2)).When(Approve(run)).ThenEvents(typeof(RunEvent.Approved));
    }

    [Fact]
    public void A_run_that_never_waited_cannot_be_approved() => Begun().Requested(out var run).When(Approve(run)).ThenRejected(RunRejection.NoApproval);

    [Fact]
    public void One_more_than_may_wait_is_refused_and_a_decided_one_makes_room()
    {
        var (session, first) = (Begun(limit: Limit * Limits.ApprovalsWaiting), default(Guid));
        for (var i = 0; i < Limits.ApprovalsWaiting; i++)
        {
            session.Waiting(out first, $"h{i}");
        }

        session.Requested(out var run, "more").WhenStep(0, Answered(new ApprovalNeeded(Guid.Empty))).ThenEvents(typeof(RunEvent.Refused))
            .ThenAnsweredLate(run, a => Assert.Equal(RunRejection.TooManyApprovals.Message, a.Rejection!.Message));
        session.When(Deny(first));
        session.Waiting(out _, "again");
    }

    [Fact]
    public void A_payment_to_another_wallet_waits_too_and_is_made_from_the_agents_wallet()
    {
        var session = Begun(Everything with { Payees = ["*"] });
        var run = session.NextId();
        session.When(new RunCommand.Transfer(Request("transfer"), "agent:a2", Price, "thanks", PayeeKnown: true), run).ThenLater();
        session.WhenStep(0, Answered(new ApprovalNeeded(Guid.Empty))).ThenEvents(typeof(RunEvent.AwaitsApproval)).When(Approve(run));
        var fund = (NodeCommand.Reserve)((StepTarget.Entity)session.Last.Steps[1].Target).Command;
        Assert.Equal((run, Price, "agent:a2", "thanks"), (fund.RunId, fund.AmountMicros, ((ReserveTerms.OfWallet)fund.Terms).Provider, ((ReserveTerms.OfWallet)fund.Terms).Memo));
        var asked = session.Last.Steps[1];
        session.WhenStep(0, Answered(new UserReserved(session.State.Pending[run].UserHold, null, null, "It pays itself.")));
        session.When((LeafCommand)asked.Then(Answered(new FundReserved(fund.HoldId)))!).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(Price, 0);
    }

    [Fact]
    public void A_crash_after_the_approval_voids_the_run_as_any_other()
    {
        var session = Begun().Waiting(out var run).When(Approve(run)).Abandoned(run).ThenBudget(0, 0).ThenAnsweredLate(run, a => Assert.Equal(Codes.UpstreamTimeout, a.Rejection!.Code));
        session.When(Approve(run)).Then();
    }

    [Fact]
    public void An_erased_input_cannot_be_run()
    {
        var session = Begun().Waiting(out var run);
        var erased = session.State with { Approvals = session.State.Approvals with { Awaiting = session.State.Awaiting.SetItem(run, session.State.Awaiting[run] with { Input = null }) } };
        var refused = SessionDecider.Decide(erased, Approve(run), new(session.Now, session.NextId()));
        Assert.Equal((Codes.NotEligible, 0), (refused.Answer!.Rejection!.Code, refused.Events.Length));
    }
}
