using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>What was spent counts in the day and month in which it fell, whatever limits stood then and whatever becomes of the time zone.</summary>
public sealed class PeriodTests
{
    [Fact]
    public void A_cap_that_is_put_finds_what_was_spent_before_it_DailyCap()
    {
        var user = Capped(daily: null, monthly: 500_000);
        Spend(user, 200_000);

        user.When(new UserCommand.PutUser(Profile(), 100_000, 500_000));
        user.When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 43_200));
    }

    [Fact]
    public void A_cap_that_was_lifted_for_a_while_remembers_DailyCap()
    {
        var user = Capped(daily: 100);
        Spend(user, 60);
        user.When(new UserCommand.PutUser(Profile(), null, null));
        Spend(user, 30);

        user.When(new UserCommand.PutUser(Profile(), 100, 95));
        user.When(Reserve(user, 11)).ThenRejected(UserRejection.OverLimit("daily_cap", 10, "u1", 11, 2_635_200));
        user.When(Reserve(user, 6)).ThenRejected(UserRejection.OverLimit("monthly_cap", 5, "u1", 6, 2_635_200));
        user.When(Reserve(user, 5)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_total_that_is_put_on_a_grant_finds_what_was_spent_under_it_GrantTotal()
    {
        var user = Granted();
        Spend(user, 60);

        user.When(new UserCommand.PutGrant(Agent, Grant(total: 50)));
        user.When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("grant_total", 0, Agent, 1));
        user.When(new UserCommand.PutGrant(Agent, Grant())).When(new UserCommand.PutGrant(Agent, Grant(total: 70)));
        user.When(Reserve(user, 11)).ThenRejected(UserRejection.OverLimit("grant_total", 10, Agent, 11));
    }

    [Fact]
    public void A_grant_is_enough_to_count_by_and_a_user_without_limit_or_grant_has_no_account()
    {
        var granted = Granted();
        Spend(granted, 60);
        granted.When(new UserCommand.PutUser(Profile(), 60, null));
        granted.When(Reserve(granted, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 43_200));

        var vouched = Known();
        Spend(vouched, 60);
        Assert.Empty(vouched.State.Accounts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_is_under_way_when_the_first_cap_is_put_counts_and_frees_what_it_does_not_cost(bool paidBySponsor)
    {
        var user = Known().Did("c1");
        var hold = user.NextId();
        user.When(paidBySponsor ? user.ReserveAs(hold, 80, Sponsor("c1")) : Reserve(user, 80, hold));
        user.When(new UserCommand.PutUser(Profile(), 100, 150));

        user.When(Reserve(user, 21)).ThenRejected(UserRejection.OverLimit("daily_cap", 20, "u1", 21, 43_200));
        user.When(new NodeCommand.Post(hold, 50));
        user.When(Reserve(user, 51)).ThenRejected(UserRejection.OverLimit("daily_cap", 50, "u1", 51, 43_200));
        user.When(Reserve(user, 50)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_run_that_is_under_way_when_the_first_grant_is_put_counts()
    {
        var user = Known();
        var hold = user.NextId();
        user.When(Reserve(user, 80, hold)).When(new UserCommand.PutGrant(Agent, Grant())).When(new NodeCommand.Post(hold, 80));

        user.When(new UserCommand.PutUser(Profile(), 100, null));
        user.When(Reserve(user, 21)).ThenRejected(UserRejection.OverLimit("daily_cap", 20, "u1", 21, 43_200));
    }

    [Theory]
    [InlineData(null, "s1")]
    [InlineData(1_000L, "s1")]
    [InlineData(null, "s1-0")]
    [InlineData(1_000L, "s1-0")]
    public void What_is_held_when_a_grant_is_put_counts_on_its_total_also_below_and_after_the_session_is_closed_GrantTotal(long? daily, string session)
    {
        var user = Capped(daily).Live("s1").Below("s1", 1);
        var hold = user.NextId();
        user.When(Reserve(user, 80, hold).With<ReserveTerms.OfUser>(t => t with { AgentId = session == "s1" ? Agent : "a2", Above = session == "s1" ? null : [Agent] }) with { Owner = $"default/session/{session}" });
        user.When(new UserCommand.CloseSession(session));
        user.When(new UserCommand.PutGrant("a3", Grant(total: 10))).When(new UserCommand.PutGrant(Agent, Grant(total: 100)));

        user.When(Reserve(user, 21)).ThenRejected(UserRejection.OverLimit("grant_total", 20, Agent, 21));
        user.When(new UserCommand.PutGrant(Agent, Grant(total: 90)));
        user.When(Reserve(user, 11)).ThenRejected(UserRejection.OverLimit("grant_total", 10, Agent, 11));
        user.When(new NodeCommand.Post(hold, 50));
        user.When(Reserve(user, 41)).ThenRejected(UserRejection.OverLimit("grant_total", 40, Agent, 41));
        user.When(Reserve(user, 40)).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.Equal(0, user.State.Node(AccountKeys.Grant("a3"), null).Held);
    }

    /// <summary>As snapshots have it: a hold that no grant counted says whose would.</summary>
    [Fact]
    public void What_was_held_before_a_snapshot_counts_on_a_grant_that_is_put_after_it()
    {
        var user = Capped(1_000).Live("s1");
        var hold = user.NextId();
        user.When(Reserve(user, 80, hold));
        var saved = System.Text.Encoding.UTF8.GetString(UserEntity.Entity.Snapshots.Save(user.State));
        Assert.Contains($$"""{"id":"{{hold}}","owner":"default/session/s1",""", saved, StringComparison.Ordinal);
        Assert.Contains(""","amount_micros":80,"grantee":"a1"}""", saved, StringComparison.Ordinal);

        var restored = UserEntity.Entity.Snapshots.Restore(System.Text.Encoding.UTF8.GetBytes(saved));
        var put = UserDecider.Decide(restored, new UserCommand.PutGrant(Agent, Grant(total: 100)), new(user.Now, Guid.NewGuid()));
        Assert.True(Assert.IsType<UserEvent.GrantPut>(Assert.Single(put.Events)).TakesHeld);
        Assert.Equal(80, UserEntity.Entity.Evolve(restored, put.Events[0], user.Now).Node(AccountKeys.Grant(Agent), null).Held);
    }

    /// <summary>15:00 UTC is midnight in Tokyo, where the day had begun; 10:00 UTC of the day after is midnight in Honolulu.</summary>
    [Fact]
    public void A_new_zone_begins_when_the_day_has_ended_and_a_date_has_one_cap()
    {
        var user = Capped(100, null, "Asia/Tokyo").At(Utc(1, 16));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile("Pacific/Honolulu"), 100, null));

        foreach (var (day, hour, left) in new[] { (1, 17, 41), (2, 14, 20), (2, 15, 19), (3, 9, 1) })
        {
            user.At(Utc(day, hour)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, left * 3_600));
        }

        user.At(Utc(3, 10)).When(Reserve(user, 100)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_zone_further_east_begins_its_day_when_the_one_before_has_ended()
    {
        var user = Capped(100, null, "Pacific/Honolulu").At(Utc(2, 0));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile("Asia/Tokyo"), 100, null));

        user.At(Utc(2, 9)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 3_600));
        user.At(Utc(2, 10));
        Spend(user, 100);
        user.At(Utc(2, 14)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 3_600));
        user.At(Utc(2, 15)).When(Reserve(user, 100)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void The_month_is_seen_to_its_end_after_the_day_was()
    {
        var user = Capped(1_000, 100, "Asia/Tokyo").At(Utc(30, 16));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile("Pacific/Honolulu"), 1_000, 100));

        user.At(Utc(31, 14)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 72_000)); // the month of Tokyo is followed by the rest of the same one
        user.At(Utc(31, 15)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 68_400));
        user.At(Utc(31, 24 + 9)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 3_600));
        user.At(Utc(31, 24 + 10)).When(Reserve(user, 1)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_zone_further_east_begins_its_month_when_the_one_before_has_ended_however_long_its_day_is_over()
    {
        var user = Capped(1_000, 100, "Pacific/Honolulu").At(Utc(20, 12));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile("Asia/Tokyo"), 1_000, 100));

        user.At(Utc(31, 15)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 68_400));
        user.At(Utc(31, 24 + 9)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 3_600));
        user.At(Utc(31, 24 + 10)).When(Reserve(user, 100)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_second_change_of_zone_on_a_later_day_leaves_the_month_its_end()
    {
        var user = Capped(1_000, 100, "Pacific/Honolulu").At(Utc(20, 12));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile("Asia/Tokyo"), 1_000, 100));
        user.At(Utc(25, 12)).When(new UserCommand.PutUser(Profile("Pacific/Kiritimati"), 1_000, 100));

        user.At(Utc(31, 24 + 9)).When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("monthly_cap", 0, "u1", 1, 3_600));
        user.At(Utc(31, 24 + 10)).When(Reserve(user, 100)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void Back_and_forth_between_zones_gives_no_second_day()
    {
        var user = Capped(100, null, "Asia/Tokyo").At(Utc(1, 14));
        Spend(user, 100);
        foreach (var (zone, seconds) in new[] { ("Pacific/Honolulu", 72_000), ("Pacific/Kiritimati", 3_600), ("Asia/Tokyo", 3_600) })
        {
            user.When(new UserCommand.PutUser(Profile(zone), 100, null));
            user.When(Reserve(user, 1)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, seconds));
        }

        user.At(Utc(1, 15)).When(Reserve(user, 100)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    /// <summary>The day of Tokyo ends nine hours before the same date does in UTC, where what was spent still counts.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_waits_after_a_change_of_zone_as_long_as_it_is_told_gets_what_it_was_refused(bool ofService)
    {
        var user = Fresh().At(Utc(1, 12)).When(Put("Asia/Tokyo"));
        var reserve = OfService();
        user.When(reserve).When(new NodeCommand.Post(reserve.HoldId, 100)).When(Put(null));
        var (told, at) = (user.When(OfService()).Rejection().RetryAfterSeconds, user.Now);

        Assert.Equal(43_200, told);
        user.At(at.AddSeconds(43_199)).When(OfService()).ThenRejected(Codes.BudgetExceeded);
        user.At(at.AddSeconds(43_200)).When(OfService()).ThenEvents(typeof(UserEvent.HoldReserved));

        UserCommand.PutUser Put(string? zone) => new(Profile(zone), ofService ? null : 100, null, Parts: ofService ? [new(PartCap.OfService, "summary", 100, null)] : null);
        NodeCommand.Reserve OfService() => Reserve(user, 100) with { Terms = new ReserveTerms.OfUser(Agent, [], Named: false, OwnFund: true, ServiceId: "summary") };
    }

    /// <summary>The day of Tokyo is followed by the same date, that by one with room, and then the month refuses.</summary>
    [Fact]
    public void Whoever_waits_after_a_change_of_zone_waits_for_the_month_too()
    {
        var user = Capped(100, 150, "Asia/Tokyo").At(Utc(1, 12));
        Spend(user, 100);
        user.When(new UserCommand.PutUser(Profile(), 100, 150));
        var at = user.Now;

        user.When(Reserve(user, 51)).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 51, 2_635_200));
        user.At(at.AddSeconds(2_635_199)).When(Reserve(user, 51)).ThenRejected(Codes.BudgetExceeded);
        user.At(at.AddSeconds(2_635_200)).When(Reserve(user, 51)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void What_was_spent_today_and_this_month_survives_the_erasure_of_the_zone()
    {
        var user = Capped(100, 150, "Asia/Tokyo").At(Utc(1, 16));
        Spend(user, 100);
        user.When(new UserCommand.EraseData());

        Assert.Equal(("day:2026-03-02", "month:2026-03"), user.State.AccountsAt(new(Utc(1, 23), default, Zones: SystemTimeZones.Instance)));
        Assert.Equal(("day:2026-03-02", "month:2026-03"), user.State.AccountsAt(new(Utc(2, 15), default, Zones: SystemTimeZones.Instance)));
        Assert.Equal(("day:2026-03-03", "month:2026-03"), user.State.AccountsAt(new(Utc(3, 0), default, Zones: SystemTimeZones.Instance)));
        Assert.Equal((100, 100), (user.State.Accounts["day:2026-03-02"].Posted, user.State.Accounts["month:2026-03"].Posted));
    }

    [Fact]
    public void Where_the_zone_stays_nothing_is_written_of_it()
    {
        var user = Capped(100, null, "Asia/Tokyo");
        user.When(new UserCommand.PutUser(Profile("Asia/Tokyo"), 50, null)).Then(new UserEvent.UserPut("u1", 50, null, []) { Profile = Profile("Asia/Tokyo") });
    }

    /// <summary>A snapshot of an earlier release does not say so.</summary>
    [Fact]
    public void A_user_whose_cap_was_lifted_before_the_upgrade_is_counted_after_it()
    {
        var user = Capped(daily: 100);
        Spend(user, 60);
        user.When(new UserCommand.PutUser(Profile(), null, null));
        var old = System.Text.Encoding.UTF8.GetString(UserEntity.Entity.Snapshots.Save(user.State)).Replace(",\"is_counted\":true", "", StringComparison.Ordinal);

        Assert.DoesNotContain("is_counted", old, StringComparison.Ordinal);
        Assert.True(UserEntity.Entity.Snapshots.Restore(System.Text.Encoding.UTF8.GetBytes(old)).IsCounted);
    }

    public static TheoryData<string> Zones =>
        ["UTC", "Asia/Tokyo", "America/New_York", "Europe/London", "America/Havana", "Asia/Beirut", "America/Santiago", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "Atlantic/Azores"];

    /// <summary>Havana and Beirut change their clocks at midnight, so that a day begins at 01:00; the Azores repeat the hour before it.</summary>
    [Theory]
    [MemberData(nameof(Zones))]
    public void A_period_ends_when_the_next_one_begins(string id)
    {
        for (var at = new DateTimeOffset(2025, 12, 30, 0, 0, 0, TimeSpan.Zero); at.Year < 2027; at = at.AddHours(5))
        {
            var now = At(at);
            Assert.True(at < now.DayEnds && now.DayEnds <= now.MonthEnds && now.DayEnds - at <= TimeSpan.FromHours(25), $"{at}: {now}");
            Assert.Equal((now.Day, now.Month), Names(At(now.DayEnds.AddTicks(-1))));
            Assert.True(string.CompareOrdinal(At(now.DayEnds).Day, now.Day) > 0, $"{at}: {now}");
            Assert.Equal(now.Month, At(now.MonthEnds.AddTicks(-1)).Month);
            Assert.True(string.CompareOrdinal(At(now.MonthEnds).Month, now.Month) > 0, $"{at}: {now}");
        }

        Periods At(DateTimeOffset at) => Periods.Of(SystemTimeZones.Instance.At(id, at)!);
        static (string, string) Names(Periods periods) => (periods.Day, periods.Month);
    }

    [Fact]
    public void Day_and_month_of_a_zone_are_those_that_come_in_with_whoever_decides()
    {
        var user = Capped(100, 150, "Asia/Tokyo").State;
        Assert.Equal(("day:2031-07-09", "month:2031-07"), user.AccountsAt(new(Utc(1, 0), default, Zones: new Elsewhere())));
        Assert.Equal(new("day:2031-07-09", Utc(2, 7), "month:2031-07", Utc(9, 7)), user.PeriodsAt(new(Utc(1, 0), default, Zones: new Elsewhere())));
        Assert.Equal(("day:2026-03-01", "month:2026-03"), Capped(100, 150).State.AccountsAt(new(Utc(1, 0), default, Zones: new Elsewhere())));
    }

    private sealed class Elsewhere : ITimeZones
    {
        public LocalDay At(string zone, DateTimeOffset now) => new(zone, new(2031, 7, 9), Utc(1, 7), Utc(2, 7), Utc(1, 7), Utc(9, 7));
    }

    private static UserTest Capped(long? daily = null, long? monthly = null, string? zone = null) => Profiled(daily, monthly, zone);

    private static DateTimeOffset Utc(int march, int hour) => new DateTimeOffset(2026, 3, march, 0, 0, 0, TimeSpan.Zero).AddHours(hour);

    private static NodeCommand.Reserve Reserve(UserTest user, long amount, Guid? hold = null) =>
        new(hold ?? user.NextId(), "default/session/s1", user.Asking().NextId(), amount, new ReserveTerms.OfUser(Agent, [], Named: false, OwnFund: true));

    private static void Spend(UserTest user, long amount)
    {
        var reserve = Reserve(user, amount);
        user.When(reserve).ThenEvents(typeof(UserEvent.HoldReserved)).When(new NodeCommand.Post(reserve.HoldId, amount));
    }
}
