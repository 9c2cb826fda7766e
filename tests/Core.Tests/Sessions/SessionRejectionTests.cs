using System.Reflection;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>Every refusal of a session, and of its runs, has a row here, which leads to it, and has its status.</summary>
public sealed class SessionRejectionTests
{
    private static readonly Guid RunId = Ids.Derive(SessionTest.Start, Guid.Empty, 99);
    private static readonly Scopes Nothing = new([], [], [], []);
    private static readonly Detail Wrong = new("/input", "type", "Not that.");

    private static readonly Dictionary<string, (int Status, Func<SessionTest> Asked)> Rows = new(StringComparer.Ordinal)
    {
        [nameof(SessionRejection.Unknown)] = (401, () => Fresh().When(Read())),
        [nameof(AccessRejection.Revoked)] = (401, () => Begun().When(new SessionCommand.Revoke(Request())).When(Read())),
        [nameof(AccessRejection.Expired)] = (401, () => Begun().After(TimeSpan.FromHours(1)).When(Read())),
        [nameof(AccessRejection.Suspended)] = (403, () => Begun().When(new AccessCommand.SetStanding(true, 60, 1)).When(Read())),
        [nameof(SessionRejection.RateLimited)] = (429, () => Begun().When(Read()).When(new SessionCommand.Visit(Request() with { Policy = Policy with { RateLimitPerMinute = 1 } }))),
        [nameof(RunRejection.ServiceNotFound)] = (404, () => Begun().When(Run() with { Service = null })),
        [nameof(RunRejection.CampaignNotFound)] = (404, () => Begun().When(Run(named: "c9", found: false))),
        [nameof(AccessRejection.OutOfScope)] = (403, () => Begun(Nothing).When(Run()).WhenStep(0, Answered(new Standing(false, null, 1, 0)))),
        [nameof(AccessRejection.NoPeers)] = (403, () => Begun().When(new SessionCommand.Visit(Request(), Peers: [])).WhenStep(0, Answered(new Standing(false, null, 1, 0)))),
        [nameof(AccessRejection.NoPeersToRead)] = (403, () => Begun().When(new SessionCommand.Visit(Request("read_inbox", "GET /agent/inbox"), Peers: []))),
        [nameof(AccessRejection.Invalid)] = (422, () => Begun().When(Run(Request(violations: [Wrong])))),
        [nameof(RunRejection.ServiceDisabled)] = (503, () => Begun().When(Run(service: Echo with { Disabled = true }))),
        [nameof(RunRejection.AgentAbove)] = (403, () => Below(Root).When(Run(service: Echo with { Agent = Root.AgentId }))),
        [nameof(RunRejection.Duplicate)] = (409, () => Begun().Called(out _).When(Run())),
        [nameof(RunRejection.OverBudget)] = (403, () => Begun(limit: Price - 1).When(Run())),
        [nameof(RunRejection.AboveMaxPrice)] = (402, () => Begun().When(Run(most: Price - 1))),
        [nameof(RunRejection.Unreachable)] = (503, () => Begun().Requested(out _).WhenStep(0, Lost)),
        [nameof(RunRejection.ServiceOutOfReach)] = (503, () => Begun().Called(out _).WhenStep(0, new ServiceOutcome.NotCalled())),
        [nameof(RunRejection.RunFailed)] = (502, () => Begun().Called(out _).WhenStep(0, new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "No.", 1))),
        [nameof(RunRejection.Cancelled)] = (409, () => Begun().Called(out var run).When(new RunCommand.Cancel(run, Request("cancel_run")))),
        [nameof(RunRejection.IsAModel)] = (403, () => Begun().When(Run(service: Echo with { IsModel = true }))),
        [nameof(RunRejection.IsNoModel)] = (404, () => Begun().When(Run() with { Model = new(RunId, Price, 1, 1, 1, false) })),
        [nameof(RunRejection.AboveCallPrice)] = (403, () => Begun().When(Run(service: Echo with { IsModel = true }) with { Model = new(RunId, Price + 1, 1, 1, 1, false) })),
        [nameof(RunRejection.NoCallsLeft)] = (403, () => Calling(new(Calls: 1), times: 2)),
        [nameof(RunRejection.OverTokens)] = (403, () => Calling(new(Tokens: 1), times: 1)),
        [nameof(RunRejection.TooManyCalls)] = (429, () => Calling(new(CallsPerMinute: 1), times: 2)),
        [nameof(RunRejection.TooManyTokens)] = (429, () => Calling(new(TokensPerMinute: 2), times: 2)),
        [nameof(RunRejection.NoCall)] = (404, () => Begun().When(new RunCommand.EndCall(RunId, RunId, ModelCallEnd.Lost))),
        [nameof(SessionRejection.CampaignNotOpen)] = (403, () => Begun().When(Complete(task: Survey with { Open = false }))),
        [nameof(AccessRejection.Ended)] = (401, () => Below(Root).When(new SessionCommand.EndAbove(Root.SessionId)).When(Read())),
        [nameof(SessionRejection.OverAlready)] = (503, () => Begun().After(TimeSpan.FromHours(1)).When(new AccessCommand.Begin("a1", "u1", Everything, Limit, 3_600))),
        [nameof(SessionRejection.NotFound)] = (404, () => Fresh().When(new SessionCommand.EndByOperator("POST /admin/x", "operator:ada", "odd"))),
        [nameof(SessionRejection.Cycle)] = (403, () => Below(Root).When(ToAgent(Root.AgentId))),
        [nameof(SessionRejection.TooDeep)] = (403, () => Below([.. Enumerable.Range(1, 7).Select(i => new PathNode($"n{i}", $"b{i}"))]).When(ToAgent())),
        [nameof(SessionRejection.TooManyChildren)] = (403, () => Enumerable.Range(0, 32).Aggregate(Begun(), (s, _) => s.Delegated(out string child)).When(ToAgent())),
        [nameof(SessionRejection.BeyondScope)] = (403, () => Begun(Nothing).When(ToAgent(scopes: new(["survey"], null, null, null)))),
        [nameof(SessionRejection.BeyondBudget)] = (403, () => Begun().When(ToAgent(budget: Limit + 1))),
        [nameof(SessionRejection.BeyondExpiry)] = (403, () => Begun().When(ToAgent(seconds: 3_601))),
        [nameof(SessionRejection.BranchEnded)] = (401, () => Begun() is var session ? session.When(session.HoldOf("nobody")) : throw new InvalidOperationException()),
        [nameof(SessionRejection.HoldIsDecided)] = (503, () => Holding(Young, s => s.When(new NodeCommand.Void(Young)))),
        [nameof(SessionRejection.HoldTooLate)] = (503, () => Holding(Young, s => s.After(TimeSpan.FromSeconds(61)))),
        [nameof(SessionRejection.HoldAhead)] = (503, () => Holding(Ids.Derive(SessionTest.Start.AddSeconds(6), Guid.Empty, 0), s => s)),
        [nameof(RunRejection.RelatedSponsor)] = (403, () => Begun().When(Run(named: "c1") with { NamedRelated = true })),
        [nameof(SessionRejection.ClaimUnreachable)] = (503, () => Begun().When(Claim()).WhenStep(0, Lost)),
        [nameof(RunRejection.ServiceChanged)] = (403, () => Begun().Waiting(out var run).When(Approve(run, new(Echo with { Provider = "provider-2" })))),
        [nameof(RunRejection.NoApproval)] = (404, () => Begun().When(Approve(RunId))),
        [nameof(RunRejection.ApprovalIsDecided)] = (409, () => Begun().Waiting(out var run).When(Deny(run)).When(Approve(run))),
        [nameof(RunRejection.NotApproved)] = (403, () => Begun().Waiting(out var run).After(TimeSpan.FromHours(1)).When(new SessionCommand.Tick()).WhenStep(0, Lost)),
        [nameof(RunRejection.TooManyApprovals)] = (503, () => Enumerable.Range(0, Limits.ApprovalsWaiting).Aggregate(Begun(limit: Price * Limits.ApprovalsWaiting), (s, i) => s.Waiting(out _, $"w{i}"))
            .Requested(out _).WhenStep(0, Answered(new ApprovalNeeded(Guid.Empty)))),
        [nameof(SessionRejection.NotBelow)] = (403, () => Below(Root).When(new SessionCommand.WithdrawConsent(Request(), "k1"))),
        [nameof(SessionRejection.TaskUnreachable)] = (503, () => Begun().When(new SessionCommand.WithdrawConsent(Request(), "k1")).WhenStep(0, Lost)),
    };

    /// <summary>They need hundreds of runs, a payment, or a state that only an erasure leads to: RunRefusalTests, PaymentTests, ApprovalTests and RaiseTests have them.</summary>
    private static readonly string[] Elsewhere = [nameof(RunRejection.TooManyRuns), nameof(RunRejection.BudgetRaised), nameof(RunRejection.IsRaised), nameof(RunRejection.NotRaised), nameof(RunRejection.UserIsAsked), nameof(SessionRejection.TooManyTasks), nameof(RunRejection.InputIsGone), nameof(RunRejection.Decided), nameof(RunRejection.IsAsked), nameof(RunRejection.IsCalled), nameof(RunRejection.ModelNeedsApproval), nameof(SessionRejection.CallInFlight)];

    private static readonly Guid Young = Ids.Derive(SessionTest.Start, Guid.Empty, 98);

    private static SessionTest Holding(Guid hold, Func<SessionTest, SessionTest> meanwhile)
    {
        var session = meanwhile(Begun().Delegated(out var child));
        return session.When(session.HoldOf(child, hold: hold));
    }

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_refusal_is_reached_and_has_its_status_and_sentence(string name)
    {
        var (status, asked) = Rows[name];
        var session = asked();
        var rejection = Assert.IsType<Rejection>(session.Last.Answer?.Rejection ?? Assert.Single(session.Last.LateAnswers).Answer.Rejection);
        Assert.Equal(status, Codes.StatusOf(rejection.Code));
        Assert.Equal(Sentence(name), rejection.Message);
        Assert.True(rejection.Code != Codes.ValidationFailed || rejection.Details is { Count: > 0 });
    }

    [Fact]
    public void No_refusal_is_without_a_row() => Assert.Equal(
        Members().Select(m => m.Name).Order(StringComparer.Ordinal),
        Rows.Keys.Concat(Elsewhere).Order(StringComparer.Ordinal));

    private static SessionTest Calling(ModelAllowance allowed, int times) => Enumerable.Range(0, times).Aggregate(
        Begun(Everything with { Models = allowed }, limit: 10 * Price), (session, _) => session.When(Run(service: Echo with { IsModel = true }) with { Model = new(RunId, Price, 1, 1, 1, false), Keyed = true }));

    private static IEnumerable<MemberInfo> Members() => new[] { typeof(AccessRejection), typeof(RunRejection), typeof(SessionRejection) }
        .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly));

    // Which member made it: its sentence begins as this row's does, whatever the values in it.
    private static string Sentence(string name) => (Members().Single(m => m.Name == name) switch
    {
        FieldInfo field => (Rejection)field.GetValue(null)!,
        MethodInfo method => (Rejection)method.Invoke(null, [.. method.GetParameters().Select(p => Argument(name, p.Name!))])!,
        var other => throw new InvalidOperationException(other.Name),
    }).Message;

    private static object? Argument(string member, string name) => (member, name) switch
    {
        (_, "grantee") => "a1",
        (nameof(RunRejection.NotApproved), "approval") => ApprovalState.Expired,
        (_, "approval") => ApprovalState.Denied,
        (_, "until") => SessionTest.Start.AddSeconds(60),
        (_, "now") => SessionTest.Start,
        (_, "limit") => 1,
        (_, "resetSeconds") => 60,
        (nameof(RunRejection.CampaignNotFound), "id") => "c9",
        (_, "id") => "echo",
        (_, "what") => "category",
        (_, "value") => "writing",
        (_, "details") => new[] { Wrong },
        (_, "runId") => RunId,
        (_, "said") => null,
        (_, "isOfInput") => false,
        (_, "windowSeconds") => 10,
        (nameof(RunRejection.TooManyTokens), "most") => 2,
        (_, "most") => 1,
        (_, "tokens") => 2,
        (_, "free") => 1,
        (nameof(RunRejection.TooManyCalls) or nameof(RunRejection.TooManyTokens), "seconds") => 60,
        (nameof(RunRejection.AboveMaxPrice), "max") => Price - 1,
        (nameof(RunRejection.AboveCallPrice), "price") => Price + 1,
        (nameof(RunRejection.AboveCallPrice), "max") => Price,
        (_, "price") => Price,
        (_, "remaining") => Price - 1,
        (_, "by") => Root.SessionId,
        (_, "list") => "allowed_task_types",
        (_, "limitMicros") => Limit,
        (_, "seconds") => 3_600,
        (_, "sessionId") => "s1",
        (_, "code") => Codes.UpstreamFailed,
        (_, "message") => "No.",
        _ => throw new InvalidOperationException(name),
    };

}
