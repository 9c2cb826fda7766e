using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;

namespace Agora.Simulation.Cluster;

/// <summary>
/// Upstreams' servers outside, as one process sees them: their lists come, fail, hang, or are old when they come; their tools answer, fail, break off, hang, or answer after the deadline.
/// What they were called for they tell the checker; whether that was approved is for it to say.
/// </summary>
/// <param name="asking">How this process asks what may be called.</param>
public sealed class FakeToolServers(SimCluster cluster, AskingUpstreams asking, TimeProvider clock) : IToolServers
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan TooLate = TimeSpan.FromSeconds(12);

    public async Task<UpstreamOutcome> List(StreamId upstream, UpstreamAccess access, CancellationToken ending)
    {
        var vendor = Of(upstream).Vendor;
        var before = vendor.Offered(upstream.Id);
        await Pause(vendor.Random, Usual, ending);
        switch (Trouble(vendor.Random, 4))
        {
            case 0:
                return new UpstreamOutcome.Failed(UpstreamFailures.Unreachable);
            case 1:
                await Task.Delay(Hangs, clock, ending);
                return new UpstreamOutcome.Failed(UpstreamFailures.Timeout);
            case 2:
                await Pause(vendor.Random, Hangs, ending);
                return new UpstreamOutcome.Listed(before);
            default:
                return new UpstreamOutcome.Listed(vendor.Offered(upstream.Id));
        }
    }

    public async Task Listen(StreamId upstream, UpstreamAccess access, TimeSpan pause, CancellationToken ending)
    {
        var over = new TaskCompletionSource(); // what waits for any of several tasks goes on in a thread of its own where one is cancelled
        using var timer = clock.CreateTimer(_ => over.TrySetResult(), null, pause, Timeout.InfiniteTimeSpan);
        using var ends = ending.Register(() => over.TrySetResult());
        Of(upstream).Vendor.Listen(upstream.Id, () => over.TrySetResult());
        await over.Task;
    }

    public async Task<ToolAnswer> Call(StreamId upstream, UpstreamAccess access, ToolRequest request)
    {
        var (tenant, callable) = (Of(upstream), access.Callable.Single(tool => tool.Name == request.Tool));
        var random = tenant.Vendor.Random;
        cluster.History.CatchUp();
        tenant.Runs.Called(request.RunId);
        tenant.Tools.Called(upstream, callable, request.RunId, asking.Since(upstream));
        var offered = tenant.Vendor.Offered(upstream.Id).FirstOrDefault(tool => tool.Name == request.Tool)?.Hash;
        cluster.Tell($"{upstream} {request.Tool} {callable.Hash} of {offered} called for {request.RunId}");
        return new(await Answer(random, request), ListChanged: random.Next(6) == 0);
    }

    private async Task<OutboundResult> Answer(Random random, ToolRequest request)
    {
        var trouble = Trouble(random, 6);
        if (trouble == 0)
        {
            await Task.Delay(request.Timeout, clock);
            return new OutboundResult.Failed(OutboundFailure.Timeout, null, 1);
        }

        await Task.Delay(trouble == 1 ? request.Deadline + TooLate : Usual * random.NextDouble(), clock);
        return trouble switch
        {
            2 => new OutboundResult.Failed(OutboundFailure.BadStatus, 422, 1),
            3 => new OutboundResult.Failed(OutboundFailure.BadStatus, 500, 1),
            4 => new OutboundResult.Failed(OutboundFailure.Connection, null, 1),
            5 => new OutboundResult.Succeeded(200, "nothing that can be read"u8.ToArray(), 1),
            _ => new OutboundResult.Succeeded(200, Encoding.UTF8.GetBytes($"{{\"run\":\"{request.RunId}\"}}"), 1),
        };
    }

    private Tenant Of(StreamId upstream) => cluster.Tenants.Single(tenant => tenant.Name == upstream.Tenant);

    private int Trouble(Random random, int kinds) => random.NextDouble() < cluster.ServiceTrouble ? random.Next(kinds) : -1;

    private Task Pause(Random random, TimeSpan upTo, CancellationToken ending) => Task.Delay(upTo * random.NextDouble(), clock, ending);
}
