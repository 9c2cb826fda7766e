using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Sub-sessions at their user: under whose grant they spend, and whose suspension reaches them.</summary>
public sealed class DelegationTests
{
    private static readonly PathNode Root = new("s1", Agent);

    [Fact]
    public void A_sub_session_is_opened_for_an_agent_without_a_grant_and_begins_with_its_path()
    {
        var user = Granted().Live("s1").When(OpenBelow("c1", "s1")).ThenEvents(typeof(UserEvent.SessionOpened)).ThenLater();
        var begin = Assert.IsType<AccessCommand.Begin>(((StepTarget.Entity)user.Last.Steps[0].Target).Command);
        Assert.Equal([Root], begin.Path);
        user.WhenStep(0, Answered("begun")).ThenEvents(typeof(UserEvent.SessionBegun));
        user.When(OpenBelow("c1", "s1")).Then().ThenAnswered<SessionOpened>(opened => Assert.Equal((2, "s1"), (opened.Depth, opened.ParentSessionId)));
    }

    [Fact]
    public void It_outlives_neither_its_parent_nor_the_grant_under_which_it_spends()
    {
        var user = Granted(Grant(expires: UserTest.Start.AddMinutes(90))).Live("s1").After(TimeSpan.FromMinutes(30));
        user.When(OpenBelow("c1", "s1"));
        Assert.Equal(UserTest.Start.AddHours(1), user.State.Sessions["c1"].Terms.ExpiresAt);
        user.When(new UserCommand.PutGrant(Agent, Grant(expires: UserTest.Start.AddMinutes(40)))).When(OpenBelow("c2", "s1"));
        Assert.Equal(UserTest.Start.AddMinutes(40), user.State.Sessions["c2"].Terms.ExpiresAt);
        user.After(TimeSpan.FromMinutes(10)).When(OpenBelow("c3", "s1")).ThenRejected(UserRejection.GrantExpired);
    }

    [Fact]
    public void Sub_sessions_do_not_count_against_what_auth_may_open() =>
        Granted(Grant(sessions: 2)).Live("s1").Below("s1", 5).When(Open()).ThenEvents(typeof(UserEvent.SessionOpened)).When(Open()).ThenRejected(UserRejection.TooManySessions(2));

    [Fact]
    public void One_agent_that_delegates_all_it_may_leaves_the_users_other_agents_theirs()
    {
        var user = Granted().Live("s1").Below("s1", Limits.LiveDelegationsOfAgent - 1).Given(new UserEvent.SessionOpened(Command("s2"), Terms("s2", UserTest.Start, "a3")));
        user.When(OpenBelow("c1", "s1-0", "a4", 60, Root)).ThenEvents(typeof(UserEvent.SessionOpened));
        user.When(OpenBelow("c2", "s1")).ThenRejected(UserRejection.TooManyDelegationsOfAgent);
        user.When(OpenBelow("c2", "s1-0", "a4", 3600, Root)).ThenRejected(UserRejection.TooManyDelegationsOfAgent);
        user.When(OpenBelow("c3", "s2") with { Path = [new("s2", "a3")] }).ThenEvents(typeof(UserEvent.SessionOpened));
        user.After(TimeSpan.FromSeconds(60)).When(OpenBelow("c4", "s1")).ThenEvents(typeof(UserEvent.SessionOpened));
    }

    [Fact]
    public void A_suspended_agent_on_the_path_or_at_its_end_is_delegated_nothing()
    {
        Granted().Live("s1").When(new UserCommand.Suspend("a2", "odd")).When(OpenBelow("c1", "s1")).ThenRejected(Codes.SessionSuspended);
        var user = Granted().Live("s1").Below("s1", 1);
        user.When(new UserCommand.Suspend(Agent, "odd")).When(OpenBelow("c1", "s1-0", "a3", 60, Root)).ThenRejected(Codes.SessionSuspended);
    }

    [Fact]
    public void A_suspension_that_overtakes_the_opening_refuses_it()
    {
        var user = Granted().Live("s1").When(OpenBelow("c1", "s1"));
        var begin = user.Last.Steps[0];
        user.When(new UserCommand.Suspend(Agent, "odd")).When((UserCommand)begin.Then(Answered("begun"))!).ThenEvents(typeof(UserEvent.OpeningRefused));
    }

    [Fact]
    public void Suspending_an_agent_is_told_to_its_sessions_and_to_those_below()
    {
        var user = Granted().Live("s1").Below("s1", 1).When(new UserCommand.Suspend(Agent, "odd")).ThenLater();
        Assert.Equal(["s1", "s1-0"], user.Last.Steps.Select(s => ((StepTarget.Entity)s.Target).Stream.Id));
        user.ThenSteps(new AccessCommand.SetStanding(true, null, 1), new AccessCommand.SetStanding(true, null, 1));
    }

    [Fact]
    public void A_sub_session_stands_as_the_worst_on_its_path_until_all_are_resumed()
    {
        var user = Granted().Live("s1").Below("s1", 1);
        Told(user.When(new UserCommand.Suspend(Agent, "odd")));
        user.When(new UserCommand.Suspend("a2", "odd too")).ThenSteps(new AccessCommand.SetStanding(true, null, 2));
        Told(user);
        user.When(new UserCommand.Resume(Agent, "fine")).ThenSteps(new AccessCommand.SetStanding(false, null, 2), new AccessCommand.SetStanding(true, null, 3));
        Told(user);
        user.When(new UserCommand.Resume("a2", "fine")).ThenSteps(new AccessCommand.SetStanding(false, null, 4));
        Told(user);
        Assert.Empty(user.State.Announcements);
        Assert.Empty(user.State.Unheard);
    }

    [Fact]
    public void A_change_is_answered_only_when_the_sub_session_has_heard_the_newest()
    {
        var user = Granted().Live("s1").Below("s1", 1);
        Told(user.When(new UserCommand.Suspend("a2", "first")));
        Told(user.When(new UserCommand.Resume("a2", "again")));
        var asked = user.NextId();
        user.When(new UserCommand.Suspend("a2", "second"), asked);
        var first = user.Last.Steps[0];
        user.When(new UserCommand.Suspend(Agent, "above"));
        var newest = user.Last.Steps.Single(s => ((StepTarget.Entity)s.Target).Stream.Id == "s1-0");
        user.When((UserCommand)first.Then(Answered("told"))!);
        Assert.DoesNotContain(user.Last.LateAnswers, s => s.CommandId == asked);
        user.When((UserCommand)newest.Then(Answered("told"))!).ThenAnsweredLate(asked, answer => Assert.Null(answer.Rejection));
    }

    [Fact]
    public void A_run_below_is_held_on_the_grant_of_the_roots_agent()
    {
        var user = Granted(Grant(total: 100)).Did("c1");
        user.When(user.Reserve(60, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { AgentId = "a3", Above = [Agent, "a2"] })).ThenAnswered<UserReserved>(r => Assert.Equal(40, r.RemainingMicros));
        Assert.Equal(60, user.State.Accounts[AccountKeys.Grant(Agent)].Held);
        user.When(user.Reserve(41, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { AgentId = "a3", Above = [Agent, "a2"] })).ThenRejected(UserRejection.OverLimit("grant_total", 40, Agent, 41));
    }

    [Fact]
    public void A_run_below_a_suspended_agent_is_refused()
    {
        var user = Granted().Did("c1").When(new UserCommand.Suspend("a2", "odd"));
        user.When(user.Reserve(1, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { AgentId = "a3", Above = [Agent, "a2"] })).ThenRejected(Codes.SessionSuspended);
    }

    [Fact]
    public void What_is_attempted_out_of_scope_below_counts_against_the_agent_at_the_root_and_blames_nobody_else()
    {
        var user = Granted().Live("s1").Below("s1", 2);
        user.When(new UserCommand.ReportViolation("a2", "s1-0", 2, 5)).ThenAnswered<Standing>(standing => Assert.Equal(1, standing.Violations));
        user.When(new UserCommand.ReportViolation("a2", "s1-1", 2, 5)).ThenEvents(typeof(UserEvent.PairSuspended));
        Assert.Equal([Agent], user.State.Pairs.Keys);
        Assert.True(user.State.PairOf(Agent).IsSuspended(user.Now));
    }

    [Fact]
    public void What_is_in_scope_below_ends_the_row_of_the_agent_at_the_root()
    {
        var user = Granted().Live("s1").Below("s1", 1).Did("c1");
        user.When(new UserCommand.ReportViolation("a2", "s1-0", 5, 5));
        user.When(user.Reserve(1, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { AgentId = "a2", Above = [Agent] }) with { Owner = "default/session/s1-0" });
        Assert.Empty(user.State.PairOf(Agent).InRow);
    }

    [Fact]
    public void A_task_below_a_suspended_agent_is_refused()
    {
        var user = Granted().Live("s1").Below("s1", 1).When(new UserCommand.Suspend(Agent, "odd"));
        user.When(user.Complete("c1", "s1-0") with { AgentId = "a2" }).ThenRejected(Codes.SessionSuspended);
    }

    [Fact]
    public void What_is_left_is_the_least_of_the_limits_that_exist_and_is_not_said_where_none_does()
    {
        var user = Profiled(100, 80).Given(new UserEvent.GrantPut(Agent, Grant(total: 90))).Did("c1");
        user.When(user.Reserve(10, Sponsor("c1"))).ThenAnswered<UserReserved>(r => Assert.Equal(70, r.RemainingMicros));
        user.When(new UserCommand.GetSponsorship(Agent)).ThenAnswered<Sponsorship>(s => Assert.Equal(70, s.RemainingMicros));
        var free = Known().Did("c1");
        free.When(free.Reserve(10, Sponsor("c1"))).ThenAnswered<UserReserved>(r => Assert.Null(r.RemainingMicros));
    }

    private static void Told(UserTest user)
    {
        foreach (var step in user.Last.Steps)
        {
            user.When((UserCommand)step.Then(Answered("told"))!);
        }
    }
}
