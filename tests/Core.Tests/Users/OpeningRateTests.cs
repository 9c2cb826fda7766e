using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Each session has a rate of its own, so how many an agent opens for a user in a minute is bounded too: here to three.</summary>
public sealed class OpeningRateTests
{
    private static readonly RateRule Three = new(3, FloodFactor: 2, FloodMinutes: 2);

    [Fact]
    public void An_agent_that_opens_session_after_session_is_refused_rate_limited_until_its_minute_is_over()
    {
        var user = Opened(Granted(Grant(sessions: 1)), 3).After(TimeSpan.FromSeconds(20));
        user.When(Another()).ThenRejected(UserRejection.TooManyOpenings(3, 40));
        Assert.True(user.Last.IsQuery, "A refusal costs the journal nothing.");
        Assert.Equal(40, user.Rejection().RetryAfterSeconds);
        user.After(TimeSpan.FromSeconds(40)).When(Another()).ThenEvents(typeof(UserEvent.SessionsReplaced), typeof(UserEvent.SessionOpened));
    }

    [Fact]
    public void Openings_that_the_platform_key_vouches_for_count_too()
    {
        var user = Known();
        for (var i = 0; i < 3; i++)
        {
            user.When(Open(budget: 1, vouched: true, per: Three)).ThenEvents(typeof(UserEvent.SessionOpened));
        }

        user.When(Open(budget: 1, vouched: true, per: Three)).ThenRejected(UserRejection.TooManyOpenings(3, 60));
    }

    [Fact]
    public void Another_agents_openings_are_its_own()
    {
        var user = Opened(Granted(Grant(sessions: 1)), 4);
        user.When(Open(budget: 1, vouched: true, agent: "a2", per: Three)).ThenEvents(typeof(UserEvent.SessionOpened));
        user.When(Another()).ThenRejected(Codes.RateLimited); // and gives nobody's minute back
    }

    [Fact]
    public void A_part_of_a_second_that_is_left_of_the_minute_is_waited_for_as_a_whole_one()
    {
        var user = Opened(Granted(Grant(sessions: 1)), 3).After(TimeSpan.FromSeconds(20.5));
        user.When(Another()).ThenRejected(UserRejection.TooManyOpenings(3, 40));
        user.After(TimeSpan.FromSeconds(39)).When(Another()).ThenRejected(UserRejection.TooManyOpenings(3, 1));
    }

    [Fact]
    public void Openings_that_are_refused_for_what_they_ask_count_and_those_of_an_agent_without_a_grant_do_not()
    {
        var user = Granted();
        for (var i = 0; i < 3; i++)
        {
            user.When(Open(seconds: 0, per: Three)).ThenRejected(UserRejection.ExpiryOutOfRange);
            user.When(Open(agent: "a2", budget: 1, per: Three)).ThenRejected(UserRejection.NoGrant);
        }

        user.When(Open(per: Three)).ThenRejected(Codes.RateLimited);
        user.When(Open(agent: "a2", budget: 1, per: Three)).ThenRejected(UserRejection.NoGrant);
        Assert.Equal([Agent], user.State.Openings.Keys);
    }

    [Fact]
    public void A_repeat_of_an_opening_is_no_other_opening()
    {
        var user = Granted();
        var first = user.NextId();
        for (var i = 0; i < 5; i++)
        {
            user.When(Open(per: Three), first).ThenLater();
        }

        user.When(Open(per: Three)).ThenEvents(typeof(UserEvent.SessionOpened));
    }

    [Fact]
    public void Minutes_that_are_over_are_forgotten_with_the_next_opening()
    {
        var user = Granted().When(Open(budget: 1, vouched: true, agent: "a2", per: Three)).After(TimeSpan.FromMinutes(1)).When(Open(per: Three));
        Assert.Equal([Agent], user.State.Openings.Keys);
    }

    /// <summary>Twice the rate is a flood, and two minutes of it suspend: once a minute, whatever comes after.</summary>
    [Fact]
    public void Minutes_of_openings_far_above_the_rate_suspend_as_floods_of_requests_do()
    {
        var user = Opened(Granted(Grant(sessions: 1)).Live("s1"), 6);
        user.When(Another()).ThenRejected(Codes.RateLimited);
        user.WhenStep(0, Lost).Then();
        Assert.Empty(Opened(user, 5).Last.Steps);

        Opened(user.After(TimeSpan.FromMinutes(1)), 6).When(Another()).ThenRejected(Codes.RateLimited);
        user.WhenStep(0, Lost).ThenEvents(typeof(UserEvent.PairSuspended));
        Assert.Equal(900L, Assert.IsType<UserEvent.PairSuspended>(user.Last.Events[0]).ForSeconds);
        Assert.Contains("s1", user.Last.Steps.Select(s => ((StepTarget.Entity)s.Target).Stream.Id));
        user.When(Another()).ThenRejected(Codes.SessionSuspended);
    }

    /// <summary>That minute may have been reported by a session too, and is then the same.</summary>
    [Fact]
    public void A_flood_is_reported_as_the_minute_that_began_with_its_first_opening_under_the_number_of_minutes_that_suspend()
    {
        var user = Granted();
        for (var i = 0; i < 7; i++)
        {
            user.When(Open(per: new(3, FloodFactor: 2, FloodMinutes: 5))).After(TimeSpan.FromSeconds(i < 6 ? 5 : 0));
        }

        Assert.Equal(new UserCommand.ReportFlood(Agent, "", UserTest.Start, 5), Assert.Single(user.Last.Steps).Then(Lost));
    }

    [Fact]
    public void A_factor_of_0_notices_no_flood()
    {
        var user = Granted();
        for (var i = 0; i < 50; i++)
        {
            Assert.DoesNotContain(user.When(Open(per: new(3, FloodFactor: 0, FloodMinutes: 1))).Last.Steps, s => s.Target is StepTarget.Self);
        }
    }

    private static UserCommand.OpenSession Another() => Open(per: Three, endOldest: true);

    /// <summary>Asked for so many times, whatever comes of it.</summary>
    private static UserTest Opened(UserTest user, int times)
    {
        for (var i = 0; i < times; i++)
        {
            user.When(Another());
        }

        return user;
    }
}
