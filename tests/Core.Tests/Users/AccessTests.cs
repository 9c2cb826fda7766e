using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>What is taken from agents while their sessions live: this stream refuses at once, and answers when every session that it concerns was told.</summary>
public sealed class AccessTests
{
    private static readonly Guid Change = Command("change");
    private static readonly Scopes Texts = new(["*"], ["*"], ["text"], ["*"]);

    private static AccessCommand.SetStanding Told(UserTest user, int step = 0) =>
        Assert.IsType<AccessCommand.SetStanding>(Assert.IsType<StepTarget.Entity>(user.Last.Steps[step].Target).Command);

    private static UserTest Hears(UserTest user, int step = 0) => user.WhenStep(step, Answered(new StandingTaken("s", Told(user, step).Revision)));

    private static (long Generation, DateTimeOffset? Until) Links(UserState user) => (user.LinkGeneration, user.LinksUntil);

    private static UserState Reloaded(UserState user) => UserEntity.Entity.Snapshots.Restore(UserEntity.Entity.Snapshots.Save(user));

    private static UserTest Opened(UserTest user, string id, string? key, string agent = Agent)
    {
        var terms = Terms(id, user.Now, agent) with { KeyId = key };
        return user.Given(new UserEvent.SessionOpened(Command(id), terms), new UserEvent.SessionBegun(Command(id), terms));
    }

    [Fact]
    public void A_narrower_grant_is_told_to_its_sessions_and_those_below_before_it_is_answered()
    {
        var grant = Grant(Texts, budget: 400, expires: UserTest.Start.AddMinutes(10));
        var user = Granted().Live("s1").Below("s1", 1).When(new UserCommand.PutGrant(Agent, grant), Change).ThenLater();
        Assert.Equal(["s1", "s1-0"], user.Last.Steps.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Stream.Id));
        var today = Told(user).Terms!;
        Assert.Equal(["text"], today.Scopes.Categories);
        Assert.Equal((400, 600), (today.BudgetLimitMicros, today.ExpiresInSeconds));
        Assert.Equal(("text", 400), (Assert.Single(Told(user, 1).Terms!.Scopes.Categories), Told(user, 1).Terms!.BudgetLimitMicros));
        var steps = user.Last.Steps;
        user.When((UserCommand)steps[0].Then(Answered(new StandingTaken("s1", 1)))!);
        Assert.Empty(user.Last.LateAnswers);
        user.When((UserCommand)steps[1].Then(Answered(new StandingTaken("s1-0", 1)))!).ThenAnsweredLate(Change, a => Assert.Equal(new GrantView(Agent, grant), a.Reply));
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void A_session_that_has_not_heard_of_a_narrower_grant_gets_nothing_until_it_has()
    {
        var user = Granted().Live("s1").Did("c1").When(new UserCommand.PutGrant(Agent, Grant(Texts)), Change);
        var tell = user.Last.Steps[0];
        user.When(user.Reserve(5, Sponsor("c1"))).ThenRejected(UserRejection.Behind)
            .When(user.Complete("c2")).ThenRejected(UserRejection.Behind)
            .When((UserCommand)tell.Then(Answered(new StandingTaken("s1", 1)))!)
            .When(user.Reserve(5, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    /// <summary>Without its grant nothing is left that would hold it: no total, no threshold of approval.</summary>
    [Fact]
    public void What_a_session_asked_for_before_it_was_over_and_arrives_after_it_gets_nothing()
    {
        var user = Granted(Grant() with { ApprovalAboveMicros = 1, TotalLimitMicros = 5 }).Did("c1");
        var (run, task) = (user.Reserve(5, Sponsor("c1")), user.Complete("c2"));
        var claim = user.Claim("c3") with { SessionId = "s1" };
        user.When(new UserCommand.EndGrant(Agent), Change).WhenStep(0, Answered(new StandingTaken("s1", Told(user).Revision))).When(new UserCommand.CloseSession("s1"));

        Assert.All(new UserCommand[] { run, task, claim }, late => user.When(late).ThenRejected(UserRejection.SessionOver).Then());
    }

    [Fact]
    public void A_grant_that_takes_nothing_from_a_session_tells_nobody() =>
        Granted(Grant(Texts)).Given().When(new UserCommand.PutGrant(Agent, Grant(budget: 2_000_000))).ThenEvents(typeof(UserEvent.GrantPut)).ThenSteps();

    [Fact]
    public void A_grant_widened_again_gives_back_what_the_session_was_opened_with_and_no_more()
    {
        var user = Granted().Live("s1").When(new UserCommand.PutGrant(Agent, Grant(Texts, budget: 400)), Change);
        Hears(user).When(new UserCommand.PutGrant(Agent, Grant(budget: 9_000_000)), Command("widened")).ThenLater();
        var today = Told(user).Terms!;
        Assert.Equal(("*", 1_000_000, (int?)null), (Assert.Single(today.Scopes.Categories), today.BudgetLimitMicros, today.ExpiresInSeconds));
    }

    [Fact]
    public void A_grant_that_names_no_payees_and_no_peers_takes_them_from_its_sessions_and_those_it_still_names_stay()
    {
        static Scopes Paying(params string[] payees) => Everything with { Payees = payees, Peers = payees };
        var terms = Terms("s1", UserTest.Start) with { Scopes = Paying("agent:shop", "agent:other") };
        var user = Granted(Grant(terms.Scopes)).Given(new UserEvent.SessionOpened(Command("s1"), terms), new UserEvent.SessionBegun(Command("s1"), terms));
        user.When(new UserCommand.PutGrant(Agent, Grant(Paying("agent:shop"))), Change).ThenLater();
        Assert.Equal(["agent:shop"], Told(user).Terms!.Scopes.Payees);
        Assert.Equal(["agent:shop"], Told(user).Terms!.Scopes.Peers);
        Hears(user).When(new UserCommand.PutGrant(Agent, Grant(Everything)), Command("none")).ThenLater();
        Assert.Empty(Told(user).Terms!.Scopes.Payees!);
        Assert.Empty(Told(user).Terms!.Scopes.Peers!);
    }

    [Fact]
    public void A_session_without_a_grant_is_narrowed_by_the_one_that_is_put()
    {
        var user = Known().Live("s1").When(new UserCommand.PutGrant(Agent, Grant(Texts)), Change).ThenLater();
        Assert.Equal(["text"], Told(user).Terms!.Scopes.Categories);
    }

    [Fact]
    public void A_run_under_a_grant_that_has_expired_is_refused_session_expired()
    {
        var user = Granted().Live("s1").Did("c1").When(new UserCommand.PutGrant(Agent, Grant(expires: UserTest.Start)), Change);
        Assert.Equal(0, Told(user).Terms!.ExpiresInSeconds);
        user.When(user.Reserve(5, Sponsor("c1"))).ThenRejected(Codes.SessionExpired);
    }

    [Fact]
    public void An_opening_that_a_narrower_grant_overtakes_is_refused()
    {
        var user = Granted().When(Open(), Command("open"));
        var begin = user.Last.Steps[0];
        user.When(new UserCommand.PutGrant(Agent, Grant(Texts)), Change)
            .When((UserCommand)begin.Then(Answered("begun"))!).ThenAnsweredLate(Command("open"), a => Assert.Equal(UserRejection.OpeningLost, a.Rejection));
        Assert.Empty(user.State.Sessions);
    }

    [Fact]
    public void A_sub_session_decided_before_a_grant_was_narrowed_is_opened_within_it()
    {
        var user = Granted().Live("s1").When(new UserCommand.PutGrant(Agent, Grant(Texts)), Change);
        Hears(user).When(OpenBelow("c1", "s1")).ThenLater();
        Assert.Equal(["text"], Assert.IsType<UserEvent.SessionOpened>(Assert.Single(user.Last.Events)).Session.Scopes.Categories);
    }

    [Fact]
    public void Ending_a_grant_ends_its_sessions_and_those_below_and_no_others()
    {
        var user = Granted().Live("s1").Below("s1", 1);
        Opened(user, "s2", null, "a9").When(new UserCommand.EndGrant(Agent), Change).ThenLater();
        Assert.Equal(["s1", "s1-0"], user.Last.Steps.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Stream.Id));
        Assert.Equal(EndReasons.GrantEnded, Told(user).Ended);
        var ended = user.Last.Steps;
        user.When(user.Reserve(5)).ThenRejected(AccessRejection.Revoked);
        user.When((UserCommand)ended[0].Then(Answered(new StandingTaken("s1", 1)))!).When((UserCommand)ended[1].Then(Lost)!)
            .ThenAnsweredLate(Change, a => Assert.Equal(new GrantEnded(Agent, UserTest.Start), a.Reply))
            .When(new UserCommand.CloseSession("s1")).When(new UserCommand.CloseSession("s1-0"));
        Assert.Equal(["s2"], user.State.Sessions.Keys);
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    /// <summary>Its answer says that it was told; that it has ended says only its own report. Without a grant nothing else would bind it.</summary>
    [Fact]
    public void A_session_whose_grant_was_ended_gets_nothing_though_it_was_told_and_is_told_again_until_it_has_closed_SessionRevoked()
    {
        var user = Granted().Live("s1").Did("c1").When(new UserCommand.EndGrant(Agent), Change);
        Hears(user).ThenAnsweredLate(Change, a => Assert.Equal(new GrantEnded(Agent, UserTest.Start), a.Reply))
            .When(user.Reserve(5, Sponsor("c1"))).ThenRejected(AccessRejection.Revoked);
        Assert.Equal("s1", Assert.IsType<StepTarget.Entity>(Assert.Single(UserDecider.Unfinished(user.State, user.Now)).Target).Stream.Id);
        user.When(new UserCommand.CloseSession("s1"));
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void What_a_grant_has_spent_counts_on_when_it_is_ended_and_put_again()
    {
        var user = Granted(Grant(total: 100)).Did("c1");
        var hold = user.NextId();
        user.When(user.ReserveAs(hold, 80, Sponsor("c1"))).When(new NodeCommand.Post(hold, 80))
            .When(new UserCommand.CloseSession("s1")).When(new UserCommand.EndGrant(Agent)).ThenAnswered(new GrantEnded(Agent, UserTest.Start))
            .When(new UserCommand.PutGrant(Agent, Grant(total: 100)))
            .When(user.Reserve(21, Sponsor("c1"))).ThenRejected(Codes.BudgetExceeded);
    }

    [Fact]
    public void A_revoked_key_ends_what_it_opened_and_what_may_be_its()
    {
        var user = Granted();
        Opened(user, "its-own", "k1");
        Opened(user, "anothers", "k2");
        Opened(user, "old", null);
        Opened(user, "vouched", Openers.Platform);
        Opened(user, "elsewhere", "k1", "a9").When(new UserCommand.EndKey(Agent, "k1"), Change).ThenLater();
        Assert.Equal(["its-own", "old"], user.Last.Steps.Select(s => Assert.IsType<StepTarget.Entity>(s.Target).Stream.Id));
        Assert.Equal(EndReasons.KeyRevoked, Told(user).Ended);
    }

    [Fact]
    public void A_session_that_a_key_was_opening_when_it_was_revoked_does_not_begin()
    {
        var user = Granted().When(Open() with { KeyId = "k1" }, Command("open"));
        var begin = user.Last.Steps[0];
        user.When(new UserCommand.EndKey(Agent, "k1"), Change).ThenEvents(typeof(UserEvent.KeyEnded)).ThenAnswered(Nothing.Value)
            .When((UserCommand)begin.Then(Answered("begun"))!).ThenAnsweredLate(Command("open"), a => Assert.Equal(UserRejection.OpeningLost, a.Rejection));
        Assert.Empty(user.State.Sessions);
    }

    [Fact]
    public void A_session_knows_the_key_that_opened_it_and_the_one_below_its_roots()
    {
        var user = Granted().When(Open() with { KeyId = "k1" });
        var begin = Assert.IsType<AccessCommand.Begin>(Assert.IsType<StepTarget.Entity>(user.Last.Steps[0].Target).Command);
        Assert.Equal(("k1", 0), (begin.KeyId, begin.Revision));
        var root = user.State.Sessions.Keys.Single();
        user.WhenStep(0, Answered("begun")).When(OpenBelow("c1", root));
        Assert.Equal("k1", Assert.IsType<UserEvent.SessionOpened>(Assert.Single(user.Last.Events)).Session.KeyId);
    }

    [Fact]
    public void Ending_a_key_that_opened_nothing_here_changes_nothing() =>
        Granted().When(new UserCommand.EndKey(Agent, "k1")).Then().ThenAnswered(Nothing.Value);

    [Fact]
    public void Erasing_a_user_ends_every_session_before_it_is_answered()
    {
        var user = Granted().Live("s1", "s2").Did("c1").When(new UserCommand.EraseData(), Change).ThenLater();
        Assert.Equal((EndReasons.UserErased, EndReasons.UserErased), (Told(user).Ended, Told(user, 1).Ended));
        user.When(user.Reserve(5, Sponsor("c1"))).ThenRejected(AccessRejection.Revoked)
            .When(Open(vouched: true)).ThenRejected(UserRejection.NobodyActs)
            .When(OpenBelow("c1", "s1")).ThenRejected(UserRejection.ParentEnded);
    }

    [Fact]
    public void A_paused_users_agents_do_nothing_until_the_user_is_resumed()
    {
        var user = Granted().Live("s1").Did("c1").When(new UserCommand.Pause("asked for it"), Change).ThenLater();
        Assert.True(Told(user).Suspended);
        Hears(user).ThenAnsweredLate(Change, a => Assert.Equal(new UserStanding("u1", true), a.Reply));
        user.When(user.Reserve(5, Sponsor("c1"))).ThenRejected(UserRejection.Paused)
            .When(user.Complete("c2")).ThenRejected(UserRejection.Paused)
            .When(Open()).ThenRejected(UserRejection.Paused)
            .When(OpenBelow("c1", "s1")).ThenRejected(UserRejection.Paused)
            .When(new UserCommand.Pause("again")).Then().ThenAnswered(new UserStanding("u1", true))
            .When(new UserCommand.Unpause("back"), Command("back")).ThenLater();
        Assert.Equal((false, 2L), (Told(user).Suspended, Told(user).Revision));
        Hears(user).ThenAnsweredLate(Command("back"), a => Assert.Equal(new UserStanding("u1", false), a.Reply))
            .When(user.Reserve(5, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void Links_are_of_a_generation_and_whoever_ends_them_begins_the_next()
    {
        var user = Granted().When(new UserCommand.MakeLink(60)).ThenAnswered(new UserLinked("u1", 0, UserTest.Start.AddSeconds(60)))
            .When(new UserCommand.MakeLink(30)).ThenAnswered(new UserLinked("u1", 0, UserTest.Start.AddSeconds(30)));
        Assert.Equal((0L, UserTest.Start.AddSeconds(60)), Links(user.State));

        user.After(TimeSpan.FromSeconds(5)).When(new UserCommand.EndLinks()).ThenAnswered(new UserLinksEnded("u1", UserTest.Start.AddSeconds(5)));
        Assert.Equal((1L, null), Links(user.State));
        Assert.Equal((1L, null), Links(Reloaded(user.State)));

        user.When(new UserCommand.MakeLink(60)).ThenAnswered(new UserLinked("u1", 1, UserTest.Start.AddSeconds(65)));
        Assert.Equal((1L, UserTest.Start.AddSeconds(65)), Links(Reloaded(user.State)));
    }

    [Fact]
    public void Links_that_were_ended_stay_so_when_the_users_data_is_erased() =>
        Assert.Equal(1, Granted().When(new UserCommand.EndLinks()).When(new UserCommand.EraseData()).State.LinkGeneration);

    [Fact]
    public void A_pair_that_is_suspended_stays_so_when_the_user_is_resumed()
    {
        var user = Granted().Live("s1").When(new UserCommand.Suspend(Agent, "odd"));
        Hears(user).When(new UserCommand.Pause("asked for it"));
        Hears(user).When(new UserCommand.Unpause("back"));
        Assert.True(Told(user).Suspended);
    }

    [Fact]
    public void Whoever_resumes_a_stopped_agent_is_told_that_it_stays_suspended_and_told_so_again() =>
        Granted().When(new UserCommand.Suspend(Agent, "odd")).When(new UserCommand.SetAgentStanding(Agent, true, 5), Change)
            .When(new UserCommand.Resume(Agent, "fine")).ThenAnswered(new Standing(true, null, 0, 3));

    [Fact]
    public void A_stopped_agent_does_nothing_here_until_a_later_word_of_its_own_stream()
    {
        var user = Granted().Live("s1").Did("c1").When(new UserCommand.SetAgentStanding(Agent, true, 5), Change).ThenLater();
        Assert.True(Told(user).Suspended);
        Hears(user).When(user.Reserve(5, Sponsor("c1"))).ThenRejected(UserRejection.Stopped)
            .When(new UserCommand.SetAgentStanding(Agent, false, 4)).Then()
            .When(Open()).ThenRejected(UserRejection.Stopped)
            .When(new UserCommand.Resume(Agent, "fine")).Then().ThenAnswered(new Standing(true, null, 0, 1))
            .When(new UserCommand.SetAgentStanding(Agent, false, 6)).ThenLater();
        Hears(user).When(user.Reserve(5, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void Whoever_opens_a_session_brings_the_word_that_its_agent_was_started_again() => Granted().When(new UserCommand.SetAgentStanding(Agent, true, 5))
        .When(Open() with { AgentRevision = 5 }).ThenRejected(UserRejection.Stopped)
        .When(Open() with { AgentRevision = 6 }).ThenEvents(typeof(UserEvent.AgentStandingTaken), typeof(UserEvent.SessionOpened));

    [Fact]
    public void A_session_that_was_told_of_an_older_change_is_told_of_the_newest_at_once()
    {
        var user = Granted().Live("s1").When(new UserCommand.Suspend(Agent, "odd"), Command("first"));
        var first = user.Last.Steps[0];
        user.When(new UserCommand.Pause("asked for it"), Change).When((UserCommand)first.Then(Answered(new StandingTaken("s1", 1)))!).Then();
        Assert.Equal(2, Told(user).Revision);
        Hears(user).ThenAnsweredLate(Command("first"), a => Assert.Equal(new Standing(true, null, 0, 1), a.Reply)).ThenAnsweredLate(Change, a => Assert.Equal(new UserStanding("u1", true), a.Reply));
    }
}
