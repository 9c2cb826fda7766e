using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class OpeningTests
{
    private static readonly Guid Opening = Ids.Derive(UserTest.Start, Command("opening"), 0);
    private static readonly Scopes Narrow = new(["survey"], ["email"], ["text", "image"], []);

    private static SessionView View(string id) => new(id, Agent, "u1", Everything, new(0, 0, 0, 0), new(0, 0), UserTest.Start, UserTest.Start, null, false, null, []);

    [Fact]
    public void A_session_is_answered_when_it_has_begun()
    {
        var user = Granted().When(Open(), Opening).ThenLater();
        var terms = user.State.Sessions.Values.Single().Terms;
        user.Then(new UserEvent.SessionOpened(Opening, terms))
            .ThenSteps(new AccessCommand.Begin(Agent, "u1", Everything, 1_000_000, 3600))
            .WhenStep(0, Answered(View(terms.SessionId)))
            .Then(new UserEvent.SessionBegun(Opening, terms))
            .ThenAnsweredLate(Opening, a => Assert.Equal(terms, a.Reply));
        Assert.Equal(new Context(UserTest.Start, Opening).NewId(0).ToString("D"), terms.SessionId);
        Assert.Equal(UserTest.Start.AddHours(1), terms.ExpiresAt);
    }

    [Fact]
    public void The_same_opening_again_waits_for_the_same_session_and_then_is_answered_with_it()
    {
        var user = Granted().When(Open(), Opening);
        var begin = user.Last.Steps[0];
        user.When(Open(), Opening).ThenLater().Then();
        user.When(Assert.IsAssignableFrom<UserCommand>(begin.Then(Answered(View("s")))))
            .After(TimeSpan.FromSeconds(5))
            .When(Open(), Opening)
            .Then()
            .ThenAnswered<SessionOpened>(s => Assert.Equal(UserTest.Start, s.CreatedAt));
    }

    [Fact]
    public void A_session_that_was_not_reached_is_begun_again_with_what_is_left_of_it()
    {
        var user = Granted().When(Open(), Opening);
        Assert.Null(user.Last.Steps[0].Then(Lost));
        var again = Assert.Single(UserDecider.Unfinished(user.State, UserTest.Start.AddSeconds(40)));
        Assert.Equal(3560, Assert.IsType<AccessCommand.Begin>(Assert.IsType<StepTarget.Entity>(again.Target).Command).ExpiresInSeconds);
    }

    [Fact]
    public void A_session_that_begins_twice_is_begun_once()
    {
        var user = Granted().When(Open(), Opening);
        var begun = Assert.IsAssignableFrom<UserCommand>(user.Last.Steps[0].Then(Answered(View("s"))));
        user.When(begun).When(begun).Then();
    }

    [Fact]
    public void A_session_that_cannot_begin_is_refused_and_closed() => Granted()
        .When(Open(), Opening)
        .WhenStep(0, Refused(UserRejection.HoldTooLate))
        .ThenEvents(typeof(UserEvent.OpeningRefused))
        .ThenAnsweredLate(Opening, a => Assert.Equal(UserRejection.HoldTooLate, a.Rejection))
        .ThenState(s => Assert.Empty(s.Sessions));

    [Fact]
    public void A_suspension_that_overtakes_an_opening_refuses_it()
    {
        var user = Granted().When(Open(), Opening);
        var begun = Assert.IsAssignableFrom<UserCommand>(user.Last.Steps[0].Then(Answered(View("s"))));
        user.When(new UserCommand.Suspend(Agent, "looks odd"))
            .When(begun)
            .ThenEvents(typeof(UserEvent.OpeningRefused))
            .ThenAnsweredLate(Opening, a => Assert.Equal(Codes.SessionSuspended, a.Rejection?.Code));
    }

    [Fact]
    public void Closing_a_session_that_never_began_refuses_its_opener()
    {
        var user = Granted().When(Open(), Opening);
        user.When(new UserCommand.CloseSession(user.State.Sessions.Keys.Single()))
            .ThenEvents(typeof(UserEvent.OpeningRefused), typeof(UserEvent.SessionClosed))
            .ThenAnsweredLate(Opening, a => Assert.Equal(UserRejection.OpeningLost, a.Rejection));
    }

    [Fact]
    public void A_closed_session_is_closed_once() => Granted().Live("s1")
        .When(new UserCommand.CloseSession("s1"))
        .Then(new UserEvent.SessionClosed(Terms("s1", UserTest.Start)))
        .When(new UserCommand.CloseSession("s1"))
        .Then()
        .ThenAnswered(new SessionClosed("s1"));

    [Fact]
    public void A_platform_key_vouches_for_a_user_nobody_put() => Fresh()
        .When(Open(budget: 7, vouched: true))
        .ThenEvents(typeof(UserEvent.UserVouched), typeof(UserEvent.SessionOpened))
        .ThenState(s => Assert.True(s.Exists));

    [Fact]
    public void Without_a_grant_a_list_that_was_left_out_allows_nothing() => Known()
        .When(Open(new(["survey"], null, null, null), budget: 7, vouched: true))
        .ThenState(s => Assert.Equivalent(new Scopes(["survey"], [], [], []), s.Sessions.Values.Single().Terms.Scopes));

    [Theory]
    [InlineData("data_sharing", "preferences")]
    [InlineData("data_sharing", "*")]
    [InlineData(null, null)]
    public void Without_a_grant_and_without_consents_asked_for_data_of_the_allowed_types_may_be_shared_and_no_more(string? consent, string? dataType) => Known()
        .When(Open(new(["survey"], dataType is null ? [] : [dataType], null, null), budget: 7, vouched: true))
        .ThenState(s => Assert.Equal(consent is null ? [] : [consent], s.Sessions.Values.Single().Terms.Scopes.Consents));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_grant_or_a_request_that_says_less_gives_no_consent(bool granted)
    {
        var user = granted ? Granted(Grant(Everything with { Consents = [] })) : Known();
        user.When(Open(new(["*"], ["*"], ["*"], granted ? null : []), budget: 7, vouched: true)).ThenState(s => Assert.Empty(s.Sessions.Values.Single().Terms.Scopes.Consents));
    }

    [Fact]
    public void What_is_left_out_is_all_of_the_grant() => Granted(Grant(Narrow, budget: 9))
        .When(Open())
        .ThenState(s => Assert.Equal((Narrow.Categories, 9L), (s.Sessions.Values.Single().Terms.Scopes.Categories, s.Sessions.Values.Single().Terms.BudgetLimitMicros)));

    [Fact]
    public void A_session_may_ask_for_less_than_its_grant() => Granted(Grant(Narrow, budget: 9))
        .When(Open(new([], null, ["image"], []), budget: 4))
        .ThenState(s => Assert.Equivalent(new Scopes([], ["email"], ["image"], []), s.Sessions.Values.Single().Terms.Scopes));

    [Fact]
    public void A_star_in_the_grant_covers_every_request() => Granted().When(Open(new(["x"], ["y"], ["*"], ["z"]))).ThenLater();

    [Theory]
    [InlineData("allowed_task_types")]
    [InlineData("allowed_data_types")]
    [InlineData("allowed_categories")]
    [InlineData("allowed_consents")]
    [InlineData("allowed_payees")]
    [InlineData("allowed_peers")]
    public void A_list_beyond_the_grant_is_refused_by_name_for_the_platform_key_too(string list)
    {
        IReadOnlyList<string>? Beyond(string name) => name == list ? ["*"] : null;
        var requested = new RequestedScopes(Beyond("allowed_task_types"), Beyond("allowed_data_types"), Beyond("allowed_categories"), Beyond("allowed_consents"), Beyond("allowed_payees"), Beyond("allowed_peers"));
        foreach (var vouched in new[] { false, true })
        {
            var user = Granted(Grant(Narrow)).When(Open(requested, vouched: vouched)).ThenRejected(UserRejection.BeyondScope(list, "*"));
            Assert.Equal(list, user.Rejection().Fact("exceeded"));
        }
    }

    [Fact]
    public void A_session_ends_no_later_than_its_grant() => Granted(Grant(expires: UserTest.Start.AddMinutes(10)))
        .When(Open())
        .ThenSteps(new AccessCommand.Begin(Agent, "u1", Everything, 1_000_000, 600));

    [Fact]
    public void Sessions_that_ended_make_room_for_others() => Granted(Grant(sessions: 2)).Live("s1", "s2")
        .When(Open()).ThenRejected(UserRejection.TooManySessions(2))
        .When(new UserCommand.CloseSession("s1"))
        .When(Open()).ThenLater()
        .When(Open()).ThenRejected(Codes.GrantExceeded)
        .After(TimeSpan.FromHours(1))
        .When(Open()).ThenLater()
        .ThenState(s => Assert.DoesNotContain("s2", s.Sessions.Keys));

    /// <summary>Tokens that were lost would lock the agent out until their sessions expire.</summary>
    [Fact]
    public void At_the_most_live_sessions_the_oldest_ends_for_a_new_one_and_what_is_below_it_where_that_is_asked_for()
    {
        var user = Granted(Grant(sessions: 2)).Live("s2").After(TimeSpan.FromMinutes(1)).Live("s1").Below("s2", 1);
        user.When(Open() with { EndOldest = true }, Opening).ThenEvents(typeof(UserEvent.SessionsReplaced), typeof(UserEvent.SessionOpened)).ThenLater();
        Assert.Equal(
            [("s2", EndReasons.Replaced), ("s2-0", EndReasons.Replaced)],
            user.Last.Steps.Skip(1).Select(s => Assert.IsType<StepTarget.Entity>(s.Target)).Select(t => (t.Stream.Id, Assert.IsType<AccessCommand.SetStanding>(t.Command).Ended!)).Order());
        Assert.All(user.State.Sessions.Values.Where(s => s.Terms.SessionId is not ("s2" or "s2-0")), s => Assert.Null(s.Ended));

        var begin = Assert.IsType<AccessCommand.Begin>(Assert.IsType<StepTarget.Entity>(user.Last.Steps[0].Target).Command);
        Assert.Equal(user.State.PairOf(Agent).Revision, begin.Revision);

        user.When(Open()).ThenRejected(UserRejection.TooManySessions(2));
        user.When(new UserCommand.CloseSession("s2")).ThenState(s => Assert.DoesNotContain("s2", s.Sessions.Keys));
    }

    [Fact]
    public void Below_the_most_live_sessions_none_is_ended() => Granted(Grant(sessions: 2)).Live("s1")
        .When(Open() with { EndOldest = true }).ThenEvents(typeof(UserEvent.SessionOpened));

    [Fact]
    public void A_maximum_that_was_lowered_ends_as_many_as_there_are_too_many()
    {
        var user = Granted(Grant(sessions: 1)).Live("s1", "s2", "s3");
        user.When(Open() with { EndOldest = true });
        Assert.Equal(["s1", "s2", "s3"], Assert.IsType<UserEvent.SessionsReplaced>(user.Last.Events[0]).Sessions);
    }

    [Fact]
    public void Live_sessions_are_counted_by_agent() => Granted(Grant(sessions: 1)).Live("s1")
        .Given(new UserEvent.GrantPut("a2", Grant(sessions: 1)))
        .When(Open(agent: "a2"))
        .ThenLater();
}
