using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>Two tenants each have a service of the same id.</summary>
public sealed class TenantServiceTests
{
    [Fact]
    public async Task A_service_of_the_same_id_in_two_tenants_is_called_at_each_tenants_own_endpoint()
    {
        var outbound = new Called();
        var caller = new ServiceCaller(new OneServiceEach(), outbound, new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), TimeProvider.System, alone: true), NullLogger<ServiceCaller>.Instance);

        foreach (var tenant in new[] { Tenant.Default, Tenant.Parse("second")! })
        {
            await caller.Call(tenant, new("echo", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(60)), null);
        }

        Assert.Equal(["default.example", "second.example"], outbound.Hosts);
    }

    private sealed class Called : IOutbound
    {
        public List<string> Hosts { get; } = [];

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            Hosts.Add(call.Endpoint.Host);
            return Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1));
        }
    }

    private sealed class OneServiceEach : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) =>
        {
            var view = new ServiceView("echo", new("Echo", "", "text", 1, $"https://{stream.Tenant}.example/", "provider", null, null, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch);
            return Task.FromResult(envelope.Answered(Answer.Of(envelope.Body is ServiceCommand.GetSecret ? new ServiceSecret(null, null, view) : view)));
        });
    }
}
