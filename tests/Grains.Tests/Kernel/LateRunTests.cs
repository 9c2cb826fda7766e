global using EntityHostOfSession = Agora.Grains.Kernel.EntityHost<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafCommand, Agora.Core.Runs.LeafEvent>;

using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A run that is decided long after its request, and far behind it in its session's journal, is the one of its key all the same.</summary>
public sealed class LateRunTests
{
    private const long Price = 20_000;
    private readonly HostFixture _fixture = new();
    private readonly TaskCompletionSource<StepOutcome> _slow = new();
    private int _calls;

    public LateRunTests() => _fixture.Steps = target => target switch
    {
        StepTarget.Outside { Call: ServiceCall call } => Called(call),
        StepTarget.Entity { Stream.Kind: Kinds.User, Command: NodeCommand.Reserve c } => Replied(new UserReserved(c.HoldId, null, null, "The wallet pays.")),
        StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Reserve c } => Replied(new FundReserved(c.HoldId)),
        StepTarget.Entity { Stream.Kind: Kinds.User, Command: NodeCommand.Post c } => Replied(new HoldEnded(c.HoldId, HoldStanding.Posted)),
        StepTarget.Entity { Stream.Kind: Kinds.Wallet, Command: NodeCommand.Post c } => Replied(new HoldEnded(c.HoldId, HoldStanding.Posted)),
        _ => new TaskCompletionSource<StepOutcome>().Task,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_is_concluded_behind_600_others_of_its_session_is_charged_once_however_late_its_key_comes_again(bool restarted)
    {
        var session = _fixture.Session("s1");
        _fixture.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 1_000 * Price, 3_600));
        var first = _fixture.Start(session.Send, Run("slow"), Id, Key());
        for (var i = 0; i < 600; i++)
        {
            Assert.Equal(RunState.Succeeded, ViewIn(_fixture.Ask(session.Send, Run("other"))).State);
        }

        _slow.SetResult(Output);
        Assert.Equal(RunState.Succeeded, ViewIn(_fixture.Answer(first)).State);
        _fixture.Time.Advance(Limits.OutcomeKept + TimeSpan.FromSeconds(5));
        _fixture.Ask(session.Send, Run("other"));
        var (calls, spent) = (_calls, Spent(session));

        if (restarted)
        {
            session = _fixture.Session("s1");
        }

        var again = Assert.IsType<Answer>(_fixture.Ask(session.Send, Run("slow"), Id, Key()));
        Assert.Equal((true, Id, RunState.Succeeded), (again.Replayed, ViewIn(again).RunId, ViewIn(again).State));
        Assert.Equal((calls, spent), (_calls, Spent(session)));
    }

    [Fact]
    public void A_run_that_is_asked_for_again_once_it_is_approved_waits_as_long_as_any_other()
    {
        var (session, run) = (_fixture.Session("s1"), _fixture.NewId());
        _fixture.Steps = target => target is StepTarget.Entity { Command: NodeCommand.Reserve { Terms: ReserveTerms.OfUser { Approved: false } } c } && c.RunId == run
            ? Replied(new ApprovalNeeded(c.HoldId))
            : new TaskCompletionSource<StepOutcome>().Task;
        _fixture.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 1_000 * Price, 3_600));
        _fixture.Start(session.Send, Run("another"));
        Assert.Equal(RunState.AwaitingApproval, ViewIn(_fixture.Ask(session.Send, Run("slow"), run)).State);
        _fixture.Scheduler.RunFor(TimeSpan.FromSeconds(20));
        _fixture.Ask(session.Send, new RunCommand.DecideApproval(run, Approve: true, "operator:ada", null));

        var again = _fixture.Start(session.Send, Run("slow"), run);
        _fixture.Scheduler.RunFor(Limits.GrainCallTimeout - TimeSpan.FromSeconds(1));
        Assert.False(again.IsCompleted);
        Assert.Equal(FailureKind.Timeout, Assert.IsType<OperatingFailure>(_fixture.Answer(again)).Kind);
    }

    private static StepOutcome Output { get; } = new ServiceOutcome.Output("{\"said\":true}"u8.ToArray(), 1);

    private static Guid Id => Ids.FromKey(StreamId.DefaultTenant, "s1", "k1");

    private static CommandKey Key() => new("s1", "k1", new('a', 64), 86_400, Guid.NewGuid());

    private static RunCommand.RunService Run(string input) => new(
        new("run_service", "POST /agent/services/echo/run", "", new(RateLimitPerMinute: 1_000_000, DuplicateWindowSeconds: 0)),
        "echo", new("echo", "writing", Price, "provider-1", null, false), Personal.Of(input), input, null, true, null, [], Keyed: true, PayWith.Wallet);

    private static RunView ViewIn(object body) => Assert.IsType<RunView>(Assert.IsType<Answer>(body).Reply);

    private static Task<StepOutcome> Replied(object reply) => Task.FromResult<StepOutcome>(new StepOutcome.Answered(Answer.Of(reply)));

    private long Spent(EntityHostOfSession session) =>
        Assert.IsType<SessionView>(Assert.IsType<Answer>(_fixture.Ask(session.Send, new SessionCommand.Peek())).Reply).Budget.SpentMicros;

    private Task<StepOutcome> Called(ServiceCall call)
    {
        _calls++;
        return call.RunId == Id && !_slow.Task.IsCompleted ? _slow.Task : Task.FromResult(Output);
    }
}
