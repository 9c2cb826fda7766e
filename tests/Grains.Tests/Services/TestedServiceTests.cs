using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>What stands in a service's place in a tenant for tests takes the service's time and says its price.</summary>
public sealed class TestedServiceTests
{
    private const string Example = """{"type":"object","examples":[{"summary":"By the schema."}]}""";
    private const long Held = 250_000;

    private static readonly ServiceDefinition Service = new("Echo", "", "text", 1, "https://echo.example/", "provider", null, null, Example, null, TimeoutMs: 5_000, Active: true);

    private readonly SimTimeProvider _time = new();

    [Theory]
    [InlineData(4_999, 20, 4_999, true)]
    [InlineData(5_000, 20, 5_000, false)]
    [InlineData(19_000, 20, 5_000, false)]
    [InlineData(1_999, 2, 1_999, true)]
    [InlineData(4_000, 2, 2_000, false)]
    public void An_answer_is_late_after_the_services_own_timeout_or_what_is_left_of_the_run_whichever_is_first(int delayMs, int deadlineSeconds, int tookMs, bool isGiven)
    {
        var outcome = Call(TimeSpan.FromSeconds(deadlineSeconds), null, new TestAnswer(null, "{}", null, delayMs, null));

        Assert.Equal(isGiven ? null : Codes.UpstreamTimeout, (outcome as ServiceOutcome.CallFailed)?.Code);
        Assert.Equal(TimeSpan.FromMilliseconds(tookMs), _time.Elapsed);
    }

    [Fact]
    public void A_metered_services_example_costs_what_was_held_and_an_answer_that_says_no_price_fails()
    {
        Assert.Equal(Held, Assert.IsType<ServiceOutcome.Output>(Call(TimeSpan.FromSeconds(20), Held)).CostMicros);
        Assert.Equal(Codes.UpstreamFailed, Assert.IsType<ServiceOutcome.CallFailed>(Call(TimeSpan.FromSeconds(20), Held, new TestAnswer(null, "{}", null, 0, null))).Code);
        Assert.Equal(20_000, Assert.IsType<ServiceOutcome.Output>(Call(TimeSpan.FromSeconds(20), Held, new TestAnswer(null, "{}", null, 0, 20_000))).CostMicros);
    }

    private StepOutcome Call(TimeSpan deadline, long? held, params TestAnswer[] answers)
    {
        var caller = new ServiceCaller(new OneService(answers), new Nobody(), new(new Entities(null!), _time, alone: true), NullLogger<ServiceCaller>.Instance);
        var call = new ServiceCall("echo", "u1", "a1", "{}"u8.ToArray(), Guid.CreateVersion7(), deadline, held);
        return new SimScheduler(new Random(1), _time).Run(() => caller.Call(Tenant.Default.Test.Of(1), call, null));
    }

    private sealed class Nobody : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class OneService(IReadOnlyList<TestAnswer> answers) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(
                Answer.Of(new ServiceSecret(null, null, new("echo", Service, false, DateTimeOffset.UnixEpoch), answers)))));
    }
}
