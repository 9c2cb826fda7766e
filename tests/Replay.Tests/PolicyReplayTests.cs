using System.Security.Cryptography;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Replay.Reading;
using Agora.Testing;

namespace Agora.Replay.Tests;

/// <summary>History as the product writes it, replayed under changed policies.</summary>
public sealed class PolicyReplayTests
{
    private const string User = "u1";
    private const string Agent = "a1";
    private static readonly PolicyChange Nothing = new(null, null, null, null, null, null, null);
    private static readonly PolicyChange AboveAll = new(null, null, Limits.MaxMicros, Limits.MaxMicros, null, null, null);
    private static readonly PolicyChange AboveEverySession = new(null, Agent, null, null, Limits.MaxMicros, Limits.MaxMicros, ["*"]);

    [Fact]
    public void Changes_that_bind_nobody_refuse_nothing() => Simulated(async world =>
    {
        await Spend(world, User, 10, 20, 30);
        await Spend(world, "u2", 40);

        var report = await Replay(world, AboveAll, AboveEverySession);

        Assert.Equal((2, 2, 4, 0, 0L, 0), (report.Users, report.Sessions, report.Runs, report.RefusedCount, report.PaidMicros, report.NotKnown));
        Assert.Null(report.NextUserId);
    });

    [Fact]
    public void A_lower_daily_cap_refuses_the_run_that_crosses_it_and_lets_a_later_smaller_one_through() => Simulated(async world =>
    {
        var session = await Spend(world, User, 10, 30, 5);

        var report = await Replay(world, Nothing with { DailyCapMicros = 20 });

        var refused = Assert.Single(report.Refused);
        Assert.Equal((30L, RecordedOutcome.Succeeded, new Refuser("daily_cap", User), Codes.BudgetExceeded), (refused.AmountMicros, refused.Outcome, refused.By, refused.Reason.Code));
        Assert.Equal((session, User, Agent, "echo"), (refused.SessionId, refused.UserId, refused.AgentId, refused.ServiceId));
        Assert.Equal((1, 30L), (report.RefusedCount, report.PaidMicros));
    });

    [Fact]
    public void A_run_that_the_user_refuses_frees_its_sessions_budget_for_a_later_one() => Simulated(async world =>
    {
        await Spend(world, User, 30, 25);

        var byBoth = await Replay(world, Nothing with { MonthlyCapMicros = 26, BudgetLimitMicros = 30 });
        var bySession = await Replay(world, Nothing with { BudgetLimitMicros = 30 });

        Assert.Equal((30L, "monthly_cap"), (Assert.Single(byBoth.Refused).AmountMicros, byBoth.Refused[0].By.Kind));
        Assert.Equal((25L, "session"), (Assert.Single(bySession.Refused).AmountMicros, bySession.Refused[0].By.Kind));
    });

    [Fact]
    public void A_run_that_the_session_refuses_frees_the_users_cap_for_a_later_one() => Simulated(async world =>
    {
        await Spend(world, User, 30, 25);

        var report = await Replay(world, Nothing with { DailyCapMicros = 50, BudgetLimitMicros = 26 });

        Assert.Equal((30L, "session"), (Assert.Single(report.Refused).AmountMicros, report.Refused[0].By.Kind));
    });

    [Fact]
    public void A_grants_total_binds_all_sessions_of_its_agent_and_no_other_agent() => Simulated(async world =>
    {
        await Spend(world, User, 10);
        await Spend(world, User, 11);

        var report = await Replay(world, Nothing with { AgentId = Agent, TotalLimitMicros = 20 });
        var other = await Replay(world, Nothing with { AgentId = "a2", TotalLimitMicros = 20 });

        Assert.Equal((11L, new Refuser("grant_total", Agent)), (Assert.Single(report.Refused).AmountMicros, report.Refused[0].By));
        Assert.Empty(other.Refused);
    });

    [Fact]
    public void A_run_of_a_delegated_session_meets_the_changed_budgets_above_it_and_frees_the_others_where_one_refuses() => Simulated(async world =>
    {
        var root = await Spend(world, User, 10);
        var child = await Delegate(world, root, "a2");
        var grandchild = await Delegate(world, child, "a3");
        await Run(world, grandchild, 30);
        await Run(world, grandchild, 12);
        await Run(world, root, 8);

        Assert.Empty((await Replay(world, AboveAll, AboveEverySession)).Refused);
        var byRoot = await Replay(world, Nothing with { AgentId = Agent, BudgetLimitMicros = 30 }, Nothing with { DailyCapMicros = 30 });
        var byChild = await Replay(world, Nothing with { AgentId = "a2", BudgetLimitMicros = 29 });
        var byGrant = await Replay(world, Nothing with { AgentId = Agent, TotalLimitMicros = 39 });
        var byScope = await Replay(world, Nothing with { AgentId = Agent, Categories = ["maps"] });

        Assert.Equal((30L, grandchild, "a3"), Only(byRoot));
        Assert.Equal(new Refuser("session", child), Assert.Single(byChild.Refused).By);
        Assert.Equal((30L, new Refuser("grant_total", Agent)), (Assert.Single(byGrant.Refused).AmountMicros, byGrant.Refused[0].By));
        Assert.Equal(4, byScope.RefusedCount); // what is delegated is no wider than what delegates

        static (long, string, string) Only(ReplayReport report) =>
            (Assert.Single(report.Refused).AmountMicros, report.Refused[0].SessionId, report.Refused[0].AgentId);
    });

    [Fact]
    public void A_transfer_counts_against_the_same_limits_and_no_category_concerns_it() => Simulated(async world =>
    {
        await world.Entities.Wallet("agent:a1").Send(new WalletCommand.Deposit(1_000, null), world.New(World.Key("admin", "deposit")));
        await Spend(world, User);
        var opened = await world.Entities.User(User).Send(new UserCommand.OpenSession(Agent, new(["*"], ["*"], ["*"], ["*"], ["*"]), 1_000, 3_600, Vouched: true), world.New());
        var session = Assert.IsType<SessionOpened>(opened.Reply).SessionId;
        await Run(world, session, 10);
        var sent = await world.Entities.Session(session).Send(new RunCommand.Transfer(World.Request("transfer"), "agent:a2", 20, "thanks", PayeeKnown: true), world.New());
        Assert.Null(sent.Rejection);

        Assert.Empty((await Replay(world, AboveAll, AboveEverySession)).Refused);
        Assert.Equal("", Assert.Single((await Replay(world, Nothing with { BudgetLimitMicros = 29 })).Refused).ServiceId);
        Assert.Equal("echo", Assert.Single((await Replay(world, Nothing with { Categories = ["maps"] })).Refused).ServiceId);
    });

    [Fact]
    public void Narrower_scopes_refuse_what_they_do_not_cover() => Simulated(async world =>
    {
        var session = await Spend(world, User, 10, 20);

        var outside = await Replay(world, Nothing with { Categories = ["maps"] });
        var inside = await Replay(world, Nothing with { Categories = ["WRITING"] });

        Assert.All(outside.Refused, r => Assert.Equal((Codes.ScopeViolation, new Refuser("scope", session)), (r.Reason.Code, r.By)));
        Assert.Equal((2, 30L), (outside.RefusedCount, outside.PaidMicros));
        Assert.Empty(inside.Refused);
    });

    [Fact]
    public void Only_what_was_decided_between_from_and_to_is_decided_anew_and_what_was_spent_before_counts() => Simulated(async world =>
    {
        var session = await Spend(world, User, 10);
        var from = world.Time.GetUtcNow();
        await Run(world, session, 20);
        var to = world.Time.GetUtcNow();
        await Run(world, session, 30);

        var report = await Replay(world, from, to, Nothing with { BudgetLimitMicros = 15 });

        Assert.Equal((1, 20L), (report.Runs, Assert.Single(report.Refused).AmountMicros));
        Assert.Equal(RecordedOutcome.Succeeded, report.Refused[0].Outcome);
    });

    [Fact]
    public void Failed_and_refused_runs_are_listed_as_what_they_were_and_count_no_money() => Simulated(async world =>
    {
        var session = await Spend(world, User, 10);
        world.Service.Answers = _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "no", 3));
        Assert.Equal(Codes.UpstreamFailed, (await world.Run(session, "c1", 20, "fails")).Rejection!.Code);
        await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
        Assert.Equal(Codes.PaymentRequired, (await world.Run(session, "none", 20, "refused")).Rejection!.Code);

        var report = await Replay(world, Nothing with { BudgetLimitMicros = 5 });

        Assert.Equal([RecordedOutcome.Succeeded, RecordedOutcome.Failed, RecordedOutcome.Refused], report.Refused.Select(r => r.Outcome));
        Assert.Equal(10, report.PaidMicros);
    });

    [Fact]
    public void An_erased_users_history_replays_in_the_days_that_were_recorded() => Simulated(async world =>
    {
        foreach (var (user, zone) in new[] { ("east", "Pacific/Kiritimati"), ("west", "Etc/GMT+12") })
        {
            var profile = Personal.Of(new Profile([], zone));
            Assert.IsType<UserView>((await world.Entities.User(user).Send(new UserCommand.PutUser(profile, 1_000, 1_000), world.New())).Reply);
            await Spend(world, user, 10, 20);
            Assert.IsType<UserErased>((await world.Entities.User(user).Send(new UserCommand.EraseData(), world.New())).Reply);
        }

        Assert.Empty((await Replay(world, AboveAll)).Refused);
        Assert.Equal([20L, 20L], (await Replay(world, Nothing with { DailyCapMicros = 25 })).Refused.Select(r => r.AmountMicros));
    });

    [Fact]
    public void A_day_is_the_users_own_and_a_month_spans_its_days() => Simulated(async world =>
    {
        var profile = Personal.Of(new Profile([], "Asia/Tokyo")); // where the second run, at 23:00 UTC, is in the next day
        await world.Entities.User(User).Send(new UserCommand.PutUser(profile, null, null), world.New());
        await Task.Delay(TimeSpan.FromHours(1), world.Time);
        await Spend(world, User, 10);
        await Task.Delay(TimeSpan.FromHours(22), world.Time);
        await Spend(world, User, 11);

        Assert.Empty((await Replay(world, Nothing with { DailyCapMicros = 11 })).Refused);
        Assert.Equal("monthly_cap", Assert.Single((await Replay(world, Nothing with { DailyCapMicros = 11, MonthlyCapMicros = 20 })).Refused).By.Kind);
    });

    [Fact]
    public void A_cap_that_was_put_later_does_not_count_what_only_a_changed_one_had_counted() => Simulated(async world =>
    {
        await Spend(world, User, 90);
        await world.Entities.User(User).Send(new UserCommand.PutUser(Personal.Of(new Profile([], null)), 100, null), world.New());
        await Spend(world, User, 80);

        Assert.Empty((await Replay(world, AboveAll)).Refused);
    });

    [Fact]
    public void A_lower_cap_never_refuses_less_money() => Simulated(async world =>
    {
        var random = new Random(20_260_301);
        await Spend(world, User, [.. Enumerable.Range(0, 60).Select(_ => (long)random.Next(1, 100))]);
        var refused = new List<long>();
        for (var cap = 0; cap < 3_500; cap += 7)
        {
            refused.Add((await Replay(world, Nothing with { DailyCapMicros = cap })).PaidMicros);
        }

        Assert.Equal(refused.OrderDescending(), refused);
        Assert.True(refused.Distinct().Count() > 50 && refused[^1] == 0, string.Join(' ', refused));
    });

    [Fact]
    public void Pages_are_of_one_list_by_time_over_all_users_and_one_user_alone_can_be_asked_for() => Simulated(async world =>
    {
        foreach (var user in new[] { "u3", User, "u2" })
        {
            await Spend(world, user, 10);
        }

        var second = await Replay(world, new ReplayRequest(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [Nothing with { DailyCapMicros = 5 }], null, 1, 1));
        var one = await Replay(world, Nothing with { UserId = "u2", DailyCapMicros = 5 });
        var rest = await Replay(world, new ReplayRequest(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, [Nothing with { DailyCapMicros = 5 }], "u2", 0, 50));

        Assert.Equal((3, 30L, User), (second.RefusedCount, second.PaidMicros, Assert.Single(second.Refused).UserId));
        Assert.Equal((1, "u2"), (one.Users, Assert.Single(one.Refused).UserId));
        Assert.Equal(["u3", "u2"], rest.Refused.Select(r => r.UserId));
    });

    [Fact]
    public void A_replay_that_meets_a_bound_says_where_it_stopped_and_goes_on_from_there() => Simulated(async world =>
    {
        var session = await Spend(world, User, 10);
        await Spend(world, "u2", 10, 20, 30);
        await Spend(world, "u3", 10);
        var cap = Nothing with { DailyCapMicros = 5 };
        var bounds = ReplayBounds.OfTheProduct;

        var users = await Replay(world, Whole(cap), bounds with { Users = 2 });
        var rows = await Replay(world, Whole(cap), bounds with { Rows = 1 });
        var late = await Replay(world, Whole(cap), bounds with { Time = TimeSpan.FromTicks(-1) });
        var rest = await Replay(world, Whole(cap) with { FirstUserId = users.NextUserId }, bounds);
        var tooLong = await Replay(world, Whole(cap), bounds with { UserRows = await Rows(StreamId.User(User)) + await Rows(StreamId.Session(session)) });

        Assert.Equal((2, 4, "u3"), (users.Users, users.RefusedCount, users.NextUserId));
        Assert.Equal((1, 1, (string?)null), (rest.Users, rest.RefusedCount, rest.NextUserId));
        Assert.Equal((User, 0), (late.NextUserId, late.Runs));
        Assert.Equal((0, "u2"), (rows.Users, rows.NextUserId));
        Assert.Equal([User], rows.LeftOut);
        Assert.Equal(["u2"], tooLong.LeftOut);
        Assert.Equal((2, 2, (string?)null), (tooLong.Users, tooLong.RefusedCount, tooLong.NextUserId));

        async Task<int> Rows(StreamId stream) => (await world.Journal.Read(stream.ToString(), 0, 1_000, CancellationToken.None)).Count;
    });

    /// <summary>A session whose runs are paid by a campaign of the user's own, one after the other.</summary>
    private static async Task<string> Spend(World world, string user, params IReadOnlyList<long> prices)
    {
        await world.PutCampaign("c1", 1_000_000, runsPerCompletion: 1_000);
        var session = await world.OpenSession(user, Agent, 1_000_000);
        await world.Complete(session, "c1");
        foreach (var price in prices)
        {
            await Run(world, session, price);
        }

        return session;
    }

    private static async Task<string> Delegate(World world, string session, string agent)
    {
        var answer = await world.Entities.Session(session).Send(new SessionCommand.Delegate(World.Request("delegate_session"), agent, new(null, null, null, null), null, null), world.New());
        return Assert.IsType<SessionOpened>(answer.Reply).SessionId;
    }

    private static async Task Run(World world, string session, long price)
    {
        Assert.IsType<RunView>((await world.Run(session, "c1", price, world.Time.GetUtcNow().ToString("O"))).Reply);
        await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
    }

    /// <summary>Weeks may pass in it.</summary>
    private static void Simulated(Func<World, Task> test)
    {
        var time = new SimTimeProvider();
        var scheduler = new SimScheduler(new Random(1), time) { Patience = TimeSpan.FromDays(100) };
        scheduler.Run(() => test(Processes.WorldOn(new MemoryJournal(time), scheduler, time)));
    }

    private static Task<ReplayReport> Replay(World world, params PolicyChange[] changes) => Replay(world, Whole(changes));

    private static ReplayRequest Whole(params PolicyChange[] changes) => new(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, changes, null, 0, Limits.PageMax);

    private static Task<ReplayReport> Replay(World world, DateTimeOffset from, DateTimeOffset to, params PolicyChange[] changes) =>
        Replay(world, new ReplayRequest(from, to, changes, null, 0, Limits.PageMax));

    private static async Task<ReplayReport> Replay(World world, ReplayRequest request, ReplayBounds? bounds = null)
    {
        var keys = new PersonalKeys(world.Journal, new byte[32], RandomNumberGenerator.Fill, world.Time);
        return await new PolicyReplayer(world.Journal, keys, world.Time, bounds).Run(Tenant.Default, request, CancellationToken.None);
    }
}
