using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>What a run takes of an equal one, and what it leaves.</summary>
public sealed class CachingTests
{
    private static readonly DateTimeOffset DefinedAt = DateTimeOffset.UnixEpoch;
    private static readonly CacheWish Wish = new("00000000000000000000000000000000:u1", 600, 2_500, DefinedAt);
    private static readonly Guid Other = Guid.Parse("01957a00-0000-7000-8000-00000000000f");
    private static readonly ServiceOutcome.Output Output = new("\"HELLO\""u8.ToArray(), 2);

    [Fact]
    public void A_service_is_called_with_what_its_run_would_take()
    {
        var session = Called(Wish, out _);
        var call = Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
        Assert.Equal((Wish, "s1"), (call.Cache, call.SessionId));
    }

    [Fact]
    public void An_output_is_left_to_equal_runs_when_it_is_paid()
    {
        var session = Called(Wish, out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, Output with { DefinedAt = DefinedAt }).ThenBudget(Price, 0)
            .ThenSteps(new NodeCommand.Post(pending.UserHold, Price), new NodeCommand.Post(pending.FundHold!.Value, Price), new CachedCommand.Fill(run, Price, new("\"HELLO\""u8.ToArray())));
        Assert.Equal((Phase.AfterCommit, "default/cached/00000000000000000000000000000000:u1"), (session.Last.Steps[2].Phase, ((StepTarget.Entity)session.Last.Steps[2].Target).Stream.ToString()));
    }

    [Fact]
    public void A_run_that_brings_its_payment_takes_nothing_and_leaves_nothing()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Run(keyed: true) with { Cache = Wish, Candidates = [], Paid = PaymentTests.Presented() }, run);
        Assert.Null(session.State.Pending[run].Cache);
    }

    public static TheoryData<string, StepOutcome> Nothing => new()
    {
        { "failed", new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service answered with status 500.", 3) },
        { "was not called", new ServiceOutcome.NotCalled() },
        { "has no outcome", Lost },
        { "is too long", Output with { Body = new byte[Limits.CachedReplyBytes + 1] } },
        { "is of another definition", Output with { DefinedAt = DefinedAt.AddTicks(10) } },
    };

    [Theory]
    [MemberData(nameof(Nothing))]
    public void What_cannot_be_kept_frees_the_claim(string what, StepOutcome outcome)
    {
        var session = Called(Wish, out var run).WhenStep(0, outcome);
        Assert.True(new CachedCommand.Release(run).Equals(Assert.IsType<StepTarget.Entity>(session.Last.Steps[^1].Target).Command), what);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(0, 0)]
    [InlineData(Price + 1, Price)]
    public void A_hit_posts_its_own_price_which_is_never_above_what_is_held_and_names_the_run_that_called(long hit, long posted)
    {
        var session = Called(Wish, out var run);
        var pending = session.State.Pending[run];
        session.WhenStep(0, Output with { Attempts = 0, CostMicros = hit, Cached = new(Other, 7) }).ThenBudget(posted, 0)
            .ThenAnsweredLate(run, answer => Assert.Equal((new CacheHit(Other, 7), posted), (((RunView)answer.Reply!).Cached, ((RunView)answer.Reply).Payment!.AmountMicros)))
            .ThenSteps(new NodeCommand.Post(pending.UserHold, posted), new NodeCommand.Post(pending.FundHold!.Value, posted));
        Assert.Equal(new CacheHit(Other, 7), Assert.IsType<RunEvent.Concluded>(Assert.Single(session.Last.Events)).Cached);
    }

    [Fact]
    public void Who_takes_no_others_output_leaves_none()
    {
        var session = Called(null, out _).WhenStep(0, Output);
        Assert.All(session.Last.Steps, step => Assert.IsAssignableFrom<NodeCommand>(((StepTarget.Entity)step.Target).Command));
    }

    [Fact]
    public void A_run_that_takes_an_equal_ones_output_is_no_duplicate_of_it()
    {
        var session = Called(Wish, out _);
        session.When(Run() with { Cache = Wish }).ThenEvents(typeof(RunEvent.Requested));
        Assert.Equal(Codes.DuplicateRequest, session.When(Run()).Last.Answer!.Rejection!.Code);
    }

    [Fact]
    public void A_run_that_waited_for_approval_calls()
    {
        var session = Begun();
        var run = session.NextId();
        session.When(Run() with { Cache = Wish }, run).WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold)));
        session.When(new RunCommand.DecideApproval(run, Approve: true, "someone", null)).ThenEvents(typeof(RunEvent.Approved));
        Assert.Null(session.State.Pending[run].Cache);
    }

    [Theory]
    [InlineData(0, 2_500, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(10_000, 1, 1)]
    [InlineData(10_001, 1, 2)]
    [InlineData(700, 10_000, 700)]
    [InlineData(700, 0, 0)]
    [InlineData(Limits.MaxMicros, 10_000, Limits.MaxMicros)]
    public void A_hit_costs_its_part_rounded_up(long cost, int basisPoints, long wanted) => Assert.Equal(wanted, (Wish with { HitBasisPoints = basisPoints }).HitMicros(cost));

    private static SessionTest Called(CacheWish? wish, out Guid run)
    {
        var session = Begun();
        run = session.NextId();
        session.When(Run() with { Cache = wish }, run).ThenEvents(typeof(RunEvent.Requested)).WhenStep(0, Reserved(session, run));
        return session.WhenStep(0, Answered(new FundReserved(session.State.Pending[run].FundHold!.Value))).Then();
    }
}
