using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A session whose budget has no room for a run, and whose user is asked to raise it.</summary>
public sealed class RaiseTests
{
    private static readonly Scopes Asking = Everything with { AskWhenSpent = true };
    private static readonly ServiceTerms Model = Echo with { PriceMicros = 90, Metered = true, IsModel = true };

    /// <summary>Of 100, 80 are spent: the next run of 40 finds 20.</summary>
    private static SessionTest Spent(Scopes? scopes = null) => Begun(scopes ?? Asking).Succeeded(out _).Succeeded(out _, "h2");

    private static SessionTest Waits(out Guid run, bool keyed = false)
    {
        var session = Spent();
        run = session.NextId();
        return session.When(Run(hash: "h3", keyed: keyed), run).ThenEvents(typeof(RunEvent.AwaitsApproval));
    }

    private static RunCommand.RunService Call(bool ask = true, long bound = 60) =>
        new(Request(), "echo", Model, Input, "", null, false, null, [], Keyed: true, Model: new(Guid.Parse("01957a00-0000-7000-8000-0000000000aa"), bound, 1, 30, 10, false), Ask: ask);

    [Fact]
    public void Its_run_waits_and_nobody_is_asked_to_hold_anything()
    {
        var session = Waits(out var run).ThenBudget(80, 0).ThenAnswered<RunView>(view => Assert.Equal((run, RunState.AwaitingApproval), (view.RunId, view.State)));
        Assert.Empty(session.Last.Steps);
        Assert.True(session.State.Awaiting[run].Waiting is { BeyondBudget: true, MaxMicros: Price });
    }

    [Fact]
    public void Approved_the_budget_is_higher_by_what_is_missing_and_the_run_begins()
    {
        var session = Waits(out var run).When(Approve(run)).ThenEvents(typeof(RunEvent.Approved)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved));
        session.ThenState(s => Assert.Equal((new Budget(120, 80, Price, 0), 20), (s.BudgetView, s.RaisedMicros)));
        session.WhenStep(0, Reserved(session, run)).WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value)));
        session.WhenStep(0, new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1)).ThenState(s => Assert.Equal(new Budget(120, 120, 0, 0), s.BudgetView));
    }

    [Fact]
    public void What_was_given_back_meanwhile_is_not_asked_for_once_more()
    {
        var session = Begun(Asking).Succeeded(out var first).Succeeded(out _, "h2");
        var run = session.NextId();
        session.When(Run(hash: "h3"), run).When(new NodeCommand.TakeRefund(session.NextId(), first, 10));
        session.When(Approve(run)).ThenState(s => Assert.Equal((new Budget(110, 70, Price, 0), 10), (s.BudgetView, s.RaisedMicros)));
    }

    [Fact]
    public void A_run_that_waits_has_its_clients_key()
    {
        Assert.True(Waits(out _).Last.TakesKey);
    }

    [Fact]
    public void A_no_stands_as_long_as_the_session_lives()
    {
        var session = Waits(out var run).When(Deny(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenBudget(80, 0);
        session.When(Run(hash: "h4")).ThenRefused(Codes.BudgetExceeded);
        Assert.Equal(RunRejection.NotRaised("s1", Price, 20).Message, session.Last.Answer!.Rejection!.Message);
        Assert.True(session.State.RaiseDenied);
        session.When(Call()).ThenRefused(Codes.BudgetExceeded);
    }

    [Fact]
    public void Nobody_is_asked_where_the_grant_does_not_say_so_nor_for_what_was_delegated()
    {
        Spent(Everything).When(Run(hash: "h3")).ThenRefused(Codes.BudgetExceeded);
        var below = Fresh().When(new AccessCommand.Begin("a1", "u1", Asking, 30, 3_600, [Root]));
        below.When(Run()).ThenRefused(Codes.BudgetExceeded);
    }

    [Fact]
    public void The_same_is_asked_once_without_a_key_and_with_one_as_often_as_the_user_may_be_asked()
    {
        var session = Waits(out var run);
        session.When(Run(hash: "h3")).ThenRefused(Codes.DuplicateRequest);
        Assert.Equal(run.ToString("D"), session.Rejection().FactOf("run_id"));
        for (var n = 1; n < Limits.ApprovalsWaiting; n++)
        {
            session.When(Run(keyed: true)).ThenEvents(typeof(RunEvent.AwaitsApproval));
        }

        session.When(Run(keyed: true)).ThenRefused(Codes.Unavailable);
    }

    [Fact]
    public void A_models_call_asks_only_when_it_says_so_and_one_at_a_time()
    {
        var session = Spent();
        session.When(Call(ask: false)).ThenRefused(Codes.BudgetExceeded);
        var run = session.NextId();
        session.When(Call(), run).ThenEvents(typeof(RunEvent.AwaitsApproval)).ThenAnswered<RunView>(view => Assert.Equal(run, view.RunId));
        session.When(Call(bound: 90)).Then().ThenAnswered<RunView>(view => Assert.Equal((run, RunState.AwaitingApproval), (view.RunId, view.State)));
    }

    [Fact]
    public void Approved_a_models_call_is_over_and_the_next_one_has_room()
    {
        var session = Spent();
        var run = session.NextId();
        session.When(Call(), run).When(Approve(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded));
        session.ThenState(s => Assert.Equal((new Budget(140, 80, 0, 60), 40), (s.BudgetView, s.RaisedMicros)));
        Assert.True(RunRejection.IsRaised(SessionDecider.Recall(session.Last.Events[1], run)!.Answer.Rejection!));
        session.When(Call(), session.NextId()).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void Terms_that_come_anew_leave_what_was_raised_unless_they_lower_the_budget()
    {
        var session = Waits(out var run).When(Approve(run));
        session.When(new AccessCommand.SetStanding(Suspended: false, ForSeconds: null, Revision: 2, Terms: new(Asking, 100, 1_800))).ThenState(s => Assert.Equal((120, 20), (s.BudgetView.LimitMicros, s.RaisedMicros)));
        var restored = SessionCodec.Restore(SessionCodec.Save(session.State));
        Assert.Equal((20, false), (restored.RaisedMicros, restored.RaiseDenied));
        session.When(new AccessCommand.SetStanding(Suspended: false, ForSeconds: null, Revision: 3, Terms: new(Asking, 90, 1_800))).ThenState(s => Assert.Equal((90, 0), (s.BudgetView.LimitMicros, s.RaisedMicros)));
    }

    [Fact]
    public void What_is_only_held_is_waited_for_and_nobody_is_asked()
    {
        var session = Begun(Asking).Called(out _).Called(out _, "h2");
        session.When(Run(hash: "h3")).ThenRefused(Codes.BudgetExceeded);
        Assert.Empty(session.State.Awaiting);
    }

    [Fact]
    public void A_yes_gives_back_nothing_that_a_narrowed_grant_took()
    {
        var session = Waits(out var run).When(new AccessCommand.SetStanding(Suspended: false, ForSeconds: null, Revision: 2, Terms: new(Asking, 50, null)));
        session.When(Approve(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenState(s => Assert.Equal((50, 0), (s.BudgetView.LimitMicros, s.RaisedMicros)));
    }

    [Fact]
    public void A_question_that_its_agent_takes_back_is_not_asked_again()
    {
        var session = Waits(out var run).When(new RunCommand.Cancel(run, Request("cancel_run")));
        Assert.True(session.State.RaiseDenied);
        session.When(Run(hash: "h4")).ThenRefused(Codes.BudgetExceeded);
    }
}
