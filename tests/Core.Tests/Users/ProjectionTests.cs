using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>When a cap would be reached, told at noon of the first of March.</summary>
public sealed class ProjectionTests
{
    private static readonly DateTimeOffset Noon = UserTest.Start;

    [Fact]
    public void At_the_rate_of_the_period_so_far_a_cap_is_reached_as_much_later_as_it_is_higher()
    {
        Assert.Equal(At(Noon.AddHours(6)), Inspected(Spending(Profiled(60), 40)).Day!.Cap);
        Assert.Equal(At(Noon.AddHours(6)), Inspected(Spending(Profiled(null, 60), 40)).Month!.Cap);
        Assert.Equal(At(Noon.AddDays(10)), Inspected(Spending(Profiled(null, 840), 40)).Month!.Cap);
    }

    [Fact]
    public void Where_there_is_no_time_it_is_said_why()
    {
        Assert.Equal((No(Projection.NothingSpent), No(Projection.NoCap)), Both(Profiled(60)));
        Assert.Equal((No(Projection.IsReached), No(Projection.NotInPeriod)), Both(Spending(Profiled(40, 100_000), 40)));
        Assert.Equal((No(Projection.NotInPeriod), No(Projection.IsReached)), Both(Spending(Profiled(80, 40), 40)));
        Assert.Equal((null, null), Both(Profiled()));

        static (Projection?, Projection?) Both(UserTest user) => (Inspected(user).Day?.Cap, Inspected(user).Month?.Cap);
    }

    [Fact]
    public void What_is_held_counts_as_what_is_spent()
    {
        var user = Profiled(60);
        Assert.Equal(At(Noon.AddHours(6)), Inspected(user.When(Reserve(user, 40, user.NextId()))).Day!.Cap);
    }

    [Theory]
    [InlineData(7, 6)]
    [InlineData(5, 5)]
    [InlineData(1, 3)]
    public void A_raise_counts_until_it_is_over_and_the_own_cap_from_then_on(int raisedHours, int reachedAfterHours)
    {
        var user = Spending(Profiled(50), 40).When(new UserCommand.RaiseCaps(new(Noon.AddHours(raisedHours), 60, null)));
        Assert.Equal(At(Noon.AddHours(reachedAfterHours)), Inspected(user).Day!.Cap);
    }

    [Fact]
    public void A_raise_of_the_day_leaves_the_months_cap_as_it_is()
    {
        var user = Spending(Profiled(50, 60), 40).When(new UserCommand.RaiseCaps(new(Noon.AddHours(7), 60, null)));
        Assert.Equal(At(Noon.AddHours(6)), Inspected(user).Month!.Cap);
    }

    [Fact]
    public void A_grants_total_has_no_period_and_so_no_rate()
    {
        Assert.Equal(No(Projection.NoCap), OfGrant(Spending(Granted(), 40)));
        Assert.Equal(No(Projection.NoPeriod), OfGrant(Spending(Granted(Grant(total: 50)), 40)));
        Assert.Equal(No(Projection.IsReached), OfGrant(Spending(Granted(Grant(total: 40)), 40)));
        Assert.Equal(No(Projection.NothingSpent), OfGrant(Granted(Grant(total: 40))));

        static Projection? OfGrant(UserTest user) => Inspected(user).Grants[0].Spent.Cap;
    }

    [Fact]
    public void A_day_is_as_long_as_its_clocks_make_it()
    {
        var berlin = SystemTimeZones.Instance.At("Europe/Berlin", new(2026, 10, 25, 12, 0, 0, TimeSpan.Zero))!;
        Assert.Equal(25, (berlin.DayEnds - berlin.DayBegan).TotalHours);
        var day = Periods.Of(berlin).Lasting(berlin, berlin.DayBegan).Day;
        Assert.Equal(At(berlin.DayBegan.AddHours(24.5)), Projection.Of(new(2, 0), new(49), day, berlin.DayBegan.AddHours(1)));
    }

    [Fact]
    public void A_day_that_is_carried_on_from_another_zone_has_begun_by_now()
    {
        var (day, month) = new Periods("day:2026-03-02", Noon.AddHours(30), "month:2026-03", Noon.AddDays(31)).Lasting(LocalDay.Utc(Noon), Noon);
        Assert.Equal((Noon, Noon), (day.Began, month.Began));
        Assert.Equal(No(Projection.NotInPeriod), Projection.Of(new(1, 0), new(long.MaxValue), day, Noon));
    }

    private static Projection At(DateTimeOffset at) => new(at, null);

    private static Projection No(string not) => new(null, not);

    private static UserTest Spending(UserTest user, long micros)
    {
        var hold = user.NextId();
        return user.When(Reserve(user, micros, hold)).When(new NodeCommand.Post(hold, micros));
    }

    private static UserCommand Reserve(UserTest user, long micros, Guid hold) =>
        user.ReserveAs(hold, micros) with { Terms = new ReserveTerms.OfUser(Agent, [], false, OwnFund: true) };

    private static UserInspected Inspected(UserTest user) => Assert.IsType<UserInspected>(user.When(new UserCommand.Inspect()).Last.Answer?.Reply);
}
