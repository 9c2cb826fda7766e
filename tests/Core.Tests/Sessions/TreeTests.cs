using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>Delegating, and what ends with what.</summary>
public sealed class TreeTests
{
    [Fact]
    public void What_is_left_out_is_the_parents_and_nothing_is_reserved()
    {
        var session = Begun(new(["survey"], [], ["text"], [])).When(ToAgent());
        var open = session.ThenBudget(0, 0).Command<UserCommand.OpenDelegated>();
        Assert.Equal(("a2", Limit, 3_600), (open.AgentId, open.BudgetLimitMicros, open.ExpiresInSeconds));
        Assert.Equal(["survey", "text"], [.. open.Scopes.TaskTypes, .. open.Scopes.DataTypes, .. open.Scopes.Categories, .. open.Scopes.Consents]);
        Assert.Equal([new PathNode("s1", "a1")], open.Path);
        Assert.EndsWith(".s1", open.SessionId, StringComparison.Ordinal);
    }

    [Fact]
    public void The_path_and_the_root_in_the_id_are_passed_on()
    {
        var open = Below(Root, Middle).When(ToAgent()).Command<UserCommand.OpenDelegated>();
        Assert.Equal([Root, Middle, new("s1", "a1")], open.Path);
        Assert.Equal(Root.SessionId, SessionIds.RootOf(open.SessionId));
        Assert.Null(SessionIds.RootOf(Root.SessionId));
    }

    [Fact]
    public void A_limit_equal_to_the_parents_is_accepted_and_so_is_its_last_second() =>
        Begun().After(TimeSpan.FromSeconds(10.5)).When(ToAgent(budget: Limit, seconds: 3_589)).ThenEvents(typeof(SessionEvent.Delegated))
            .When(ToAgent("a3", seconds: 3_590)).ThenRefused(Codes.GrantExceeded);

    [Fact]
    public void A_suspended_revoked_or_expired_session_refuses_as_it_refuses_everything()
    {
        Begun().When(new AccessCommand.SetStanding(true, 60, 1)).When(ToAgent()).ThenRefused(Codes.SessionSuspended);
        Begun().When(new SessionCommand.Revoke(Request())).When(ToAgent()).ThenRefused(Codes.SessionRevoked);
        Begun().After(TimeSpan.FromHours(1)).When(ToAgent()).ThenRefused(Codes.SessionExpired);
    }

    [Fact]
    public void The_users_refusal_is_the_answer_and_leaves_no_child()
    {
        var session = Begun();
        var command = session.NextId();
        session.When(ToAgent(), command).WhenStep(0, Refused(UserRejection.GrantExpired)).ThenEvents(typeof(SessionEvent.DelegationRefused))
            .ThenAnsweredLate(command, answer => Assert.Equal(Codes.GrantExceeded, answer.Rejection?.Code));
        Assert.Empty(session.State.Children);
    }

    [Fact]
    public void An_opening_that_is_not_answered_is_asked_again_under_the_same_id()
    {
        var session = Begun().When(ToAgent());
        var (open, child) = (session.Last.Steps[0], session.State.Children.Keys.Single());
        Assert.Null(open.Then(Lost));
        Assert.Null(open.Then(Refused(UserRejection.OpeningUndecided)));
        var again = Assert.IsType<StepTarget.Entity>(SessionDecider.Unfinished(session.State, session.Now).Single().Target);
        Assert.Equal(child, Assert.IsType<UserCommand.OpenDelegated>(again.Command).SessionId);
    }

    [Fact]
    public void Expired_children_make_room_when_the_next_is_opened()
    {
        var session = Begun();
        for (var i = 0; i < Limits.LiveChildren; i++)
        {
            session.Delegated(out _, seconds: 60);
        }

        session.After(TimeSpan.FromSeconds(60) - TimeSpan.FromTicks(10)).When(ToAgent()).ThenRefused(Codes.GrantExceeded);
        session.After(TimeSpan.FromTicks(10)).Delegated(out var child);
        Assert.Equal([child], session.State.Children.Keys);
    }

    [Fact]
    public void Ending_a_session_tells_its_children_its_parent_and_the_user()
    {
        var session = Below(Root).Delegated(out var child).When(new SessionCommand.Revoke(Request()));
        session.ThenSteps(new UserCommand.CloseSession("s1", session.Now), new SessionCommand.EndAbove("s1"), new SessionCommand.CloseChild("s1"));
        Assert.Equal([StreamId.User("u1"), StreamId.Session(child), StreamId.Session(Root.SessionId)], session.Last.Steps.Select(s => ((StepTarget.Entity)s.Target).Stream));
        var told = session.Last.Steps.Select(s => s.Then(Answered(Nothing.Value))).Cast<LeafCommand>().ToList();
        Assert.All(told, command => session.When(command));
        Assert.False(SessionDecider.IsUnfinished(session.State));
    }

    [Fact]
    public void A_session_that_ended_with_one_above_tells_those_below_which_it_was()
    {
        var session = Below(Root, Middle).Delegated(out _).When(new SessionCommand.EndAbove(Root.SessionId)).ThenEvents(typeof(SessionEvent.EndedAbove));
        session.ThenSteps(new UserCommand.CloseSession("s1", session.Now), new SessionCommand.EndAbove(Root.SessionId));
        session.When(Read()).ThenRefused(Codes.SessionRevoked);
        Assert.Contains(Root.SessionId, Assert.Single(session.Rejection().Facts!).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_that_begins_after_its_parent_ended_is_ended_too()
    {
        var session = Begun().When(ToAgent());
        var open = session.Last.Steps[0];
        var child = session.State.Children.Keys.Single();
        session.When(new SessionCommand.Revoke(Request())).ThenSteps(new UserCommand.CloseSession("s1", session.Now));
        session.When((LeafCommand)open.Then(Answered(new SessionOpened(child, "a2", "u1", Everything, Limit, session.Now, session.Now.AddHours(1), [new("s1", "a1")])))!)
            .ThenSteps(new SessionCommand.EndAbove("s1"));
    }

    [Fact]
    public void A_child_that_has_ended_holds_nothing_more()
    {
        var session = Begun().Delegated(out var child);
        session.When(new SessionCommand.CloseChild(child)).ThenEvents(typeof(SessionEvent.ChildEnded));
        session.When(session.HoldOf(child)).ThenRejected(SessionRejection.BranchEnded.AtNode("session", child, null));
    }

    /// <summary>So an older release's snapshot is read as what it was: a session that stands alone.</summary>
    [Fact]
    public void A_session_that_stands_alone_is_saved_as_it_was_before_there_were_trees()
    {
        using var saved = System.Text.Json.JsonDocument.Parse(SessionEntity.Entity.Snapshots.Save(Begun().Called(out _).State));
        Assert.Equal("recent", saved.RootElement.EnumerateObject().Last().Name);
        Assert.Empty(SessionEntity.Entity.Snapshots.Restore(SessionEntity.Entity.Snapshots.Save(Begun().State)).Path);
    }

    [Fact]
    public void A_tree_survives_its_snapshot()
    {
        var session = Below(Root).Delegated(out var child).When(ToAgent("a3"));
        session.When(session.HoldOf(child));
        var restored = SessionEntity.Entity.Snapshots.Restore(SessionEntity.Entity.Snapshots.Save(session.State));
        Assert.Equal((1, 2, 1, Price), (restored.Path.Length, restored.Children.Count, restored.Tree.Openings, restored.Budget.Held));
        Assert.Equal(session.State.Holds.Open.Keys, restored.Holds.Open.Keys);
    }

    [Fact]
    public void Requests_of_sub_sessions_are_counted_at_the_root_and_decided_by_its_window()
    {
        var root = Begun().When(Read());
        root.When(new SessionCommand.TakeRate()).Then().ThenAnswered(new RateTaken(new(root.Now, 2)));
        var child = Below(Root).When(Read() with { Request = Read().Request with { Taken = new(SessionTest.Start, 31) } });
        child.ThenRefused(Codes.RateLimited);
        child.When(Read() with { Request = Read().Request with { Taken = new(SessionTest.Start, 30) } })
            .ThenAnswered<SessionView>(view => Assert.Equal(30, view.Rate.Used));
    }
}
