using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Nodes;

/// <summary>Who is refused only because others hold what they may not spend waits at the limit, in the order of coming.</summary>
public sealed class WaitingRoomTests
{
    private static readonly ServiceTerms Model = Echo with { PriceMicros = 100, Metered = true, IsModel = true };

    private static RunCommand.RunService Ask(long bound, bool waited = false) =>
        new(Request(), "echo", Model, Input, "", null, false, null, [], Keyed: true, Model: new(Guid.Empty, bound, 1, 30, 10, Charges: false), Waited: waited);

    private static SessionCommand Await(long amount, int seconds = 5) => new NodeCommand.AwaitRoom(amount, seconds, new ReserveTerms.OfSession(""));

    /// <summary>So much of its hundred is held.</summary>
    private static SessionTest Holding(out Guid run, long bound = 80)
    {
        var session = Begun();
        run = session.NextId();
        return session.When(Ask(bound), run);
    }

    [Fact]
    public void Where_there_is_room_nobody_waits() =>
        Holding(out _).When(Await(20)).ThenAnswered(new RoomTold(IsRoom: true, 20));

    [Fact]
    public void Nor_where_no_hold_that_ends_could_give_it()
    {
        var session = Holding(out var run).When(Await(101)).ThenAnswered(new RoomTold(IsRoom: false, 20));
        session.When(Await(50, seconds: 0)).ThenAnswered(new RoomTold(IsRoom: false, 20));
        _ = run;
    }

    [Fact]
    public void Holds_that_end_let_those_in_who_fit_in_their_order_and_none_past_one_who_does_not()
    {
        var session = Holding(out var run);
        var (first, second, third) = (session.NextId(), session.NextId(), session.NextId());
        session.When(Await(60), first).ThenLater().When(Await(60), second).ThenLater().When(Await(10), third).ThenLater();
        session.When(new RunCommand.EndCall(run, Guid.Empty, new(CallStanding.Unsent, 0, null)));
        session.WhenStep(session.Last.Steps.Length - 1, Lost);
        Assert.Equal([(first, new RoomTold(IsRoom: true, 100))], session.Last.LateAnswers.Select(late => (late.CommandId, (RoomTold)late.Answer.Reply!)));
    }

    [Fact]
    public void Whoever_did_not_wait_does_not_take_what_others_wait_for()
    {
        var session = Holding(out var run);
        session.When(Await(60)).ThenLater();
        session.When(Ask(20)).ThenRefused(Codes.BudgetExceeded);
        session.When(Ask(20, waited: true)).ThenLater();
        _ = run;
    }

    [Fact]
    public void Whoever_has_waited_long_enough_is_told_what_is_free()
    {
        var session = Holding(out _);
        var (first, second) = (session.NextId(), session.NextId());
        session.When(Await(60, seconds: 5), first).When(Await(50, seconds: 1), second).After(TimeSpan.FromSeconds(1)).WhenStep(0, Lost);
        Assert.Equal([(second, new RoomTold(IsRoom: false, 20))], session.Last.LateAnswers.Select(late => (late.CommandId, (RoomTold)late.Answer.Reply!)));
        session.After(TimeSpan.FromSeconds(4)).When(Await(1, seconds: 0));
        session.ThenState(state => Assert.Single(state.Room.Waiting));
    }

    [Fact]
    public void It_is_looked_for_when_its_time_is_surely_over_and_not_by_a_timer_that_rings_a_moment_before()
    {
        var session = Holding(out _).When(Await(60, seconds: 5));
        Assert.Equal(new StepTarget.Later(TimeSpan.FromSeconds(5) + Limits.RoomLookedLater), Assert.Single(session.Last.Steps).Target);
    }

    [Fact]
    public void What_one_was_let_in_for_is_kept_for_it_for_a_moment()
    {
        var session = Holding(out var run);
        session.When(Await(60)).When(new RunCommand.EndCall(run, Guid.Empty, new(CallStanding.Unsent, 0, null)));
        session.WhenStep(session.Last.Steps.Length - 1, Lost);
        session.When(Ask(50)).ThenRefused(Codes.BudgetExceeded);
        session.After(Limits.RoomKept).When(Ask(50)).ThenLater();
    }
}
