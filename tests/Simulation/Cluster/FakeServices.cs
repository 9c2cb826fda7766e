using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;

namespace Agora.Simulation.Cluster;

/// <summary>
/// The services outside, as one process sees them: answer, fail, hang to the deadline, or answer after it. They remember what
/// they were called for; whether that was allowed is for the checkers to say.
/// </summary>
public sealed class FakeServices(SimCluster cluster, TimeProvider clock) : IServiceCaller
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan TooLate = TimeSpan.FromSeconds(12);

    /// <summary>As bad as calls: some never hear. Whoever is told is told of a run that is durably cancelled.</summary>
    public async Task Cancel(Core.Kernel.Tenant of, ServiceCancel cancelled, string? trace)
    {
        cluster.History.CatchUp();
        (cluster.Tenants.FirstOrDefault(tenant => tenant.Runs.Knows(cancelled.RunId)) ?? cluster.Tenants[0]).Cancellations.Told(cancelled.RunId);
        cluster.Tell($"told that {cancelled.RunId} is cancelled");
        await Task.Delay(Limits.TellCancelled * cluster.Random.NextDouble(), clock);
    }

    public async Task<StepOutcome> Call(Core.Kernel.Tenant of, ServiceCall call, string? trace)
    {
        cluster.History.CatchUp();
        (cluster.Tenants.FirstOrDefault(tenant => tenant.Runs.Knows(call.RunId)) ?? cluster.Tenants[0]).Runs.Called(call.RunId);
        cluster.Tell($"called {call.RunId}");
        var random = cluster.Random;
        var trouble = random.NextDouble() < cluster.ServiceTrouble ? random.Next(3) : -1;
        var deadline = call.Deadline > TimeSpan.Zero ? call.Deadline : TimeSpan.Zero;
        switch (trouble)
        {
            case 0:
                await Task.Delay(Usual * random.NextDouble(), clock);
                return new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service answered with status 500.", 1);
            case 1:
                await Task.Delay(deadline, clock);
                return new ServiceOutcome.CallFailed(Codes.UpstreamTimeout, "The service did not answer in time.", 3);
            case 2:
                await Task.Delay(deadline + TooLate, clock);
                break;
            default:
                await Task.Delay(FakeMoods.IsOne(call.ServiceId) ? FakeMoods.Takes(random, Usual) : Usual * random.NextDouble(), clock);
                break;
        }

        if (FakeMoods.IsOne(call.ServiceId))
        {
            cluster.Tenants.First(tenant => tenant.Name == of.Name).Sentiments.Answers(call.RunId);
            return new ServiceOutcome.Output(FakeMoods.Answer(call), 1);
        }

        return new ServiceOutcome.Output(Encoding.UTF8.GetBytes($"{{\"run\":\"{call.RunId}\"}}"), 1, call.HeldMicros is { } most ? random.NextInt64(most + 1) : null);
    }
}
