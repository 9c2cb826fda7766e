using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What is asked of another stream outlives the caller that asked for it: the command that comes again waits for that, and is recorded once (seed 732633).</summary>
public sealed class LateClaimTests
{
    private readonly HostFixture _fixture = new();
    private readonly TaskCompletionSource<StepOutcome> _slow = new();
    private int _asked;

    public LateClaimTests() => _fixture.Steps = target =>
    {
        _asked += target is StepTarget.Entity { Command: UserCommand.ClaimReward } ? 1 : 0;
        return _slow.Task;
    };

    [Fact]
    public void A_claim_whose_caller_left_before_its_answer_is_asked_for_and_recorded_once()
    {
        var (session, id, claim) = (_fixture.Session("s1"), _fixture.NewId(), new TaskClaim(_fixture.NewId(), "survey", 50_000, DateTimeOffset.UnixEpoch));
        _fixture.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 1_000, 3_600));
        var first = _fixture.Start(session.Send, Claim, id);
        _fixture.Scheduler.RunFor(Limits.GrainCallTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal(FailureKind.Timeout, Assert.IsType<OperatingFailure>(_fixture.Answer(first)).Kind);

        var again = _fixture.Start(session.Send, Claim, id);
        _fixture.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        _slow.SetResult(new StepOutcome.Answered(Answer.Of(claim)));

        Assert.Equal(claim, Assert.IsType<Answer>(_fixture.Answer(again)).Reply);
        _fixture.Ask(session.Send, new SessionCommand.Visit(Claim.Request, null));
        Assert.Equal((1, 1), (_asked, _fixture.Stored(StreamId.Session("s1")).Count(entry => entry.Contains("claim_recorded", StringComparison.Ordinal))));
    }

    [Fact]
    public void Another_request_under_the_key_of_one_whose_caller_left_is_an_idempotency_conflict()
    {
        var (session, id) = (_fixture.Session("s1"), _fixture.NewId());
        _fixture.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 1_000, 3_600));
        var first = _fixture.Start(session.Send, Claim, id, Key("body"));
        _fixture.Scheduler.RunFor(Limits.GrainCallTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal(FailureKind.Timeout, Assert.IsType<OperatingFailure>(_fixture.Answer(first)).Kind);

        var answer = Assert.IsType<Answer>(_fixture.Ask(session.Send, Claim, id, Key("another body")));

        Assert.Equal(("idempotency_conflict", 1), (answer.Rejection?.Code, _asked));
    }

    /// <summary>A refusal leaves nothing under the command's id: whoever waited for it would wait for what has come.</summary>
    [Fact]
    public void A_claim_that_was_refused_after_its_caller_left_is_decided_anew_when_it_comes_again()
    {
        var (session, id) = (_fixture.Session("s1"), _fixture.NewId());
        _fixture.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 1_000, 3_600));
        var first = _fixture.Start(session.Send, Claim, id);
        _fixture.Scheduler.RunFor(Limits.GrainCallTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal(FailureKind.Timeout, Assert.IsType<OperatingFailure>(_fixture.Answer(first)).Kind);
        _slow.SetResult(new StepOutcome.Answered(Answer.No(new(Codes.NotEligible, "Not for this user."))));
        _fixture.Scheduler.RunFor(TimeSpan.FromSeconds(1));

        var answer = Assert.IsType<Answer>(_fixture.Ask(session.Send, Claim, id));

        Assert.Equal((Codes.NotEligible, 2), (answer.Rejection?.Code, _asked));
    }

    private CommandKey Key(string body) => new("s1", "k1", body, 86_400, _fixture.NewId());

    private static SessionCommand.ClaimTask Claim { get; } = new(
        new("claim_task", "POST /agent/tasks/survey/claim", "", new(RateLimitPerMinute: 1_000, DuplicateWindowSeconds: 0)), "survey", new("survey", "survey", [], [], [], Open: true), null);
}
