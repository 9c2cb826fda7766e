using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class StandingTests
{
    private static readonly Guid Fifth = Ids.Derive(UserTest.Start, Command("fifth"), 0);

    private static UserTest Violated(UserTest user, int times)
    {
        for (var n = 0; n < times; n++)
        {
            user.When(Violation());
        }

        return user;
    }

    /// <summary>Suspended, and all of the pair's sessions were told.</summary>
    private static UserTest Suspended(UserTest user)
    {
        Violated(user, 4).When(Violation(), Fifth);
        return AllTold(user);
    }

    private static UserTest AllTold(UserTest user)
    {
        foreach (var session in user.State.Unheard)
        {
            user.When(Telling(user, session));
        }

        return user;
    }

    private static StepOutcome Told(string session, long revision) => Answered(new StandingTaken(session, revision));

    /// <summary>The session hears how the pair stands now.</summary>
    private static UserCommand Telling(UserTest user, string session) => Assert.IsAssignableFrom<UserCommand>(UserDecider.Unfinished(user.State, user.Now)
        .Single(s => s.Target is StepTarget.Entity { Command: AccessCommand.SetStanding } entity && entity.Stream.Id == session)
        .Then(Told(session, user.State.PairOf(Agent).Revision)));

    [Fact]
    public void Four_violations_in_a_row_are_counted_and_suspend_nobody() => Violated(Known().Live("s1"), 4).ThenAnswered(new Standing(false, null, 4, 0));

    [Fact]
    public void The_fifth_suspends_for_a_quarter_of_an_hour() => Violated(Known().Live("s1"), 4)
        .When(Violation(), Fifth)
        .Then(new UserEvent.PairSuspended(Fifth, Agent, "s1", "Attempts out of scope.", 900, 5, 1, ["s1"]))
        .WhenStep(0, Told("s1", 1))
        .ThenAnsweredLate(Fifth, a => Assert.Equal(new Standing(true, 900, 5, 1), a.Reply));

    [Fact]
    public void A_report_that_comes_twice_counts_once() => Known().Live("s1")
        .When(Violation(), Fifth)
        .When(Violation(), Fifth)
        .Then()
        .ThenAnswered(new Standing(false, null, 1, 0));

    [Fact]
    public void Violations_older_than_the_window_do_not_count() => Violated(Known().Live("s1"), 4)
        .After(TimeSpan.FromMinutes(5))
        .When(Violation())
        .ThenAnswered(new Standing(false, null, 1, 0));

    [Fact]
    public void A_run_in_scope_ends_the_row()
    {
        var user = Violated(Known().Live("s1").Did("c1"), 4);
        user.When(user.Reserve(5, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved)).When(Violation()).ThenAnswered(new Standing(false, null, 1, 0));
    }

    [Fact]
    public void A_task_in_scope_ends_the_row()
    {
        var user = Violated(Known().Live("s1"), 4);
        user.When(user.Complete("c1")).ThenLater().When(Violation()).ThenAnswered(new Standing(false, null, 1, 0));
    }

    [Fact]
    public void An_attempt_in_scope_that_is_refused_for_another_reason_ends_the_row_too()
    {
        var user = Violated(Known().Live("s1"), 4);
        user.When(user.Reserve(5)).ThenRejected(UserRejection.NoSponsor, new UserEvent.RefusedInScope(Agent, UserRejection.NoSponsor))
            .When(Violation()).ThenAnswered(new Standing(false, null, 1, 0));
    }

    [Fact]
    public void Another_agents_violations_are_its_own() => Violated(Known().Live("s1"), 4).When(Violation("s9", "a2")).ThenAnswered(new Standing(false, null, 1, 0));

    [Fact]
    public void All_sessions_of_the_pair_are_told_before_the_fifth_is_answered()
    {
        var user = Violated(Known().Live("s1", "s2", "s3"), 4).When(Violation(), Fifth).ThenLater();
        user.ThenSteps(new AccessCommand.SetStanding(true, 900, 1), new AccessCommand.SetStanding(true, 900, 1), new AccessCommand.SetStanding(true, 900, 1));
        var (reporter, steps) = (user.Last.Steps[0], user.Last.Steps[1..]);
        Assert.Equal(["s2", "s3"], steps.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Stream.Id));
        user.When(Assert.IsAssignableFrom<UserCommand>(reporter.Then(Told("s1", 1))));
        user.When(Assert.IsAssignableFrom<UserCommand>(steps[0].Then(Told("s2", 1)))).Then(new UserEvent.SessionTold("s2", 1, true));
        Assert.Empty(user.Last.LateAnswers);
        user.When(Assert.IsAssignableFrom<UserCommand>(steps[1].Then(Told("s3", 1))))
            .ThenEvents(typeof(UserEvent.SessionTold), typeof(UserEvent.StandingAnnounced))
            .ThenAnsweredLate(Fifth, a => Assert.Equal(new Standing(true, 900, 5, 1), a.Reply));
    }

    [Fact]
    public void A_session_out_of_reach_delays_the_answer_only_once_and_is_told_again()
    {
        var user = Violated(Known().Live("s1", "s2"), 4).When(Violation(), Fifth);
        var second = user.Last.Steps[1];
        user.WhenStep(0, Lost).When(Assert.IsAssignableFrom<UserCommand>(second.Then(Lost)))
            .ThenAnsweredLate(Fifth, a => Assert.Equal(new Standing(true, 900, 5, 1), a.Reply));
        Assert.True(UserDecider.IsUnfinished(user.State));
        var again = UserDecider.Unfinished(user.State, user.Now.AddSeconds(100)).ToList();
        Assert.Equal(["s1", "s2"], again.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Stream.Id));
        Assert.All(again, s => Assert.Equal(new AccessCommand.SetStanding(true, 800, 1), Assert.IsType<StepTarget.Entity>(s.Target).Command));
        foreach (var step in again)
        {
            user.When(Assert.IsAssignableFrom<UserCommand>(step.Then(Told("s", 1))));
        }

        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void A_session_told_twice_is_told_once()
    {
        var user = Violated(Known().Live("s1", "s2"), 4).When(Violation(), Fifth);
        var told = Telling(user, "s2");
        user.When(told).When(told).Then();
    }

    [Fact]
    public void The_answer_to_the_fifth_comes_again_when_it_is_reported_again()
    {
        var user = Violated(Known().Live("s1", "s2"), 4).When(Violation(), Fifth).When(Violation(), Fifth).ThenLater().Then();
        AllTold(user).When(Violation(), Fifth).Then().ThenAnswered(new Standing(true, 900, 5, 1));
    }

    [Fact]
    public void A_session_that_closes_is_not_waited_for()
    {
        var user = Violated(Known().Live("s1", "s2"), 4).When(Violation(), Fifth);
        user.When(Telling(user, "s1"))
            .When(new UserCommand.CloseSession("s2"))
            .ThenEvents(typeof(UserEvent.SessionClosed), typeof(UserEvent.StandingAnnounced))
            .ThenAnsweredLate(Fifth, a => Assert.IsType<Standing>(a.Reply));
    }

    [Fact]
    public void A_suspension_ends_by_time_alone() => Violated(Known().Live("s1"), 5)
        .After(Limits.Suspension - TimeSpan.FromSeconds(1))
        .When(Open(budget: 1, vouched: true)).ThenRejected(Codes.SessionSuspended)
        .After(TimeSpan.FromSeconds(1))
        .When(Open(budget: 1, vouched: true)).ThenLater();

    [Fact]
    public void A_refusal_says_when_the_suspension_ends()
    {
        var refusal = Violated(Known().Live("s1"), 5).After(TimeSpan.FromMilliseconds(500)).When(Open(budget: 1, vouched: true)).Rejection();
        Assert.Equal("2026-03-01T12:15:00.000000Z", refusal.Fact("resume_at"));
        Assert.Equal(900, refusal.RetryAfterSeconds);
    }

    [Fact]
    public void The_second_suspension_within_a_day_lasts_until_an_operator_resumes()
    {
        var user = Violated(Suspended(Known().Live("s1")).After(TimeSpan.FromHours(23)), 5).ThenAnswered(new Standing(true, null, 5, 2));
        user.After(TimeSpan.FromDays(100)).When(Open(budget: 1, vouched: true)).ThenRejected(Codes.SessionSuspended);
        Assert.Null(user.Rejection().RetryAfterSeconds);
        user.When(new UserCommand.Resume(Agent, "talked to them")).ThenAnswered(new Standing(false, null, 0, 3))
            .When(Open(budget: 1, vouched: true)).ThenLater();
    }

    [Fact]
    public void A_suspension_more_than_a_day_after_the_last_is_a_first_one() =>
        Violated(Suspended(Known().Live("s1")).After(TimeSpan.FromHours(24)), 5).ThenStanding(new(true, 900, 5, 2));

    [Fact]
    public void Resuming_does_not_wash_off_that_there_was_a_suspension() =>
        Violated(Suspended(Known().Live("s1")).When(new UserCommand.Resume(Agent, "mistake")), 5).ThenStanding(new(true, null, 5, 3));

    [Fact]
    public void An_operators_suspension_is_told_to_every_session_and_is_no_anomaly()
    {
        var user = Known().Live("s1", "s2").When(new UserCommand.Suspend(Agent, "looks odd"), Fifth).ThenLater()
            .ThenSteps(new AccessCommand.SetStanding(true, null, 1), new AccessCommand.SetStanding(true, null, 1));
        Assert.Null(user.State.PairOf(Agent).AnomalyAt);
        user.When(Telling(user, "s1")).When(Telling(user, "s2"))
            .ThenAnsweredLate(Fifth, a => Assert.Equal(new Standing(true, null, 0, 1), a.Reply))
            .When(new UserCommand.Suspend(Agent, "again")).Then().ThenAnswered(new Standing(true, null, 0, 1));
    }

    [Fact]
    public void A_resumption_answers_a_suspension_that_still_waits()
    {
        var user = Known().Live("s1").When(new UserCommand.Suspend(Agent, "odd"), Fifth);
        var late = Telling(user, "s1");
        user.When(new UserCommand.Resume(Agent, "fine"), Command("resume")).ThenLater().ThenSteps(new AccessCommand.SetStanding(false, null, 2));
        user.WhenStep(0, Told("s1", 2))
            .ThenAnsweredLate(Fifth, a => Assert.Equal(new Standing(true, null, 0, 1), a.Reply))
            .ThenAnsweredLate(Command("resume"), a => Assert.Equal(new Standing(false, null, 0, 2), a.Reply))
            .When(late).Then();
    }

    [Fact]
    public void Resuming_who_is_not_suspended_changes_nothing() => Known().Live("s1").When(new UserCommand.Resume(Agent, "just so")).Then().ThenAnswered(new Standing(false, null, 0, 0));

    [Fact]
    public void A_violation_during_a_suspension_is_not_counted_for_the_next() => Violated(Known().Live("s1"), 5)
        .When(Violation("s9")).Then().ThenAnswered(new Standing(true, 900, 5, 1));

    [Fact]
    public void Violations_before_a_suspension_do_not_count_after_it() => Violated(Known().Live("s1"), 4)
        .When(new UserCommand.ReportViolation(Agent, "s1", 5, 60))
        .After(Limits.Suspension)
        .When(new UserCommand.ReportViolation(Agent, "s1", 5, 60))
        .ThenAnswered(new Standing(false, null, 1, 1));
}
