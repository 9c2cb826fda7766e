using System.Reflection;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Every refusal of a user's stream has a row here, which leads to it; a refused command changes nothing.</summary>
public sealed class UserRejectionTests
{
    private static readonly Guid Young = Ids.Derive(UserTest.Start, Command("young"), 0);
    private static readonly Guid Ahead = Ids.Derive(UserTest.Start.AddSeconds(6), Command("ahead"), 0);
    private static readonly Scopes Narrow = new(["survey"], [], [], []);
    private static readonly Dictionary<string, Func<(UserTest User, Rejection Expected)>> Rows = new(StringComparer.Ordinal)
    {
        [nameof(UserRejection.NotFound)] = () => (Fresh().When(Open()), UserRejection.NotFound),
        [nameof(UserRejection.Erased)] = () => (Erased().When(new UserCommand.PutUser(Profile(), null, null)), UserRejection.Erased),
        [nameof(UserRejection.AmountOutOfRange)] = () => (Fresh().When(new UserCommand.PutUser(Profile(), -1, null)), UserRejection.AmountOutOfRange),
        [nameof(UserRejection.UnknownTimeZone)] = () => (Fresh().When(new UserCommand.PutUser(Profile("Atlantis/Capital"), null, null)), UserRejection.UnknownTimeZone),
        [nameof(UserRejection.LiveSessionsOutOfRange)] = () => (Known().When(new UserCommand.PutGrant(Agent, Grant(sessions: 0))), UserRejection.LiveSessionsOutOfRange),
        [nameof(UserRejection.RaisesNothing)] = () => (Profiled(4).When(Raise(60)), UserRejection.RaisesNothing),
        [nameof(UserRejection.RaiseOutOfTime)] = () => (Profiled(4).When(Raise(60 * 24 * 31 + 1, 5)), UserRejection.RaiseOutOfTime),
        [nameof(UserRejection.NoRaise)] = () => (Profiled(4).When(new UserCommand.EndRaise()), UserRejection.NoRaise),
        [nameof(UserRejection.NothingToRaise)] = () => (Profiled().When(Raise(60, 5)), UserRejection.NothingToRaise("daily_cap_cents")),
        [nameof(UserRejection.NotAbove)] = () => (Profiled(5).When(Raise(60, 5)), UserRejection.NotAbove("daily_cap_cents", 5)),
        [nameof(UserRejection.NoGrant)] = () => (Known().When(Open(budget: 5)), UserRejection.NoGrant),
        [nameof(UserRejection.NoSuchGrant)] = () => (Known().When(new UserCommand.EndGrant(Agent)), UserRejection.NoSuchGrant),
        [nameof(UserRejection.NobodyActs)] = () => (Erased().When(Open(vouched: true)), UserRejection.NobodyActs),
        [nameof(UserRejection.Paused)] = () => (Granted().When(new UserCommand.Pause("asked for it")).When(Open()), UserRejection.Paused),
        [nameof(UserRejection.Stopped)] = () => (Granted().When(new UserCommand.SetAgentStanding(Agent, true, 1)).When(Open()), UserRejection.Stopped),
        [nameof(UserRejection.Behind)] = () => (Reserving(Granted().Live("s1").When(new UserCommand.PutGrant(Agent, Grant(Narrow)), Command("narrowed")), Young, 5), UserRejection.Behind),
        [nameof(UserRejection.SessionOver)] = () => (Late(Granted()), UserRejection.SessionOver),
        [nameof(UserRejection.ExpiryOutOfRange)] = () => (Granted().When(Open(seconds: 86_401)), UserRejection.ExpiryOutOfRange),
        [nameof(UserRejection.BudgetRequired)] = () => (Fresh().When(Open(vouched: true)), UserRejection.BudgetRequired),
        [nameof(UserRejection.GrantExpired)] = () => (Granted(Grant(expires: UserTest.Start)).When(Open()), UserRejection.GrantExpired),
        [nameof(UserRejection.BeyondScope)] = () => (Granted(Grant(Narrow)).When(Open(new(["survey", "poll"], null, null, null))), UserRejection.BeyondScope("allowed_task_types", "poll")),
        [nameof(UserRejection.BeyondBudget)] = () => (Granted(Grant(budget: 100)).When(Open(budget: 101, vouched: true)), UserRejection.BeyondBudget(100)),
        [nameof(UserRejection.TooManySessions)] = () => (Granted(Grant(sessions: 1)).Live("s1").When(Open(vouched: true)), UserRejection.TooManySessions(1)),
        [nameof(UserRejection.TooManyOpenings)] = () => (Granted().When(Open(per: new(1))).When(Open(per: new(1))), UserRejection.TooManyOpenings(1, 60)),
        [nameof(UserRejection.ParentEnded)] = () => (Granted().When(OpenBelow("c1", "s1")), UserRejection.ParentEnded),
        [nameof(UserRejection.OpeningUndecided)] = () => (Granted().Live("s1").When(OpenBelow("c1", "s1")).When(OpenBelow("c1", "s1")), UserRejection.OpeningUndecided),
        [nameof(UserRejection.TooManyDelegations)] = () => (Granted().Live("s1").Below("s2", Limits.LiveDelegations, "a9").When(OpenBelow("c1", "s1")), UserRejection.TooManyDelegations),
        [nameof(UserRejection.TooManyDelegationsOfAgent)] = () =>
            (Granted().Live("s1").Below("s1", Limits.LiveDelegationsOfAgent).When(OpenBelow("c1", "s1")), UserRejection.TooManyDelegationsOfAgent),
        [nameof(UserRejection.SuspendedByOperator)] = () => (Suspended().When(Open()), UserRejection.SuspendedByOperator),
        [nameof(UserRejection.Suspended)] = () => (Suspended().When(Open(vouched: true)), UserRejection.Suspended(Suspended().State.PairOf(Agent), UserTest.Start)),
        [nameof(UserRejection.TaskIsVoided)] = () => (Completing(Known().When(new UserCommand.VoidTask(Young)), Young), UserRejection.TaskIsVoided),
        [nameof(UserRejection.TaskUndecided)] = () => (Completing(Completing(Known(), Young), Young), UserRejection.TaskUndecided),
        [nameof(UserRejection.TaskTooLate)] = () => (Completing(Known().After(TimeSpan.FromSeconds(61)), Young), UserRejection.TaskTooLate),
        [nameof(UserRejection.TaskAhead)] = () => (Completing(Known(), Ahead), UserRejection.TaskAhead),
        [nameof(UserRejection.AlreadyCompleted)] = () => (Completing(Known().Did("c1"), Young), UserRejection.AlreadyCompleted(Completion("c1"))),
        [nameof(UserRejection.CompletingElsewhere)] = () => (Completing(Completing(Known(), Young), Command("other")), UserRejection.CompletingElsewhere),
        [nameof(UserRejection.OutputCannotBeKept)] = () => (Completing(Erased(), Young), UserRejection.OutputCannotBeKept),
        [nameof(UserRejection.AlreadyClaimed)] = () => (Claimed().When(Claimed().Claim("c1")), UserRejection.AlreadyClaimed(Claimed().State.RewardClaims["c1"])),
        [nameof(UserRejection.ClaimUndecided)] = () => (Completing(Known().When(Known().Claim("c1")), Young), UserRejection.ClaimUndecided),
        [nameof(UserRejection.TooManyClaims)] = () =>
            (Enumerable.Range(1, Limits.LiveClaims).Aggregate(Known(), (user, n) => user.When(user.Claim($"c{n}"))) is var many ? many.When(many.Claim("c0")) : Known(), UserRejection.TooManyClaims),
        [nameof(UserRejection.NotTargeted)] = () => (Completing(Known(), Young, new TargetingRule("role", ["student"])), UserRejection.NotTargeted),
        [nameof(UserRejection.NoSuchConsent)] = () => (Known().Did("c1").When(new UserCommand.WithdrawConsent("consent-c2")), UserRejection.NoSuchConsent),
        [nameof(UserRejection.AnothersConsent)] = () => (Known().Did("c1").When(new UserCommand.WithdrawConsent("consent-c1", "a2", "s2")), UserRejection.AnothersConsent),
        [nameof(UserRejection.HoldIsDecided)] = () => (Reserving(Known().When(new NodeCommand.Void(Young)), Young, 5, Sponsor("c1")), UserRejection.HoldIsDecided),
        [nameof(UserRejection.HoldTooLate)] = () => (Reserving(Known().After(TimeSpan.FromSeconds(61)), Young, 5, Sponsor("c1")), UserRejection.HoldTooLate),
        [nameof(UserRejection.HoldAhead)] = () => (Reserving(Known(), Ahead, 5, Sponsor("c1")), UserRejection.HoldAhead),
        [nameof(UserRejection.OverLimit)] = () => (Reserving(Profiled(4).Did("c1"), Young, 5, Sponsor("c1")), UserRejection.OverLimit("daily_cap", 4, "u1", 5)),
        [nameof(UserRejection.OverPart)] = () =>
        {
            var user = Profiled().When(new UserCommand.PutUser(Profile(), null, null, Parts: [new(PartCap.OfService, "summary", 4, null)]));
            var asked = user.Reserve(5) with { Terms = new ReserveTerms.OfUser(Agent, [], false, OwnFund: true, ServiceId: "summary") };
            return (user.When(asked), UserRejection.OverPart("day:2026-03-01:service:summary", "u1", 4, 5));
        },
        [nameof(UserRejection.NoSponsor)] = () => (Reserving(Known(), Young, 5), UserRejection.NoSponsor),
        [nameof(UserRejection.TasksNotDone)] = () => (Reserving(Known(), Young, 5, Sponsor("c1"), Sponsor("c2")), UserRejection.TasksNotDone(["c1", "c2"])),
        [nameof(UserRejection.UsedUp)] = () => (Reserving(Known().Did("c1"), Young, 5, Sponsor("c1", most: 4)), UserRejection.UsedUp),
        [nameof(UserRejection.ConsentsWithdrawn)] = () =>
            (Reserving(Known().Did("c1").When(new UserCommand.WithdrawConsent("consent-c1")), Young, 5, Sponsor("c1")), UserRejection.ConsentsWithdrawn),
    };

    /// <summary>Given with an event, so that a refusal can be asked again without one: they stand in their features' tests.</summary>
    private static readonly string[] WithEvents = [nameof(UserRejection.OpeningLost), nameof(UserRejection.ClaimIsOver), nameof(UserRejection.SponsorsRefused)];

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_refusal_is_reached_and_changes_nothing(string name)
    {
        var (user, expected) = Rows[name]();
        user.ThenRejected(expected);
    }

    [Fact]
    public void No_refusal_is_without_a_row() => Assert.Equal(
        typeof(UserRejection).GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(m => m.Name).Order(StringComparer.Ordinal),
        Rows.Keys.Concat(WithEvents).Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_invalid_says_where() => Assert.All(
        Rows.Values.Select(row => row().Expected).Where(r => r.Code == Codes.ValidationFailed),
        r => Assert.NotEmpty(r.Details ?? []));

    [Fact]
    public void An_unknown_user_is_not_found_whatever_is_asked()
    {
        var user = Fresh();
        UserCommand[] commands =
        [
            new UserCommand.PutGrant(Agent, Grant()), new UserCommand.EraseData(), Violation(), new UserCommand.Suspend(Agent, "odd"), new UserCommand.Resume(Agent, "fine"),
            user.Complete("c1"), user.Reserve(1), new UserCommand.Get(),
        ];
        Assert.All(commands, c => user.When(c).ThenRejected(UserRejection.NotFound));
    }

    [Fact]
    public void A_suspended_agent_neither_runs_nor_completes()
    {
        var user = Suspended().Did("c1");
        Completing(user, Young).ThenRejected(Codes.SessionSuspended);
        Reserving(user, Young, 5, Sponsor("c1")).ThenRejected(Codes.SessionSuspended);
    }

    /// <summary>Worse and worse, in order of precedence: what is refused first hides the rest.</summary>
    [Fact]
    public void The_first_reason_in_order_is_the_one_that_is_given()
    {
        var user = Profiled(4).Did("c1");
        Reserving(user, Young, 5).ThenRejected(Codes.BudgetExceeded);
        user.When(new UserCommand.Suspend(Agent, "odd"));
        Reserving(user, Young, 5).ThenRejected(Codes.SessionSuspended);
        user.When(Open(seconds: 0)).ThenRejected(Codes.SessionSuspended);
        user.When(Open(agent: "a2", seconds: 0)).ThenRejected(UserRejection.NoGrant);
        user.When(new NodeCommand.Void(Young));
        Reserving(user, Young, 5).ThenRejected(UserRejection.HoldIsDecided);
    }

    private static UserTest Erased() => Profiled().When(new UserCommand.EraseData());

    private static UserTest Suspended() => Granted().When(new UserCommand.Suspend(Agent, "looks odd"));

    /// <summary>Asked for by a session that is over when it arrives.</summary>
    private static UserTest Late(UserTest user)
    {
        var asked = user.Reserve(5);
        return user.When(new UserCommand.CloseSession("s1")).When(asked);
    }

    private static UserTest Completing(UserTest user, Guid id, params IReadOnlyList<TargetingRule> targeting) =>
        user.When(user.Complete("c1", id: id == Command("other") ? user.NextId() : id, targeting: targeting));

    private static UserCommand Raise(int minutes, long? daily = null) => new UserCommand.RaiseCaps(new(UserTest.Start.AddMinutes(minutes), daily, null));

    private static UserTest Reserving(UserTest user, Guid hold, long micros, params IReadOnlyList<Candidate> candidates) => user.When(user.ReserveAs(hold, micros, candidates));
}
