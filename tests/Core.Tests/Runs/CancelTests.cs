using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A run is taken back while its session decides it, and costs nothing.</summary>
public sealed class CancelTests
{
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1);

    private static RunCommand.Cancel ByAgent(Guid run) => new(run, Request("cancel_run", "POST /agent/runs/{run_id}/cancel"));

    private static RunCommand.Cancel ByOperator(Guid run) => new(run, Request: null, "operator:ada", "POST /admin/sessions/{session_id}/runs/{run_id}/cancel", "Enough.");

    [Fact]
    public void A_cancelled_run_gives_back_what_is_held_its_caller_is_told_and_so_is_its_service()
    {
        var session = Begun().Called(out var run);
        var pending = session.State.Pending[run];
        session.When(ByAgent(run)).ThenEvents(typeof(SessionEvent.Audited), typeof(RunEvent.Concluded)).ThenBudget(0, 0)
            .ThenAnswered<RunView>(view => Assert.Equal((run, RunState.Cancelled, 0), (view.RunId, view.State, view.Budget.ReservedMicros)))
            .ThenAnsweredLate(run, answer => Assert.Equal((Codes.RunCancelled, RetryWith.NewKey), (answer.Rejection!.Code, answer.Rejection.RetryWith)));
        Assert.Equal([new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value)], session.Last.Steps[..2].Select(s => ((StepTarget.Entity)s.Target).Command));
        var told = session.Last.Steps[2];
        Assert.Equal((Phase.AfterCommit, (OutsideCall)new ServiceCancel("echo", run)), (told.Phase, ((StepTarget.Outside)told.Target).Call));
        Assert.Null(told.Then(Lost));
    }

    [Fact]
    public void An_output_that_comes_after_it_is_nobodys()
    {
        var session = Begun().Called(out var run);
        var late = session.Last.Steps[0].Then(Output);
        session.When(ByAgent(run));
        session.When((LeafCommand)late!).Then().ThenBudget(0, 0);
    }

    [Fact]
    public void A_run_for_which_an_agent_is_asked_is_not_taken_back_IsAsked()
    {
        var session = Begun().Requested(out var run, service: Echo with { Asked = true });
        session.When(ByOperator(run)).ThenRejected(RunRejection.IsAsked(run));
        session.When(ByAgent(run)).ThenRefused(Codes.RunDecided);
    }

    [Fact]
    public void Nor_is_one_that_was_approved_but_while_it_waits_for_that_it_is()
    {
        var session = Begun().Requested(out var run, service: Echo with { Asked = true });
        session.WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold))).When(Approve(run)).When(ByOperator(run)).ThenRejected(RunRejection.IsAsked(run));

        var waiting = Begun().Requested(out var another, service: Echo with { Asked = true });
        waiting.WhenStep(0, Answered(new ApprovalNeeded(waiting.State.Pending[another].UserHold))).When(ByOperator(another)).ThenState(s => Assert.Empty(s.Awaiting));
    }

    [Fact]
    public void A_repeat_of_its_request_is_answered_that_it_was_cancelled()
    {
        var session = Begun().Called(out var run).When(ByAgent(run));
        Assert.Equal(Codes.RunCancelled, SessionDecider.Recall(session.Last.Events[1], run)!.Answer.Rejection!.Code);
        session.When(Run()).ThenEvents(typeof(RunEvent.Requested)); // and the same input is no duplicate
    }

    [Fact]
    public void Cancelled_again_it_shows_the_session_for_the_tables_know_the_rest()
    {
        var session = Begun().Called(out var run).When(ByAgent(run));
        session.When(ByAgent(run)).ThenEvents(typeof(SessionEvent.Audited)).ThenAnswered<SessionView>(view => Assert.Equal(Codes.RunCancelled, view.Runs[0].FailureCode));
        session.When(ByOperator(run)).Then().ThenAnswered<SessionView>(_ => { });
        session.When(ByAgent(Guid.NewGuid())).ThenEvents(typeof(SessionEvent.Audited)).ThenAnswered<SessionView>(_ => { });
    }

    [Fact]
    public void An_operator_takes_back_what_a_suspended_agent_cannot_and_the_outcome_says_who_did()
    {
        var session = Begun().Called(out var run).When(new AccessCommand.SetStanding(true, null, 1));
        session.When(ByAgent(run)).ThenRefused(Codes.SessionSuspended);
        session.When(ByOperator(run)).ThenEvents(typeof(SessionEvent.Audited), typeof(RunEvent.Concluded)).ThenBudget(0, 0);
        Assert.Equal(("cancel_run", "by=operator:ada"), (((SessionEvent.Audited)session.Last.Events[0]).Line.Operation, ((SessionEvent.Audited)session.Last.Events[0]).Line.Summary));
        Assert.Equal(("operator:ada", "Enough."), (((RunEvent.Concluded)session.Last.Events[1]).By, ((RunEvent.Concluded)session.Last.Events[1]).Reason));
        Fresh().When(ByOperator(run)).ThenRefused(Codes.NotFound);
        Fresh().When(ByAgent(run)).ThenRefused(Codes.Unauthorized);
    }

    [Fact]
    public void A_run_that_waits_for_approval_is_cancelled_and_cannot_be_approved()
    {
        var session = Begun().Waiting(out var run);
        session.When(ByOperator(run)).ThenEvents(typeof(SessionEvent.Audited), typeof(RunEvent.WaitEnded)).ThenBudget(0, 0)
            .ThenAnswered<RunView>(view => Assert.Equal(RunState.Cancelled, view.State))
            .ThenAnsweredLate(run, answer => Assert.Equal(Codes.RunCancelled, answer.Rejection!.Code));
        Assert.Empty(session.Last.Steps);
        session.When(Approve(run)).ThenRefused(Codes.ApprovalDecided);
    }

    [Fact]
    public void A_transfer_is_cancelled_and_no_service_is_told()
    {
        var session = Begun(Everything with { Payees = ["*"] });
        var run = session.NextId();
        session.When(new RunCommand.Transfer(Request("transfer"), "provider-1", Price, "thanks", PayeeKnown: true), run).ThenLater();
        session.When(ByAgent(run)).ThenEvents(typeof(SessionEvent.Audited), typeof(RunEvent.Concluded)).ThenBudget(0, 0);
        Assert.All(session.Last.Steps, step => Assert.IsType<NodeCommand.Void>(((StepTarget.Entity)step.Target).Command));
    }

    [Fact]
    public void What_is_decided_stays_decided()
    {
        var session = Begun().Succeeded(out var run);
        session.When(ByAgent(run)).ThenEvents(typeof(SessionEvent.Audited)).ThenAnswered<SessionView>(view => Assert.Equal(RunState.Succeeded, view.Runs[0].State)).ThenBudget(Price, 0);
    }
}
