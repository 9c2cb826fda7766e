using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Caps that are higher until a time, by the stream's own time.</summary>
public sealed class RaiseTests
{
    private static readonly DateTimeOffset Until = UserTest.Start.AddMinutes(10);
    private static readonly Precondition Absent = new(NoneMatch: ["*"]);

    [Fact]
    public void A_raised_cap_binds_until_its_end_and_the_own_one_from_then_on_DailyCap()
    {
        var user = Profiled(40, 1_000).When(Raise(daily: 100));
        Spend(user, 60);
        user.After(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(10)).When(Reserve(user, 41)).ThenRejected(UserRejection.OverLimit("daily_cap", 40, "u1", 41));
        Spend(user, 5);

        user.After(TimeSpan.FromTicks(10)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 42_600));
        user.After(TimeSpan.FromDays(1)).When(Reserve(user, 41)).ThenRejected(UserRejection.OverLimit("daily_cap", 40, "u1", 41));
    }

    /// <summary>The day ends in 12 hours, the month in 30 days and a half. A raise that ends before lowers the cap that is waited for, or another that refuses then.</summary>
    [Theory]
    [InlineData("own day's cap has room for it tomorrow", 100L, null, null, 10, 40, 43_200L)]
    [InlineData("more than the own day's cap", 100L, null, null, 10, 41, null)]
    [InlineData("raised into tomorrow", 100L, null, null, 721, 41, 43_200L)]
    [InlineData("raised until the day ends", 100L, null, null, 720, 41, null)]
    [InlineData("the month's raise is over tomorrow", null, 500L, null, 10, 30, 2_635_200L)]
    [InlineData("the month's raise is not over tomorrow", null, 500L, null, 721, 30, 43_200L)]
    [InlineData("both are over tomorrow", 100L, 500L, null, 10, 30, 2_635_200L)]
    [InlineData("the grant's raise is over tomorrow", null, 500L, 500L, 10, 10, null)]
    [InlineData("the grant's raise is not over tomorrow", null, 500L, 500L, 721, 10, 43_200L)]
    public void Whoever_waits_as_long_as_it_is_told_gets_what_it_was_refused_though_a_raise_ends(string why, long? daily, long? monthly, long? total, int minutes, long asked, long? told)
    {
        var user = Profiled(40, total is null && monthly is null ? 1_000 : 60).When(new UserCommand.PutGrant(Agent, Grant(total: total is null ? 10_000 : 45)));
        if ((daily, monthly) is not (null, null))
        {
            user.When(Raise(daily, monthly, minutes));
        }

        if (total is { } micros)
        {
            user.When(new UserCommand.RaiseGrant(Agent, new(UserTest.Start.AddMinutes(minutes), micros)));
        }

        Spend(user, daily ?? 40);
        var at = user.Now;

        user.When(Reserve(user, asked)).ThenRejected(Codes.BudgetExceeded);

        Assert.True(told == user.Rejection().RetryAfterSeconds, $"{why}: {user.Rejection().RetryAfterSeconds}");
        if (told is not { } seconds) return;

        user.At(at.AddSeconds(seconds - 1)).When(Reserve(user, asked)).ThenRejected(Codes.BudgetExceeded);
        user.At(at.AddSeconds(seconds)).When(Reserve(user, asked)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void Only_what_is_named_is_raised_MonthlyCap()
    {
        var user = Profiled(40, 50).When(Raise(daily: 100));
        user.When(Reserve(user, 60)).ThenRejected(UserRejection.OverLimit("monthly_cap", 50, "u1", 60));
        user.When(Raise(monthly: 70));
        user.When(Reserve(user, 60)).ThenRejected(UserRejection.OverLimit("daily_cap", 40, "u1", 60));
    }

    [Fact]
    public void A_grants_total_is_raised_the_same_way_GrantTotal()
    {
        var user = Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100)));
        Spend(user, 60);
        user.When(Reserve(user, 41)).ThenRejected(UserRejection.OverLimit("grant_total", 40, Agent, 41));
        user.After(TimeSpan.FromMinutes(10)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("grant_total", 0, Agent, 1));
    }

    [Fact]
    public void Ended_before_its_time_it_binds_no_more_and_there_is_none_to_end_NoRaise()
    {
        var user = Profiled(40).When(Raise(daily: 100)).When(new UserCommand.EndRaise()).ThenEvents(typeof(UserEvent.UserPut));
        user.When(Reserve(user, 41)).ThenRejected(UserRejection.OverLimit("daily_cap", 40, "u1", 41));
        user.When(new UserCommand.EndRaise()).ThenRejected(UserRejection.NoRaise);

        var grant = Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).When(new UserCommand.EndGrantRaise(Agent));
        grant.When(Reserve(grant, 41)).ThenRejected(UserRejection.OverLimit("grant_total", 40, Agent, 41));
        grant.When(new UserCommand.EndGrantRaise(Agent)).ThenRejected(UserRejection.NoRaise);
    }

    [Fact]
    public void A_put_that_changes_a_cap_ends_its_raise_and_any_other_leaves_it()
    {
        var user = Profiled(40, 50).When(Raise(100, 200));
        user.When(new UserCommand.PutUser(Profile("Europe/Berlin"), 40, 50)).ThenAnswered<UserView>(view => Assert.Equal(new(Until, 100, 200), view.Raise));
        user.When(new UserCommand.PutUser(Profile(), 30, 50)).ThenAnswered<UserView>(view => Assert.Equal((30, new CapRaise(Until, null, 200)), (view.DailyCapMicros, view.Raise)));
        user.When(new UserCommand.PutUser(Profile(), 30, null)).ThenAnswered<UserView>(view => Assert.Null(view.Raise));

        var grant = Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100)));
        grant.When(new UserCommand.PutGrant(Agent, Grant(total: 40, sessions: 7))).ThenAnswered<GrantView>(view => Assert.Equal((40, new GrantRaise(Until, 100)), (view.Grant.TotalLimitMicros, view.Raise)));
        grant.When(new UserCommand.PutGrant(Agent, Grant(total: 41, sessions: 7))).ThenAnswered<GrantView>(view => Assert.Null(view.Raise));
    }

    [Fact]
    public void An_edit_of_a_raise_expects_the_one_in_force_and_one_that_is_over_is_none_PreconditionFailed()
    {
        var user = Profiled(40).When(Raise(daily: 100) with { If = Absent });
        var tag = user.State.Raise!.Etag;
        user.When(Raise(daily: 200) with { If = Absent }).ThenRejected(Codes.PreconditionFailed);
        user.When(Raise(daily: 200) with { If = new([tag]) }).ThenEvents(typeof(UserEvent.UserPut));
        user.When(new UserCommand.EndRaise(new([tag]))).ThenRejected(Codes.PreconditionFailed);
        user.After(TimeSpan.FromMinutes(10)).When(Raise(daily: 100, minutes: 20) with { If = Absent }).ThenEvents(typeof(UserEvent.UserPut));
    }

    [Fact]
    public void The_users_tag_and_the_grants_know_of_no_raise()
    {
        Assert.Equal(Profiled(40).State.View.Etag, Profiled(40).When(Raise(daily: 100)).State.View.Etag);
        Assert.Equal(Granted(Grant(total: 40)).State.EtagOf(Agent), Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).State.EtagOf(Agent));
    }

    [Fact]
    public void The_same_raise_again_changes_nothing()
    {
        Profiled(40).When(Raise(daily: 100)).When(Raise(daily: 100)).Then();
        Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).Then();
    }

    [Fact]
    public void It_is_inspected_while_it_is_in_force()
    {
        var user = Profiled(40).When(new UserCommand.PutGrant(Agent, Grant(total: 40))).When(Raise(daily: 100)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100)));
        user.When(new UserCommand.Inspect()).ThenAnswered<UserInspected>(seen => Assert.Equal((new CapRaise(Until, 100, null), new GrantRaise(Until, 100)), (seen.Raise, seen.Grants[0].Raise)));
        user.After(TimeSpan.FromMinutes(10)).When(new UserCommand.Inspect()).ThenAnswered<UserInspected>(seen => Assert.Equal((null, null), (seen.Raise, seen.Grants[0].Raise)));
    }

    [Fact]
    public void Whoever_spends_near_a_raised_cap_is_told_of_that_one()
    {
        var user = Profiled(40).When(Raise(daily: 100));
        user.When(Reserve(user, 40)).ThenAnswered<UserReserved>(reserved => Assert.Null(reserved.Near));
        user.When(Reserve(user, 40)).ThenAnswered<UserReserved>(reserved => Assert.Equal([new("daily_cap", "u1", 100, 20)], reserved.Near!));
    }

    [Fact]
    public void Grants_that_end_and_users_that_are_erased_leave_none()
    {
        Assert.Empty(Granted(Grant(total: 40)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).When(new UserCommand.EndGrant(Agent)).State.GrantRaises);
        var erased = Profiled(40).When(Raise(daily: 100)).When(new UserCommand.EraseData());
        Assert.Null(erased.State.Raise);
        erased.When(Raise(daily: 100)).ThenRejected(UserRejection.Erased);
    }

    [Fact]
    public void A_snapshot_keeps_raises()
    {
        var state = Profiled(40, 50).When(new UserCommand.PutGrant(Agent, Grant(total: 40))).When(Raise(daily: 100)).When(new UserCommand.RaiseGrant(Agent, new(Until, 100))).State;
        var restored = UserEntity.Entity.Snapshots!.Restore(UserEntity.Entity.Snapshots.Save(state));

        Assert.Equal((40, 50, state.Raise), (restored.DailyCapMicros, restored.MonthlyCapMicros, restored.Raise));
        Assert.Equal((state.Grants[Agent].TotalLimitMicros, state.GrantRaises[Agent]), (restored.Grants[Agent].TotalLimitMicros, restored.GrantRaises[Agent]));
    }

    /// <summary>A release that knows of no raise would find a hold under one to be above the cap, and could not read on.</summary>
    [Fact]
    public void Events_have_the_cap_in_force_where_releases_before_look_for_it()
    {
        var user = Profiled(40, 50).When(new UserCommand.PutGrant(Agent, Grant(total: 40))).When(Raise(daily: 100));
        Assert.Contains("\"daily_cap_micros\":100,\"monthly_cap_micros\":50,", Text(user), StringComparison.Ordinal);
        Assert.Contains("\"own\":{\"until\":\"2026-03-01T12:10:00+00:00\",\"daily_cap_micros\":40,\"monthly_cap_micros\":50}", Text(user), StringComparison.Ordinal);
        user.When(new UserCommand.RaiseGrant(Agent, new(Until, 100)));
        Assert.Contains("\"total_limit_micros\":100", Text(user), StringComparison.Ordinal);
        Assert.Contains("\"total_limit_micros\":40}", Text(user), StringComparison.Ordinal);

        static string Text(UserTest user) => Encoding.UTF8.GetString(UserCodec.Events.Encode(Assert.Single(user.Last.Events)).Payload);
    }

    private static UserCommand.RaiseCaps Raise(long? daily = null, long? monthly = null, int minutes = 10) => new(new(UserTest.Start.AddMinutes(minutes), daily, monthly));

    private static void Spend(UserTest user, long micros)
    {
        var hold = user.NextId();
        user.When(Reserve(user, micros, hold)).When(new NodeCommand.Post(hold, micros));
    }

    private static UserCommand Reserve(UserTest user, long micros, Guid? hold = null) =>
        user.ReserveAs(hold ?? user.NextId(), micros) with { Terms = new ReserveTerms.OfUser(Agent, [], false, OwnFund: true) };
}
