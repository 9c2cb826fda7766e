using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>A run is cancelled while its service is being called.</summary>
public sealed class CancelledCallTests
{
    [Fact]
    public async Task The_service_is_told_under_the_runs_key_and_its_call_is_tried_no_more()
    {
        var outbound = new Slow();
        var caller = new ServiceCaller(new OneService(), outbound, new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), TimeProvider.System, alone: true), NullLogger<ServiceCaller>.Instance);
        var run = Guid.CreateVersion7();
        var outcome = caller.Call(Tenant.Default, new("echo", "user-1", "agent-1", "{}"u8.ToArray(), run, TimeSpan.FromSeconds(5)), null);
        var posted = await outbound.Posted.Task;
        Assert.False(posted.Unwanted.IsCancellationRequested);

        await caller.Cancel(Tenant.Default, new ServiceCancel("echo", run), null);

        Assert.True(posted.Unwanted.IsCancellationRequested);
        var told = Assert.IsType<OutboundCall>(outbound.Deleted);
        Assert.Equal((run.ToString("D"), posted.Endpoint, null), (told.IdempotencyKey, told.Endpoint, told.Body));
        Assert.NotEqual(posted.ServiceId, told.ServiceId); // a service that knows no DELETE is not rested for it
        Assert.Equal(Limits.TellCancelled, told.Deadline);
        outbound.Answer.SetResult(new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1));
        Assert.IsType<ServiceOutcome.Output>(await outcome);
    }

    private sealed class Slow : IOutbound
    {
        public TaskCompletionSource<OutboundCall> Posted { get; } = new();

        public TaskCompletionSource<OutboundResult> Answer { get; } = new();

        public OutboundCall? Deleted { get; private set; }

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            if (call.TakesBack)
            {
                Deleted = call;
                return Task.FromResult<OutboundResult>(new OutboundResult.Failed(OutboundFailure.BadStatus, 405, 1));
            }

            Posted.SetResult(call);
            return Answer.Task;
        }
    }

    private sealed class OneService : IEntities
    {
        private static readonly ServiceView View = new(
            "echo", new("Echo", "", "text", 1, "https://echo.example/", "provider", null, null, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch);

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Answer.Of(envelope.Body is ServiceCommand.GetSecret ? new ServiceSecret(null, null, View) : View))));
    }
}
