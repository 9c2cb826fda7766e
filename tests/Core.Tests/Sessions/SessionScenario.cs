global using SessionTest = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafCommand, Agora.Core.Runs.LeafEvent>;

using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Core.Tests.Sessions;

/// <summary>What tests of a session say often: session s1 of agent a1 for user u1, service "echo" at 40 micros, campaigns c1, c2 …</summary>
internal static class SessionScenario
{
    public const long Price = 40;
    public const long Limit = 100;
    public static readonly Scopes Everything = new(["*"], ["*"], ["*"], ["*"]);
    public static readonly SessionPolicy Policy = new(RateLimitPerMinute: 30, DuplicateWindowSeconds: 10);
    public static readonly ServiceTerms Echo = new("echo", "writing", Price, "provider-1", Owner: null, Disabled: false);
    public static readonly TaskTerms Survey = new("c1", "survey", ["opinions"], ["contact"], [], Open: true);
    public static readonly Personal Input = Personal.Of("hello");
    public static readonly Personal TaskOutput = Personal.Of(new { answer = 42 });
    public static readonly StepOutcome Lost = new StepOutcome.Unreachable();

    /// <summary>Is not for everyone, so it is never asked before the user has named it.</summary>
    public static readonly Candidate Sponsor = new("c1", "Acme", 3, null, null, NeedsAttributes: true);
    public static readonly Rejection Elsewhere = new(Codes.PaymentRequired, "No.");

    /// <summary>
    /// Refusals are decided anew (only outcomes that changed state are stored), and so is what is idempotent by itself: reads, and
    /// what other streams tell or ask.
    /// </summary>
    public static SessionTest Fresh() => SessionTest.Of(StreamId.Session("s1"))
        .Natural(c => c is SessionCommand.Access or SessionCommand.Peek or SessionCommand.Node { Asked: not NodeCommand.Inquire }
            or SessionCommand.EndAbove or SessionCommand.CloseChild or RunCommand.DecideApproval)
        .Anew((c, answer) => answer.Rejection is { Code: not (Codes.UpstreamFailed or Codes.UpstreamTimeout or Codes.RunCancelled) } || c is SessionCommand.Access
            or SessionCommand.Node { Asked: NodeCommand.Inquire } or SessionCommand.Visit or SessionCommand.GetRun or SessionCommand.GetRuns || (c is RunCommand.Cancel && answer.Reply is not RunView) || answer.Reply is RunView { State: RunState.AwaitingApproval } or RunView { Caller: not null } or RoomTold);

    /// <summary>From the user's stream.</summary>
    public static SessionTest When(this SessionTest session, AccessCommand told, Guid? id = null) => session.When((SessionCommand)told, id);

    /// <summary>From another stream, to the session as a node.</summary>
    public static SessionTest When(this SessionTest session, NodeCommand asked, Guid? id = null) => session.When((SessionCommand)asked, id);

    public static SessionTest Begun(Scopes? scopes = null, long limit = Limit) => Fresh().When(new AccessCommand.Begin("a1", "u1", scopes ?? Everything, limit, 3_600));

    public static readonly PathNode Root = new("s-root", "a-root");
    public static readonly PathNode Middle = new("s-middle", "a-middle");

    /// <summary>Session s1 below others.</summary>
    public static SessionTest Below(params IReadOnlyList<PathNode> path) => Fresh().When(new AccessCommand.Begin("a1", "u1", Everything, Limit, 3_600, path));

    public static SessionCommand.Delegate ToAgent(
        string agent = "a2", RequestedScopes? scopes = null, long? budget = null, int? seconds = null, RequestInfo? request = null) =>
        new(request ?? Request("delegate_session") with { Policy = Policy with { RateLimitPerMinute = 1_000 } }, agent, scopes ?? new(null, null, null, null), budget, seconds);

    /// <summary>A sub-session that has begun.</summary>
    public static SessionTest Delegated(this SessionTest session, out string child, string agent = "a2", int? seconds = null)
    {
        session.When(ToAgent(agent, seconds: seconds)).ThenEvents(typeof(SessionEvent.Delegated)).ThenLater();
        var open = session.Command<UserCommand.OpenDelegated>();
        child = open.SessionId;
        var opened = new SessionOpened(open.SessionId, agent, "u1", open.Scopes, open.BudgetLimitMicros, session.Now, session.Now.AddSeconds(open.ExpiresInSeconds), open.Path);
        return session.WhenStep(0, Answered(opened)).ThenEvents(typeof(SessionEvent.DelegationBegun));
    }

    public static NodeCommand.Reserve HoldOf(this SessionTest session, string child, long amount = Price, Guid? hold = null) =>
        new(hold ?? session.NextId(), $"default/session/{child}", session.NextId(), amount, new ReserveTerms.OfSession(child));

    public static RequestInfo Request(string operation = "run_service", string endpoint = "POST /agent/test", IReadOnlyList<Detail>? violations = null, Rejection? malformed = null) =>
        new(operation, endpoint, "what was asked", Policy, violations, malformed);

    public static SessionCommand.Visit Read() => new(Request("find_services", "GET /agent/services"));

    public static RunCommand.RunService Run(
        RequestInfo? request = null, ServiceTerms? service = null, string hash = "h1", string? named = null, bool found = true, long? most = null, bool keyed = false, params IReadOnlyList<Candidate> candidates) =>
        new(request ?? Request(), "echo", service ?? Echo, Input, hash, named, found, most, candidates is { Count: 0 } ? [Sponsor] : candidates, keyed);

    public static SessionCommand.ClaimTask Claim(RequestInfo? request = null) => new(request ?? Request("claim_task"), "c1", Survey, "someone");

    public static SessionCommand.CompleteTask Complete(RequestInfo? request = null, TaskTerms? task = null, params IReadOnlyList<ConsentGiven> consents) =>
        new(request ?? Request("do_task"), "c1", task ?? Survey, consents is { Count: 0 } ? [new("contact", true)] : consents, TaskOutput);

    /// <summary>A run whose user's limits are being asked.</summary>
    public static SessionTest Requested(this SessionTest session, out Guid run, string hash = "h1", ServiceTerms? service = null, bool keyed = false)
    {
        run = session.NextId();
        return session.When(Run(hash: hash, service: service, keyed: keyed), run).ThenEvents(typeof(RunEvent.Requested)).ThenLater();
    }

    /// <summary>A run whose sponsor is being asked.</summary>
    public static SessionTest Limited(this SessionTest session, out Guid run, string hash = "h1") => session.Requested(out run, hash)
        .WhenStep(0, Reserved(session, run))
        .ThenEvents(typeof(RunEvent.FundChosen));

    /// <summary>A run whose service is being called.</summary>
    public static SessionTest Called(this SessionTest session, out Guid run, string hash = "h1") => session.Limited(out run, hash)
        .WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value)))
        .Then();

    /// <summary>A run that has its output.</summary>
    public static SessionTest Succeeded(this SessionTest session, out Guid run, string hash = "h1") => session.Called(out run, hash)
        .WhenStep(0, new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1))
        .ThenEvents(typeof(RunEvent.Concluded));

    /// <summary>A run that waits for its user's approval.</summary>
    public static SessionTest Waiting(this SessionTest session, out Guid run, string hash = "h1")
    {
        session.Requested(out run, hash);
        return session.WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold))).ThenEvents(typeof(RunEvent.AwaitsApproval));
    }

    public static RunCommand.DecideApproval Approve(Guid run, Listing? listed = null) => new(run, Approve: true, "operator:ada", null, listed);

    public static RunCommand.DecideApproval Deny(Guid run) => new(run, Approve: false, "link", "Too dear.");

    /// <summary>As a restart or the alarm does it, to a run that nobody works on.</summary>
    public static SessionTest Abandoned(this SessionTest session, Guid run) =>
        session.When((LeafCommand)SessionDecider.Unfinished(session.State, session.Now).Single(s => s.Key == run).Then(Lost)!);

    public static SessionTest Submitted(this SessionTest session, out Guid command)
    {
        command = session.NextId();
        return session.When(Complete(), command).ThenEvents(typeof(SessionEvent.TaskSubmitted)).ThenLater();
    }

    public static StepOutcome Reserved(SessionTest session, Guid run, Candidate? campaign = null, bool free = false) =>
        Answered(new UserReserved(session.State.Pending[run].UserHold, free ? null : campaign ?? Sponsor, Attributes: null, "It ends first."));

    public static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));

    public static StepOutcome Refused(Rejection rejection) => new StepOutcome.Answered(Answer.No(rejection));

    public static T Command<T>(this SessionTest session, int step = 0) => Assert.IsType<T>(Assert.IsType<StepTarget.Entity>(session.Last.Steps[step].Target).Command);

    public static Rejection Rejection(this SessionTest session) => Assert.IsType<Rejection>(session.Last.Answer?.Rejection);

    /// <summary>Refused with this code, whatever was written of it.</summary>
    public static void ThenRefused(this SessionTest session, string code) => Assert.Equal(code, session.Rejection().Code);

    public static AuditLine Audited(this SessionTest session) => Assert.IsType<SessionEvent.Audited>(Assert.Single(session.Last.Events)).Line;

    public static SessionTest ThenBudget(this SessionTest session, long spent, long held) =>
        session.ThenState(s => Assert.Equal(new Budget(Limit, spent, held, Limit - spent - held), s.BudgetView));
}
