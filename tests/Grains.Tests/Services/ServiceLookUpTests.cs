using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>A service's grain is out of reach for a while when its silo has died: no run fails over that.</summary>
public sealed class ServiceLookUpTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly List<OutboundCall> _calls = [];

    public ServiceLookUpTests() => _scheduler = new(new Random(1), _time);

    [Fact]
    public void A_service_that_is_not_known_yet_is_asked_for_again_until_its_grain_answers_and_is_then_called()
    {
        var outcome = Outcome(n => n <= 5 ? new OperatingFailure(FailureKind.Unavailable) : View);

        Assert.IsType<ServiceOutcome.Output>(outcome);
        Assert.Equal(Deadline - _time.Elapsed, Assert.Single(_calls).Deadline);
        Assert.InRange(_time.Elapsed, TimeSpan.FromMilliseconds(1), Deadline / 2);
    }

    [Fact]
    public void A_service_whose_grain_stays_away_was_not_called()
    {
        Assert.IsType<ServiceOutcome.NotCalled>(Outcome(_ => new OperatingFailure(FailureKind.Unavailable)));
        Assert.Empty(_calls);
        Assert.InRange(_time.Elapsed, Deadline / 4, Deadline / 2);
    }

    [Fact]
    public void A_service_whose_grain_never_answers_was_not_called_when_half_of_the_time_is_over()
    {
        Assert.IsType<ServiceOutcome.NotCalled>(Outcome(_ => null));
        Assert.Empty(_calls);
        Assert.Equal(Deadline / 2, _time.Elapsed);
    }

    [Fact]
    public void A_service_that_is_known_when_no_time_is_left_was_not_called()
    {
        var outcome = Outcome(_ =>
        {
            _time.Advance(Deadline); // the process stands still
            return View;
        });

        Assert.IsType<ServiceOutcome.NotCalled>(outcome);
        Assert.Empty(_calls);
    }

    [Fact]
    public void A_service_that_cannot_be_disabled_now_leaves_a_run_the_outcome_that_it_had()
    {
        var caller = Caller(_ => View, new OutboundResult.Failed(OutboundFailure.BadStatus, 500, 1));

        for (var run = 0; run < Limits.FailuresThatDisable; run++)
        {
            var failed = Assert.IsType<ServiceOutcome.CallFailed>(_scheduler.Run(() => caller.Call(Tenant.Default, Run(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"u{run}")), null)));
            Assert.Equal(Codes.UpstreamFailed, failed.Code);
        }
    }

    [Fact]
    public void A_try_goes_by_the_service_as_it_is_now_and_a_run_by_what_was_known_a_moment_ago()
    {
        var looks = 0;
        var caller = Caller(n => { looks = n; return View; }, new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1, null));

        foreach (var (isTry, seen) in new[] { (false, 1), (false, 1), (true, 2), (true, 3), (false, 3) })
        {
            Assert.IsType<ServiceOutcome.Output>(_scheduler.Run(() => caller.Call(Tenant.Default, Run() with { IsTry = isTry }, null)));
            Assert.Equal(seen, looks);
        }
    }

    private static Answer View { get; } = Answer.Of(new ServiceSecret(null, null, new(
        "echo", new("Echo", "", "text", 1, "https://echo.example/", "provider", null, null, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch)));

    private static ServiceCall Run(string user = "u1") => new("echo", user, $"agent of {user}", "{}"u8.ToArray(), Guid.CreateVersion7(), Deadline);

    /// <param name="answers">What the n-th look at the service is answered with; null: never.</param>
    private StepOutcome Outcome(Func<int, object?> answers) => _scheduler.Run(() => Caller(answers, new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1, null)).Call(Tenant.Default, Run(), null));

    private ServiceCaller Caller(Func<int, object?> answers, OutboundResult result) =>
        new(new OneService(answers), new Answering(result, _calls), new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), _time, alone: true), NullLogger<ServiceCaller>.Instance);

    private sealed class Answering(OutboundResult result, List<OutboundCall> calls) : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            calls.Add(call);
            return Task.FromResult(result);
        }
    }

    private sealed class OneService(Func<int, object?> answers) : IEntities
    {
        private int _looks;

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => envelope.Body switch
        {
            ServiceCommand.GetSecret => answers(++_looks) is { } body ? Task.FromResult(envelope.Answered(body)) : new TaskCompletionSource<Envelope>().Task,
            _ => Task.FromResult(envelope.Answered(new OperatingFailure(FailureKind.Unavailable))),
        });

    }
}
