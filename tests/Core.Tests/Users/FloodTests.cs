using Agora.Core.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Minutes far above the rate, as sessions tell of them: three in a row suspend here.</summary>
public sealed class FloodTests
{
    [Fact]
    public void Minutes_of_flood_in_a_row_suspend_as_attempts_out_of_scope_do_and_nothing_is_written_before()
    {
        var user = Known().Live("s1", "s2");
        Flood(user, "s1", 0).Then().ThenAnswered(new Standing(false, null, 0, 0));
        Flood(user, "s1", 1).Then();
        Flood(user, "s1", 2).ThenLater();
        var suspended = Assert.IsType<UserEvent.PairSuspended>(Assert.Single(user.Last.Events));
        Assert.Equal((Agent, "s1", "Requests far above the rate.", 900L), (suspended.AgentId, suspended.ReportedBy, suspended.Reason, suspended.ForSeconds));
        Assert.Equal(["s1", "s2"], suspended.Awaited);
        user.When(Open(budget: 1, vouched: true)).ThenRejected(Codes.SessionSuspended);
    }

    [Fact]
    public void Sessions_that_take_turns_flood_together_and_those_that_flood_at_once_are_one()
    {
        var user = Known().Live("s1", "s2", "s3");
        Flood(user, "s1", 0);
        Flood(user, "s2", 0.5).Then();
        Flood(user, "s3", 0.9).Then();
        Flood(user, "s2", 1.2).Then();
        Flood(user, "s3", 2.5).ThenEvents(typeof(UserEvent.PairSuspended));
    }

    [Fact]
    public void A_minute_without_a_flood_begins_the_row_anew()
    {
        var user = Known().Live("s1");
        foreach (var minute in new[] { 0, 1, 3, 4, 6, 7 })
        {
            Flood(user, "s1", minute).Then();
        }
    }

    [Fact]
    public void Another_agents_floods_are_its_own()
    {
        var user = Known().Live("s1");
        Flood(user, "s1", 0);
        Flood(user, "s1", 1);
        Flood(user, "s9", 2, "a2").Then();
        Flood(user, "s9", 3, "a2").Then();
    }

    [Fact]
    public void A_flood_again_after_a_suspension_suspends_until_an_operator_resumes()
    {
        var user = Known().Live("s1");
        foreach (var minute in new[] { 0, 1, 2, 20, 21, 22 })
        {
            Flood(user, "s1", minute);
        }

        Assert.Null(Assert.IsType<UserEvent.PairSuspended>(Assert.Single(user.Last.Events)).ForSeconds);
    }

    /// <summary>So many minutes after the start.</summary>
    private static UserTest Flood(UserTest user, string session, double minute, string agent = Agent)
    {
        var since = UserTest.Start.AddMinutes(minute);
        return user.At(since).When(new UserCommand.ReportFlood(agent, session, since, 3));
    }
}
