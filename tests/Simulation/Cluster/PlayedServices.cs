using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Agora.Grains.Services;
using Agora.Outbound;

namespace Agora.Simulation.Cluster;

/// <summary>Tools of upstreams are called as the product calls them, up to their servers, and so are services of a tenant for tests, which answer as they were told to; other services are played whole.</summary>
/// <param name="asked">Has agents do what they are paid for; null: none is asked.</param>
public sealed class PlayedServices(FakeServices played, ServiceCaller real, AskedServices? asked) : IServiceCaller
{
    public Task<StepOutcome> Call(Core.Kernel.Tenant of, ServiceCall call, string? trace) =>
        asked is not null && AskedServices.EndpointOf(call.ServiceId) is not null ? asked.Call(of, call, trace) : (IsReal(of, call.ServiceId) ? (IServiceCaller)real : played).Call(of, call, trace);

    /// <summary>A tool, an agent, and a service that answers as it was told to, hears of it by its call's token, which is cancelled on a thread of its own: none of a seed listens.</summary>
    public Task Cancel(Core.Kernel.Tenant of, ServiceCancel cancelled, string? trace) => IsReal(of, cancelled.ServiceId) ? Task.CompletedTask : played.Cancel(of, cancelled, trace);

    private static bool IsReal(Core.Kernel.Tenant of, string serviceId) => of.IsTest || ToolNames.IsOfTool(serviceId) || AskedServices.EndpointOf(serviceId) is not null;

    /// <summary>No service of a seed has an address.</summary>
    public sealed class NothingLeaves : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => throw new InvalidOperationException($"{call.Endpoint} was called.");
    }
}
