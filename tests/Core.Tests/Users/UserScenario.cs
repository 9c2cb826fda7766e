global using UserTest = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Users.UserState, Agora.Core.Users.UserCommand, Agora.Core.Users.UserEvent>;

using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Core.Tests.Users;

/// <summary>What tests of a user say often: user u1, agent a1, sessions s1, s2 …, campaigns c1, c2 …</summary>
internal static class UserScenario
{
    public const string Agent = "a1";
    public static readonly Scopes Everything = new(["*"], ["*"], ["*"], ["*"]);
    public static readonly RequestedScopes AllOfTheGrant = new(null, null, null, null);
    public static readonly Personal Output = Personal.Of(new { answer = 42 });
    public static readonly StepOutcome Lost = new StepOutcome.Unreachable();
    private static readonly UserEvent Vouched = new UserEvent.UserVouched();

    /// <summary>Commands that carry an id of their own, or are absolute.</summary>
    public static UserTest Fresh() => UserTest.Of(StreamId.User("u1")).Natural(c => c is UserCommand.PutUser or UserCommand.PutGrant or UserCommand.EraseData or UserCommand.Pause or UserCommand.Unpause or UserCommand.EndKey or UserCommand.SetAgentStanding
        or UserCommand.CloseSession or UserCommand.VoidTask or UserCommand.WithdrawConsent
        or UserCommand.NextFund or UserCommand.Node { Asked: not NodeCommand.InquireReward }).Anew((c, _) => c is UserCommand.Tick);

    public static UserTest Known() => Fresh().Given(Vouched);

    public static UserTest Granted(Grant? grant = null) => Known().Given(new UserEvent.GrantPut(Agent, grant ?? Grant()));

    public static UserTest Profiled(long? daily = null, long? monthly = null, string? zone = null, params IReadOnlyList<UserAttribute> attributes) =>
        Fresh().Given(new UserEvent.UserPut("u1", daily, monthly, []) { Profile = Profile(zone, attributes) });

    public static Grant Grant(Scopes? scopes = null, long budget = 1_000_000, long? total = null, int sessions = 5, DateTimeOffset? expires = null) =>
        new(scopes ?? Everything, budget, total, sessions, expires);

    public static Personal Profile(string? zone = null, params IReadOnlyList<UserAttribute> attributes) => Personal.Of(new Profile(attributes, zone));

    public static UserCommand.OpenSession Open(RequestedScopes? requested = null, long? budget = null, int seconds = 3600, bool vouched = false, string agent = Agent, RateRule? per = null, bool endOldest = false) =>
        new(agent, requested ?? AllOfTheGrant, budget, seconds, vouched, EndOldest: endOldest, Rate: per);

    /// <summary>Live sessions of the agent, begun, for an hour.</summary>
    public static UserTest Live(this UserTest user, params IReadOnlyList<string> sessions) => sessions.Aggregate(user, (u, id) => u.LiveOf(Agent, id));

    private static UserTest LiveOf(this UserTest user, string agent, string id)
    {
        var terms = Terms(id, user.Now, agent);
        return user.Given(new UserEvent.SessionOpened(Command(id), terms), new UserEvent.SessionBegun(Command(id), terms));
    }

    /// <summary>Only live sessions get anything: one that asks is opened first, where it is not yet.</summary>
    public static UserTest Asking(this UserTest user, string session = "s1", string agent = Agent) => user.State.Sessions.ContainsKey(session) ? user : user.LiveOf(agent, session);

    /// <summary>So many sub-sessions of a live session, begun, for an hour.</summary>
    public static UserTest Below(this UserTest user, string parent, int count, string root = Agent)
    {
        var path = new PathNode[] { new(parent, root) };
        UserEvent[] events = [.. Enumerable.Range(0, count).Select(i => $"{parent}-{i}").SelectMany(id => new UserEvent[]
        {
            new UserEvent.SessionOpened(Command(id), Terms(id, user.Now, "a2") with { Path = path }),
            new UserEvent.SessionBegun(Command(id), Terms(id, user.Now, "a2") with { Path = path }),
        })];
        return user.Given(events);
    }

    public static UserCommand.OpenDelegated OpenBelow(string id, string parent, string agent = "a2", int seconds = 3600, params IReadOnlyList<PathNode> above) =>
        new(id, agent, [.. above, new PathNode(parent, above.Count == 0 ? Agent : "a2")], Everything, 1_000, seconds);

    public static SessionOpened Terms(string id, DateTimeOffset at, string agent = Agent) => new(id, agent, "u1", Everything, 1_000_000, at, at.AddHours(1));

    /// <summary>The campaign's task was done now, with one consent, named after it.</summary>
    public static UserTest Did(this UserTest user, params IReadOnlyList<string> campaigns)
    {
        foreach (var id in campaigns)
        {
            ConsentRecorded[] consents = [new($"consent-{id}", "contact")];
            user.Given(
                new UserEvent.TaskClaimed(Command(id), Completion(id), id, "s1", Agent, "session:s1", consents) { Output = Output },
                new UserEvent.TaskCompleted(Command(id), new(Completion(id), id, consents, user.Now)));
        }

        return user;
    }

    public static Guid Command(string of) => Ids.FromKey("t", "c", of);

    public static Guid Completion(string campaignId) => Ids.Derive(UserTest.Start, Command(campaignId), 7);

    public static UserCommand.CompleteTask Complete(
        this UserTest user,
        string campaignId,
        string session = "s1",
        Guid? id = null,
        IReadOnlyList<string>? consents = null,
        params IReadOnlyList<TargetingRule> targeting)
    {
        user.Asking(session);
        return new(id ?? user.NextId(), campaignId, session, Agent, "session:" + session, Output, consents ?? ["contact"], targeting);
    }

    public static UserCommand.ClaimReward Claim(this UserTest user, string campaignId, Guid? request = null, Guid? id = null, string agent = Agent, params IReadOnlyList<TargetingRule> targeting) =>
        new(id ?? user.NextId(), request ?? user.NextId(), campaignId, agent, null, targeting);

    /// <summary>The reward of campaign c1, 50, is claimed.</summary>
    public static UserTest Claimed() => Known().When(Known().Claim("c1", Command("request"), Claims), Command("claim"))
        .WhenStep(0, Answered(new Core.Campaigns.RewardClaimed(Claims, 50)));

    public static readonly Guid Claims = Ids.Derive(UserTest.Start, Command("claim"), 3);

    public static Candidate Sponsor(string id, int runs = 3, long? most = null, DateTimeOffset? ends = null) => new(id, "Sponsor", runs, most, ends);

    public static NodeCommand.Reserve Reserve(this UserTest user, long micros, params IReadOnlyList<Candidate> candidates) => user.ReserveAs(user.NextId(), micros, candidates);

    public static NodeCommand.Reserve ReserveAs(this UserTest user, Guid hold, long micros, params IReadOnlyList<Candidate> candidates)
    {
        user.Asking();
        return new(hold, "default/session/s1", user.NextId(), micros, new ReserveTerms.OfUser(Agent, candidates, false));
    }

    /// <summary>How the pair of the agent stands now.</summary>
    public static UserTest ThenStanding(this UserTest user, Standing standing) => user.ThenState(s => Assert.Equal(standing, s.PairOf(Agent).Standing(user.Now)));

    public static UserCommand.ReportViolation Violation(string session = "s1", string agent = Agent) => new(agent, session, 5, 5);

    public static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));

    public static StepOutcome Refused(Rejection rejection) => new StepOutcome.Answered(Answer.No(rejection));

    public static string Fact(this Rejection rejection, string name) => Assert.Single(rejection.Facts ?? [], f => f.Name == name).Value;

    public static Rejection Rejection(this UserTest user) => Assert.IsType<Rejection>(user.Last.Answer?.Rejection);

    public static void ThenPosted(this UserTest user, Action<UserEvent.HoldPosted> holds) => holds(Assert.IsType<UserEvent.HoldPosted>(Assert.Single(user.Last.Events)));
}
