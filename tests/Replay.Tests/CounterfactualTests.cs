using System.Text;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Tests.Users;
using Agora.Core.Users;

namespace Agora.Replay.Tests;

/// <summary>What real history has seldom: rows of earlier releases, streams whose clocks differ, a run that is requested twice.</summary>
public sealed class CounterfactualTests
{
    private const string Agent = "a1";
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly StreamId Session = StreamId.Session("s1");
    private static readonly AuditLine Line = new(Guid.Empty, "run_service", "POST /agent/test", "", 200);
    private static readonly PolicyChange Nothing = new(null, null, null, null, null, null, null);

    [Fact]
    public void Whether_a_narrower_scope_refuses_a_run_of_unknown_category_is_not_known()
    {
        var narrower = History(Nothing with { Categories = ["maps"] });
        var lower = History(Nothing with { DailyCapMicros = 50 });
        foreach (var history in new[] { narrower, lower })
        {
            Request(history, Run(1), 40, Start, category: null);
            Request(history, Run(2), 40, Start, category: "writing");
        }

        Assert.Equal((1, Run(2)), (narrower.NotKnown, Assert.Single(narrower.Refused).RunId));
        Assert.Equal((0, 0), (lower.NotKnown, lower.Refused.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(3)]
    public void Clocks_that_differ_do_not_change_what_is_refused(int userAheadSeconds)
    {
        var history = History(Nothing with { DailyCapMicros = 50, BudgetLimitMicros = 100 });
        var told = new List<(DateTimeOffset At, Action Tell)>();
        for (var n = 1; n <= 3; n++)
        {
            var (run, at) = (n, Start.AddSeconds(n));
            told.Add((at, () => Request(history, Run(run), 40, at)));
            told.Add((at.AddSeconds(userAheadSeconds), () => Reserve(history, Run(run), 40, at.AddSeconds(userAheadSeconds))));
            told.Add((at.AddMilliseconds(20), () => Conclude(history, Run(run), 40, at.AddMilliseconds(20))));
        }

        // As the reader does it: by time, but what waits lets the user's next entry go first.
        var (sessions, users) = (new Queue<(DateTimeOffset At, Action Tell)>(told.Where((_, i) => i % 3 != 1)), new Queue<(DateTimeOffset At, Action Tell)>(told.Where((_, i) => i % 3 == 1)));
        while (sessions.Count > 0)
        {
            var concludes = sessions.Count % 2 == 1;
            var waits = concludes && history.Waits(Concluded(Run(3 - (sessions.Count / 2)), 40), sessions.Peek().At);
            if (users.Count > 0 && (waits || users.Peek().At < sessions.Peek().At))
            {
                users.Dequeue().Tell();
            }
            else
            {
                sessions.Dequeue().Tell();
            }
        }

        while (users.TryDequeue(out var last))
        {
            last.Tell();
        }

        history.CheckInvariants();
        Assert.Equal([Run(2), Run(3)], history.Refused.Select(r => r.RunId).Order());
        Assert.All(history.Refused, r => Assert.Equal((RecordedOutcome.Succeeded, 40L, "daily_cap"), (r.Outcome, r.PaidMicros, r.By.Kind)));
    }

    [Fact]
    public void A_run_that_is_requested_again_after_its_refusal_is_decided_again()
    {
        var history = History(Nothing with { DailyCapMicros = 30 });
        Request(history, Run(1), 40, Start);
        Reserve(history, Run(1), 40, Start);
        Told(history, new RunEvent.Refused(Run(1), new("echo", "provider-1", Start, Line), UserRejection.NoSponsor), Start);
        var again = Start.AddSeconds(10);
        Request(history, Run(1), 20, again);
        Reserve(history, Run(1), 20, again);
        Conclude(history, Run(1), 20, again);

        Assert.Equal((2, RecordedOutcome.Refused), (history.Runs, Assert.Single(history.Refused).Outcome));
        history.CheckInvariants();
    }

    /// <summary>In rows of earlier releases: while a stream's time stood still, a run that was requested again had the hold that it had had before.</summary>
    [Fact]
    public void A_run_that_is_requested_again_under_the_same_hold_is_refused_once_with_its_last_outcome()
    {
        var history = History(Nothing with { BudgetLimitMicros = 30 });
        Request(history, Run(1), 40, Start);
        Told(history, new RunEvent.Refused(Run(1), new("echo", "provider-1", Start, Line), UserRejection.NoSponsor), Start);
        Request(history, Run(1), 40, Start);
        Conclude(history, Run(1), 40, Start);

        Assert.Equal((RecordedOutcome.Succeeded, 40L), (Assert.Single(history.Refused).Outcome, history.Refused.Single().PaidMicros));
        Assert.True(history.IsOver(history.To));
        history.CheckInvariants();
    }

    /// <summary>The clock above may be behind by more than a run and its refund take.</summary>
    [Fact]
    public void What_a_session_above_posted_waits_for_a_request_that_is_still_to_come_by_its_own_clock()
    {
        var history = History(Nothing with { BudgetLimitMicros = 30 });
        var (below, hold, behind) = (StreamId.Session("s2.s1"), RunHolds.Above(Start, Run(1), null, approved: false, 0), Start.AddSeconds(-1));
        history.Happened(below, new SessionEvent.Begun("a2", "u1", UserScenario.Everything, 1_000, Start.AddHours(1), [new("s1", Agent)]), Run(93), behind);
        Told(history, new SessionEvent.Delegated(new("s2.s1", "a2", Start.AddHours(1), new(Run(95), UserScenario.Everything, 1_000, 3_600, Line))), behind);
        Told(history, new SessionEvent.HoldReserved(hold, below.ToString(), Run(1), 40, 960), behind);
        var posted = new SessionEvent.HoldPosted(hold, 40);

        Assert.True(history.Waits(posted, behind));
        history.Happened(below, new RunEvent.Requested(Run(1), Hold(Run(1), 40), "echo", 40, "provider-1", null, "h", Start.AddSeconds(26), Line), Run(1), Start);
        Assert.False(history.Waits(posted, behind));
        Told(history, posted, behind);
        Told(history, new SessionEvent.RefundTaken(Run(94), Run(1), 40), behind);

        Assert.Equal(Run(1), Assert.Single(history.Refused).RunId);
        history.CheckInvariants();
    }

    /// <summary>The user's clock is behind its sessions' clocks. What is posted above would wait for ever, and a run that never was would hold the budget above.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_the_user_refuses_before_its_request_is_told_of_holds_nothing_above(bool aboveFirst)
    {
        var history = History(Nothing with { DailyCapMicros = 30, BudgetLimitMicros = 50 });
        var (below, hold) = (StreamId.Session("s2.s1"), RunHolds.Above(Start, Run(1), null, approved: false, 0));
        history.Happened(below, new SessionEvent.Begun("a2", "u1", UserScenario.Everything, 1_000, Start.AddHours(1), [new("s1", Agent)]), Run(93), Start);
        Told(history, new SessionEvent.Delegated(new("s2.s1", "a2", Start.AddHours(1), new(Run(95), UserScenario.Everything, 1_000, 3_600, Line))), Start);
        Reserve(history, Run(1), 40, Start.AddSeconds(-1));
        Action[] told =
        [
            () => history.Happened(below, new RunEvent.Requested(Run(1), Hold(Run(1), 40), "echo", 40, "provider-1", null, "h", Start.AddSeconds(26), Line), Run(1), Start),
            () => Told(history, new SessionEvent.HoldReserved(hold, below.ToString(), Run(1), 40, 960), Start),
        ];
        foreach (var tell in aboveFirst ? told.Reverse() : told)
        {
            tell();
        }

        Assert.False(history.Waits(new SessionEvent.HoldPosted(hold, 40), Start));
        Request(history, Run(2), 20, Start.AddSeconds(1));
        Assert.Equal("daily_cap", Assert.Single(history.Refused).By.Kind);
        history.CheckInvariants();
    }

    [Fact]
    public void What_was_not_concluded_as_far_as_was_read_is_pending_and_read_on_for()
    {
        var history = History(Nothing with { BudgetLimitMicros = 30 }, Start.AddSeconds(1));
        Request(history, Run(1), 40, Start);

        Assert.False(history.IsOver(Start.AddSeconds(2)));
        Assert.Equal(RecordedOutcome.Pending, Assert.Single(history.Refused).Outcome);
        Conclude(history, Run(1), 40, Start.AddSeconds(2));
        Assert.True(history.IsOver(Start.AddSeconds(2)));
        Assert.Equal(40, Assert.Single(history.Refused).PaidMicros);
    }

    /// <summary>An earlier release counted only what had a cap: by today's rules its cap would find 40 spent, and refuse what was admitted.</summary>
    [Fact]
    public void Rows_that_counted_only_what_had_a_cap_are_decided_by_what_they_counted()
    {
        var history = Granted(Nothing with { BudgetLimitMicros = 1_000 });
        Pay(history, 1, 40);
        Put(history, daily: 50);
        Pay(history, 2, 40, "day:2030-01-01");

        Assert.Equal((2, 0), (history.Runs, history.Refused.Count));
        history.CheckInvariants();
    }

    [Fact]
    public void A_changed_cap_knows_what_was_counted_before_it_without_a_cap_daily_cap()
    {
        string[] counted = ["grant:a1", "day:2030-01-01", "month:2030-01"];
        var history = Granted(Nothing with { DailyCapMicros = 100 }, from: Start.AddSeconds(2));
        Pay(history, 1, 40, counted);
        Pay(history, 2, 60, counted);
        Pay(history, 3, 10, counted);

        Assert.Equal((Run(3), "daily_cap"), (Assert.Single(history.Refused).RunId, history.Refused.Single().By.Kind));
        history.CheckInvariants();
    }

    /// <summary>The zone was erased since, so nothing but the lines says in whose day the runs were: it was 2 January in Tokyo, and the new zone had not begun.</summary>
    [Fact]
    public void Where_the_zone_was_erased_the_recorded_lines_say_in_which_day_a_run_was()
    {
        string[] counted = ["grant:a1", "day:2030-01-02", "month:2030-01"];
        var history = Granted(Nothing with { DailyCapMicros = 70 });
        Pay(history, 1, 40, counted);
        Pay(history, 2, 40, "grant:a1", "day:2030-01-01", "month:2030-01");
        Pay(history, 3, 40, counted);

        Assert.Equal(Run(3), Assert.Single(history.Refused).RunId);
        history.CheckInvariants();
    }

    [Fact]
    public void A_users_cap_cannot_be_changed_for_one_agent() =>
        Assert.Throws<InvariantViolationException>(() => new ChangedPolicy([Nothing with { AgentId = Agent, DailyCapMicros = 1 }]));

    /// <summary>A user who did the task of campaign c1, and a session that has begun.</summary>
    private static Counterfactual History(PolicyChange change, DateTimeOffset? to = null, DateTimeOffset? from = null)
    {
        var history = new Counterfactual(StreamId.User("u1"), new([change]), from ?? DateTimeOffset.UnixEpoch, to ?? DateTimeOffset.MaxValue);
        var before = Start.AddMinutes(-1);
        ConsentRecorded[] consents = [new("consent-1", "contact")];
        foreach (var happened in new UserEvent[]
        {
            new UserEvent.UserVouched(),
            new UserEvent.TaskClaimed(Run(90), Run(91), "c1", "s1", Agent, "agent", consents),
            new UserEvent.TaskCompleted(Run(90), new(Run(91), "c1", consents, before)),
        })
        {
            history.Happened(happened, default, Run(90), before);
        }

        history.Happened(Session, new SessionEvent.Begun(Agent, "u1", UserScenario.Everything, 1_000, Start.AddHours(1)), Run(92), before);
        return history;
    }

    private static Counterfactual Granted(PolicyChange change, DateTimeOffset? from = null)
    {
        var history = History(change, from: from);
        history.Happened(new UserEvent.GrantPut(Agent, UserScenario.Grant()), default, Run(93), Start.AddMinutes(-1));
        return history;
    }

    private static void Put(Counterfactual history, long daily) =>
        history.Happened(new UserEvent.UserPut("u1", daily, null, []) { Profile = UserScenario.Profile() }, default, Run(94), Start.AddSeconds(1).AddMilliseconds(500));

    /// <summary>The n-th second has a run of this price, which is posted.</summary>
    private static void Pay(Counterfactual history, int n, long price, params IReadOnlyList<string> counted)
    {
        var at = Start.AddSeconds(n);
        Request(history, Run(n), price, at);
        Reserve(history, Run(n), price, at, counted);
        Conclude(history, Run(n), price, at);
        history.Happened(new UserEvent.HoldPosted(Hold(Run(n), price), price), default, Run(n), at);
    }

    private static void Request(Counterfactual history, Guid run, long price, DateTimeOffset at, string? category = "writing") =>
        history.Happened(Session, new RunEvent.Requested(run, Hold(run, price), "echo", price, "provider-1", null, "h", at.AddSeconds(26), Line, Category: category), run, at);

    private static void Reserve(Counterfactual history, Guid run, long price, DateTimeOffset at, IReadOnlyList<string>? counted = null)
    {
        var reserve = new NodeCommand.Reserve(Hold(run, price), Session.ToString(), run, price, new ReserveTerms.OfUser(Agent, [UserScenario.Sponsor("c1", runs: 10)], false));
        var cause = $$"""{"command":{{Encoding.UTF8.GetString(UserCodec.Commands.Encode(reserve).Payload)}}}""";
        var reserved = new UserEvent.HoldReserved(reserve.HoldId, reserve.Owner, run, Agent, price, [.. (counted ?? []).Select(account => new HoldLine(account, price))], ((ReserveTerms.OfUser)reserve.Terms).Candidates, "");
        history.Happened(reserved, Encoding.UTF8.GetBytes(cause), reserve.HoldId, at);
    }

    private static void Conclude(Counterfactual history, Guid run, long price, DateTimeOffset at) => Told(history, Concluded(run, price), at);

    private static RunEvent.Concluded Concluded(Guid run, long price) =>
        new(run, new("echo", "provider-1", Start, Line), true, price, null, null, null, new(1_000, price, 0, 1_000 - price), 1);

    private static void Told(Counterfactual history, LeafEvent happened, DateTimeOffset at) => history.Happened(Session, happened, Guid.Empty, at);

    private static Guid Run(int n) => Ids.Derive(Start.AddMilliseconds(n), Ids.FromKey("t", "c", "run"), n);

    private static Guid Hold(Guid run, long price) => Ids.Derive(Start, run, (int)price);
}
