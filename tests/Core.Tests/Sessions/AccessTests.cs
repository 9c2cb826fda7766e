using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>What a session makes of what its user's stream, or an operator, takes from it.</summary>
public sealed class AccessTests
{
    private static readonly Scopes Texts = new(["*"], ["*"], ["text"], ["*"]);

    private static AccessCommand.SetStanding Today(long revision, Scopes? scopes = null, long budget = Limit, int? seconds = null) =>
        new(false, null, revision, new(scopes ?? Everything, budget, seconds));

    [Fact]
    public void A_narrowed_session_runs_nothing_out_of_its_scopes_scope_violation_until_they_are_wide_again()
    {
        var session = Begun().When(Today(1, Texts)).ThenEvents(typeof(SessionEvent.StandingChanged)).ThenAnswered(new StandingTaken("s1", 1));
        session.When(Run()).WhenStep(0, Answered(new Standing(false, null, 1, 0)));
        Assert.Equal(Codes.ScopeViolation, Assert.Single(session.Last.LateAnswers).Answer.Rejection?.Code);
        session.When(Today(2)).When(Run(hash: "h2")).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void A_narrowed_budget_bounds_what_is_still_to_be_spent() =>
        Begun().When(Today(1, budget: Price - 1)).When(Run()).ThenRefused(Codes.BudgetExceeded);

    [Fact]
    public void What_has_been_spent_is_beyond_a_narrowed_budget_and_nothing_breaks() =>
        Begun().Succeeded(out _).When(Today(1, budget: 1)).ThenState(s => Assert.Equal((1, Price, 0), (s.BudgetView.LimitMicros, s.BudgetView.SpentMicros, s.BudgetView.RemainingMicros)));

    [Fact]
    public void A_shortened_session_expires_earlier_and_lengthened_again_no_later_than_it_was_to()
    {
        var session = Begun().When(Today(1, seconds: 60));
        session.After(TimeSpan.FromSeconds(60)).When(Read()).ThenRefused(Codes.SessionExpired);
        session.When(Today(2)).When(Read()).ThenAnswered<SessionView>(view => Assert.Equal(SessionTest.Start.AddSeconds(3_600), view.ExpiresAt));
    }

    [Fact]
    public void A_session_that_was_shortened_twice_gets_back_all_that_it_was_opened_for_and_no_more()
    {
        var session = Begun().When(Today(1, seconds: 60)).When(Today(2, seconds: 30));
        session.When(Today(3)).When(Read()).ThenAnswered<SessionView>(view => Assert.Equal(SessionTest.Start.AddSeconds(3_600), view.ExpiresAt));
        session.When(Today(4, seconds: 3_700)).When(Read()).ThenAnswered<SessionView>(view => Assert.Equal(SessionTest.Start.AddSeconds(3_600), view.ExpiresAt));
    }

    /// <summary>It may end and hear of a later grant before its last run is settled.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2 * Limit)]
    public void A_session_that_has_ended_keeps_its_terms_whatever_is_granted_behind_it(long budget) =>
        Begun().When(Today(1, budget: Limit / 2)).When(new AccessCommand.SetStanding(false, null, 2, Ended: "grant_ended")).ThenEvents(typeof(SessionEvent.EndedFor))
            .When(Today(3, Texts, budget, seconds: 9)).ThenState(s => Assert.Equal((Limit / 2, 3L, "*"), (s.BudgetView.LimitMicros, s.StandingRevision, Assert.Single(s.Scopes.Categories))));

    [Fact]
    public void Terms_that_are_told_late_are_not_taken() =>
        Begun().When(Today(2, Texts)).When(Today(1)).Then().ThenState(s => Assert.Equal(["text"], s.Scopes.Categories));

    [Fact]
    public void A_session_that_was_begun_under_a_revision_takes_no_older_word() =>
        Fresh().When(new AccessCommand.Begin("a1", "u1", Everything, Limit, 3_600, KeyId: "k1", Revision: 3)).When(new AccessCommand.SetStanding(true, null, 3)).Then()
            .When(new SessionCommand.Peek()).ThenAnswered<SessionView>(view => Assert.Equal(("k1", false), (view.KeyId, view.Suspended)));

    [Fact]
    public void A_session_that_its_users_stream_has_ended_refuses_everything_session_revoked_and_tells_those_around_it()
    {
        var session = Below(Root).Delegated(out var child).When(new AccessCommand.SetStanding(false, null, 1, Ended: EndReasons.KeyRevoked)).ThenEvents(typeof(SessionEvent.EndedFor))
            .ThenSteps(new UserCommand.CloseSession("s1", SessionTest.Start), new SessionCommand.EndAbove("s1"), new SessionCommand.CloseChild("s1"));
        session.When(Read()).ThenRefused(Codes.SessionRevoked);
        session.When(Run()).ThenRefused(Codes.SessionRevoked);
        session.When(session.HoldOf(child)).ThenRefused(Codes.SessionRevoked);
        session.When(new AccessCommand.SetStanding(false, null, 1, Ended: EndReasons.KeyRevoked)).Then().ThenAnswered(new StandingTaken("s1", 1));
    }

    [Fact]
    public void A_session_that_is_over_is_not_begun_again()
    {
        var begin = new AccessCommand.Begin("a1", "u1", Everything, Limit, 3_600);
        Begun().When(begin).Then().ThenAnswered<SessionView>(_ => { });
        Begun().After(TimeSpan.FromSeconds(3_600)).When(begin).ThenRejected(SessionRejection.OverAlready);
        Begun().When(new AccessCommand.SetStanding(false, null, 1, Ended: EndReasons.KeyRevoked)).When(begin).ThenRejected(SessionRejection.OverAlready);
    }

    [Fact]
    public void A_run_under_way_in_a_session_that_is_ended_is_decided_all_the_same()
    {
        var session = Begun().Called(out _);
        var call = session.Last.Steps[0];
        session.When(new AccessCommand.SetStanding(false, null, 1, Ended: EndReasons.GrantEnded))
            .When((LeafCommand)call.Then(new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1))!).ThenEvents(typeof(RunEvent.Concluded))
            .ThenBudget(Price, 0);
    }

    [Fact]
    public void A_run_that_waits_for_approval_ends_with_its_session()
    {
        var session = Begun().Waiting(out var run).When(new AccessCommand.SetStanding(false, null, 1, Ended: EndReasons.UserErased));
        session.WhenStep(1, Lost).ThenEvents(typeof(RunEvent.WaitEnded));
        session.When(Approve(run)).ThenRefused(Codes.ApprovalDecided);
    }

    [Fact]
    public void A_run_that_was_approved_after_its_category_was_taken_does_not_begin_scope_violation()
    {
        var session = Begun().Waiting(out var run).When(Today(1, Texts));
        session.When(Approve(run)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved))
            .ThenAnsweredLate(run, a => Assert.Equal(Codes.ScopeViolation, a.Rejection?.Code));
    }

    [Fact]
    public void An_operator_ends_a_session_once_and_is_answered_alike_the_second_time()
    {
        var end = new SessionCommand.EndByOperator("POST /admin/sessions/{session_id}/end", "operator:ada", "leaked");
        var session = Begun().Delegated(out _).When(end).ThenEvents(typeof(SessionEvent.EndedFor)).ThenAnswered(new SessionEnded("s1", SessionTest.Start))
            .ThenSteps(new UserCommand.CloseSession("s1", SessionTest.Start), new SessionCommand.EndAbove("s1"));
        session.After(TimeSpan.FromMinutes(1)).When(end).Then().ThenAnswered(new SessionEnded("s1", SessionTest.Start));
        session.When(Read()).ThenRefused(Codes.SessionRevoked);
    }
}
