using Agora.Contracts;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Grains.Services;
using Agora.Testing;

namespace Agora.Grains.Tests.Services;

/// <summary>A run waits for an equal one's output, and whoever was first has it neither soon nor ever.</summary>
public sealed class CachedCallerTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Who_waits_in_vain_calls_in_what_is_left_of_its_time()
    {
        var time = new SimTimeProvider();
        var service = new Heard(time);
        var entities = new Entities(new Waiting(time));
        var caller = new CachedCaller(service, new EntityCalls(entities, time), new TenantTimes(entities, time, alone: true));

        var outcome = caller.Call(Tenant.Default, new("echo", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), Time) { Cache = new("cached", 60, 0, default), SessionId = "s" }, null);
        while (!outcome.IsCompleted && time.Elapsed < Time + Time)
        {
            time.Advance(TimeSpan.FromMilliseconds(25));
            await Task.WhenAny(outcome, Task.Delay(1));
        }

        Assert.IsType<ServiceOutcome.Output>(await outcome);
        Assert.InRange(service.At, Time - TimeSpan.FromSeconds(4), Time - TimeSpan.FromSeconds(1));
        Assert.InRange(service.At + service.Call!.Deadline, Time - TimeSpan.FromMilliseconds(100), Time + TimeSpan.FromMilliseconds(100));
    }

    private sealed class Heard(SimTimeProvider time) : IServiceCaller
    {
        public ServiceCall? Call { get; private set; }

        public TimeSpan At { get; private set; }

        Task<StepOutcome> IServiceCaller.Call(Tenant tenant, ServiceCall call, string? trace)
        {
            (Call, At) = (call, time.Elapsed);
            return Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1));
        }

        public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace) => Task.CompletedTask;
    }

    /// <summary>Another run calls, whose session nobody can ask.</summary>
    private sealed class Waiting(TimeProvider time) : PlayedCalls(time)
    {
        public override Task<Envelope> Send(StreamId stream, Envelope envelope) => Task.FromResult(new Envelope(
            envelope.CommandId, null, envelope.Body is CachedCommand.Claim ? Answer.Of(new CachedView(Guid.Empty, "other", DateTimeOffset.UnixEpoch)) : new OperatingFailure(FailureKind.Timeout)));
    }
}
