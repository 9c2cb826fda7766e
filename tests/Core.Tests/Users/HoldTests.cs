using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class HoldTests
{
    private static readonly Guid Hold = Ids.Derive(UserTest.Start, Command("hold"), 0);

    private static UserTest Held(UserTest user, long micros = 40) => user.When(user.ReserveAs(Hold, micros, Sponsor("c1")));

    private static Account Of(UserTest user, string key) => user.State.Accounts[key];

    private static UserTest Capped(long? daily = null, long? monthly = null, string? zone = null) => Profiled(daily, monthly, zone).Did("c1", "c2", "c3");

    [Fact]
    public void A_run_is_held_on_every_limit_and_on_one_run_of_its_campaign()
    {
        var user = Held(Profiled(100, 200).Given(new UserEvent.GrantPut(Agent, Grant(total: 300))).Did("c1"));
        user.ThenEvents(typeof(UserEvent.HoldReserved))
            .ThenAnswered<UserReserved>(r => Assert.Equal(("c1", Hold), (r.Campaign?.CampaignId, r.HoldId)));
        Assert.Equal(
            [("day:2026-03-01", 40L), ("grant:a1", 40L), ("micros:c1", 40L), ("month:2026-03", 40L), ("runs:c1", 1L)],
            user.State.Accounts.Select(a => (a.Key, a.Value.Held)));
    }

    [Theory]
    [InlineData(79, null)]
    [InlineData(80, 20L)]
    [InlineData(95, 5L)]
    [InlineData(100, 0L)]
    public void What_was_spent_of_a_cap_is_told_where_it_passes_80_percent_and_what_is_held_is_not(long posted, long? left) => Held(Capped(100, 1_000), 100)
        .ThenEvents(typeof(UserEvent.HoldReserved)).When(new NodeCommand.Post(Hold, posted))
        .ThenPosted(e => Assert.Equal(left, e.Near is null ? null : Assert.Single(e.Near, near => (near.Limit, near.LimitMicros) == ("daily_cap", 100)).RemainingMicros));

    [Fact]
    public void Between_80_and_100_percent_nobody_is_told_again_and_at_100_once_more()
    {
        var user = Capped(100, 1_000);
        foreach (var (posted, left) in new[] { (85L, (long?)15), (10, null), (5, 0) })
        {
            user.When(user.Reserve(posted, Sponsor("c1")));
            user.When(new NodeCommand.Post(((UserEvent.HoldReserved)user.Last.Events[0]).HoldId, posted)).ThenPosted(e => Assert.Equal(left, e.Near is null ? null : Assert.Single(e.Near).RemainingMicros));
        }
    }

    [Fact]
    public void A_user_who_never_had_a_limit_or_a_grant_has_no_account_of_one() => Assert.Equal(["micros:c1", "runs:c1"], Held(Known().Did("c1")).State.Accounts.Keys);

    [Fact]
    public void The_answer_carries_the_users_attributes_and_says_why() => Held(Profiled(null, null, null, new UserAttribute("role", ["student"])).Did("c1"))
        .ThenAnswered<UserReserved>(r =>
        {
            Assert.Equal("role", Assert.Single(r.Attributes!.Read<List<UserAttribute>>()!).Name);
            Assert.Contains("c1", r.Why, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData(40, 100, 100, "grant_total", null)]
    [InlineData(100, 40, 41, "daily_cap", 43_200L)]
    [InlineData(100, 40, 40, "daily_cap", 2_635_200L)]
    [InlineData(100, 100, 40, "monthly_cap", 2_635_200L)]
    public void The_limit_that_is_short_is_named_with_what_is_left_of_it_and_when_its_period_is_over(long total, long daily, long monthly, string limit, long? seconds)
    {
        var user = Profiled(daily, monthly).Given(new UserEvent.GrantPut(Agent, Grant(total: total))).Did("c1");
        Held(user, 30);
        user.When(user.Reserve(11, Sponsor("c1"))).ThenRejected(UserRejection.OverLimit(limit, 10, limit == "grant_total" ? Agent : "u1", 11, seconds));
        Assert.Equal(limit, user.Rejection().Fact("limit"));
        Assert.Equal("0.001", user.Rejection().Fact("remaining_cents"));
        user.When(user.Reserve(10, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_cap_that_is_smaller_than_what_is_asked_is_not_waited_for()
    {
        var user = Profiled(10).Did("c1");
        user.When(user.Reserve(11, Sponsor("c1"))).ThenRejected(UserRejection.OverLimit("daily_cap", 10, "u1", 11));
    }

    [Fact]
    public void Lowering_a_limit_below_what_is_in_use_stops_new_holds_and_breaks_none()
    {
        var user = Held(Granted(Grant(total: 100)).Did("c1")).When(new UserCommand.PutGrant(Agent, Grant(total: 10)));
        user.When(user.Reserve(1, Sponsor("c1"))).ThenRejected(UserRejection.OverLimit("grant_total", 0, Agent, 1))
            .When(new NodeCommand.Post(Hold, 40)).ThenAnswered(new HoldEnded(Hold, HoldStanding.Posted));
        Assert.Equal((40, 0), (Of(user, "grant:a1").Posted, Of(user, "grant:a1").Held));
    }

    [Fact]
    public void The_day_is_the_users_own()
    {
        // 15:30 UTC is half past midnight of the next day in Tokyo.
        var user = Capped(100, null, "Asia/Tokyo").At(new(2026, 3, 1, 14, 30, 0, TimeSpan.Zero));
        user.When(user.Reserve(100, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved))
            .When(user.Reserve(1, Sponsor("c1"))).ThenRejected(UserRejection.OverLimit("daily_cap", 0, "u1", 1, 1_800))
            .After(TimeSpan.FromHours(1))
            .When(user.Reserve(100, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
        Assert.Equal(["day:2026-03-01", "day:2026-03-02"], user.State.Accounts.Keys.Where(AccountKeys.IsDay));
    }

    [Fact]
    public void A_hold_stays_in_the_period_in_which_it_was_reserved()
    {
        var user = Held(Capped(100)).After(TimeSpan.FromDays(1)).When(new NodeCommand.Post(Hold, 40));
        Assert.Equal(40, Of(user, "day:2026-03-01").Posted);
    }

    [Fact]
    public void Days_and_months_that_are_past_everywhere_are_forgotten_but_not_their_holds()
    {
        var user = Held(Capped(100, 1000)).After(TimeSpan.FromDays(40));
        user.When(user.Reserve(1, Sponsor("c1")));
        Assert.Equal(["day:2026-03-01", "day:2026-04-10"], user.State.Accounts.Keys.Where(AccountKeys.IsDay));
        user.When(new NodeCommand.Void(Hold)).After(TimeSpan.FromDays(2));
        user.When(user.Reserve(1, Sponsor("c1")));
        Assert.Equal(["day:2026-04-12"], user.State.Accounts.Keys.Where(AccountKeys.IsDay).Where(k => k != "day:2026-04-10"));
        Assert.Equal(["month:2026-04"], user.State.Accounts.Keys.Where(AccountKeys.IsMonth));
    }

    [Fact]
    public void Who_the_user_is_comes_with_what_was_completed_where_it_is_asked_for()
    {
        var user = Profiled(null, null, null, new UserAttribute("role", ["student"])).Did("c1");

        user.When(new UserCommand.GetSponsorship(Agent, WithProfile: true)).ThenAnswered<Sponsorship>(told => Assert.Equal("role", told.Known!.Profile!.Read<Profile>()!.Attributes![0].Name));
        user.When(new UserCommand.GetSponsorship(Agent)).ThenAnswered<Sponsorship>(told => Assert.Null(told.Known));
    }

    [Fact]
    public void A_user_without_a_known_zone_lives_in_UTC() => Profiled(100, null, "Atlantis/Capital").ThenState(s => Assert.Equal(LocalDay.Utc(UserTest.Start), s.DayAt(new(UserTest.Start, default, Zones: SystemTimeZones.Instance))));

    [Fact]
    public void A_posted_run_frees_what_it_did_not_cost()
    {
        var user = Held(Capped(100)).When(new NodeCommand.Post(Hold, 25)).Then(new UserEvent.HoldPosted(Hold, 25));
        Assert.Equal(new Account(100, 25, 0), Of(user, "day:2026-03-01"));
        Assert.Equal(new Account(3, 1, 0), Of(user, "runs:c1"));
        Assert.Equal(25, Of(user, "micros:c1").Posted);
    }

    [Fact]
    public void A_voided_run_frees_all()
    {
        var user = Held(Capped(100)).When(new NodeCommand.Void(Hold)).Then(new UserEvent.HoldVoided(Hold)).ThenAnswered(new HoldEnded(Hold, HoldStanding.Voided));
        Assert.All(user.State.Accounts.Values, a => Assert.Equal((0, 0), (a.Posted, a.Held)));
    }

    [Fact]
    public void A_free_run_needs_no_fund_and_takes_nothing_from_a_limit()
    {
        var user = Profiled(0, 0);
        user.When(user.ReserveAs(Hold, 0, Sponsor("c1"))).ThenAnswered<UserReserved>(r => Assert.Null(r.Campaign));
        Assert.Empty(user.State.Accounts);
        user.When(new NodeCommand.Post(Hold, 0)).ThenAnswered(new HoldEnded(Hold, HoldStanding.Posted));
    }

    [Fact]
    public void A_late_reserve_meets_the_tombstone_of_its_void()
    {
        var user = Capped().When(new NodeCommand.Void(Hold)).Then(new UserEvent.HoldVoided(Hold));
        Held(user).ThenRejected(UserRejection.HoldIsDecided);
    }

    [Fact]
    public void A_repeated_post_is_answered_posted_and_a_forgotten_one_forgotten() => Held(Capped())
        .When(new NodeCommand.Post(Hold, 40))
        .When(new NodeCommand.Post(Hold, 40)).Then().ThenAnswered(new HoldEnded(Hold, HoldStanding.Posted))
        .When(new NodeCommand.Void(Hold)).Then().ThenAnswered(new HoldEnded(Hold, HoldStanding.Posted));

    /// <summary>The session forgets a hold that it was told is decided: lost after that, a Post would be asked about and become a Void.</summary>
    [Fact]
    public void A_decided_hold_is_answered_only_when_it_is_durable()
    {
        Assert.Equal(Riding.AwaitedLonger, Held(Capped()).When(new NodeCommand.Post(Hold, 40)).Last.Riding);
        Assert.Equal(Riding.AwaitedLonger, Held(Capped()).When(new NodeCommand.Void(Hold)).Last.Riding);
    }

    [Fact]
    public void What_is_older_than_outcomes_are_kept_is_forgotten() => Capped().After(TimeSpan.FromSeconds(121))
        .When(new NodeCommand.Post(Hold, 40)).Then().ThenAnswered(new HoldEnded(Hold, HoldStanding.Forgotten))
        .When(new NodeCommand.Void(Hold)).Then().ThenAnswered(new HoldEnded(Hold, HoldStanding.Forgotten));

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void A_post_of_a_hold_that_was_never_reserved_is_a_broken_invariant(int age) =>
        Broken("post_of_unknown_hold", Capped().After(TimeSpan.FromSeconds(age)), new NodeCommand.Post(Hold, 1));

    [Fact]
    public void A_post_of_a_voided_hold_is_a_broken_invariant() => Broken("post_of_voided", Held(Capped()).When(new NodeCommand.Void(Hold)), new NodeCommand.Post(Hold, 1));

    [Fact]
    public void A_post_above_what_is_held_is_a_broken_invariant()
    {
        var user = Held(Capped());
        Assert.Equal("post_within_hold", Assert.Throws<InvariantViolationException>(() => user.When(new NodeCommand.Post(Hold, 41))).Name);
    }

    [Fact]
    public void An_overdue_hold_is_asked_about_at_its_session_and_follows_it()
    {
        var user = Held(Capped());
        Assert.Equal(UserTest.Start.AddSeconds(60), UserDecider.Due(user.State));
        user.After(TimeSpan.FromSeconds(59)).When(UserEntity.Entity.Tick).ThenSteps();
        user.After(TimeSpan.FromSeconds(1)).When(UserEntity.Entity.Tick);
        var run = user.State.Holds.Open[Hold].RunId;
        user.ThenSteps(new NodeCommand.Inquire(run, Hold));
        var inquiry = user.Last.Steps[0];
        Assert.Equal(StreamId.Session("s1"), Assert.IsType<StepTarget.Entity>(inquiry.Target).Stream);
        Assert.Null(inquiry.Then(Lost));
        Assert.Null(inquiry.Then(Answered(new Inquired(run, Hold, Open: true, Posted: false, 0))));
        user.When(Assert.IsAssignableFrom<UserCommand>(inquiry.Then(Answered(new Inquired(run, Hold, Open: false, Posted: true, 30)))))
            .Then(new UserEvent.HoldPosted(Hold, 30));
        Assert.Null(UserDecider.Due(user.State));
    }

    [Theory]
    [InlineData(600, 600)]
    [InlineData(86_400, 900)]
    [InlineData(int.MaxValue, 900)]
    public void An_overdue_hold_whose_owner_says_how_long_it_stays_open_is_not_asked_about_before_and_at_most_15_minutes(int openFor, int putOff)
    {
        var user = Held(Capped()).After(TimeSpan.FromSeconds(60)).When(UserEntity.Entity.Tick);
        var run = user.State.Holds.Open[Hold].RunId;
        user.WhenStep(0, Answered(new Inquired(run, Hold, Open: true, Posted: false, 0, openFor))).Then();
        Assert.Equal(user.Now.AddSeconds(putOff), UserDecider.Due(user.State));
        user.After(TimeSpan.FromSeconds(putOff - 1)).When(UserEntity.Entity.Tick).ThenSteps();
        user.After(TimeSpan.FromSeconds(1)).When(UserEntity.Entity.Tick).ThenSteps(new NodeCommand.Inquire(run, Hold));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_overdue_hold_whose_owner_says_no_time_is_asked_about_with_the_next_alarm(int? openFor)
    {
        var user = Held(Capped()).After(TimeSpan.FromSeconds(60)).When(UserEntity.Entity.Tick);
        Assert.Null(user.Last.Steps[0].Then(Answered(new Inquired(user.State.Holds.Open[Hold].RunId, Hold, Open: true, Posted: false, 0, openFor))));
    }

    [Fact]
    public void A_hold_that_ended_while_its_owner_answered_that_it_stays_open_is_not_asked_about()
    {
        var user = Held(Capped()).After(TimeSpan.FromSeconds(60)).When(UserEntity.Entity.Tick);
        var answered = user.Last.Steps[0].Then(Answered(new Inquired(user.State.Holds.Open[Hold].RunId, Hold, Open: true, Posted: false, 0, 600)));
        user.When(new NodeCommand.Post(Hold, 30)).When(Assert.IsAssignableFrom<UserCommand>(answered)).Then();
        Assert.Null(UserDecider.Due(user.State));
    }

    [Fact]
    public void A_hold_that_its_session_does_not_know_is_freed()
    {
        var user = Held(Capped()).After(TimeSpan.FromSeconds(60)).When(UserEntity.Entity.Tick);
        user.WhenStep(0, Answered(new Inquired(user.State.Holds.Open[Hold].RunId, Hold, Open: false, Posted: false, 0))).Then(new UserEvent.HoldVoided(Hold));
    }

    private static void Broken(string name, UserTest user, UserCommand command) =>
        Assert.Equal(name, Assert.Throws<InvariantViolationException>(() => UserDecider.Decide(user.State, command, new(user.Now, user.NextId()))).Name);
}
