using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Grains.Conversations;
using Agora.Grains.Services;
using Agora.Simulation.Clients;
using Agora.Simulation.Plants;

namespace Agora.Simulation.Cluster;

/// <summary>Two services that agents do: one is an agent, the other a skill. They are called as the product calls them, from the service's definition to the reply; the agents live in the seed.</summary>
public sealed class AskedServices(SimCluster cluster, ServiceCaller real, Plant plant, TimeProvider clock)
{
    /// <summary>What they have to reply with.</summary>
    public const string OutputSchema = """{"type":"object","required":["run"]}""";

    /// <summary>Is paid for nothing else, and asks for nothing.</summary>
    public const string Agency = "agency";

    private static readonly TimeSpan LateBy = TimeSpan.FromSeconds(3);

    public static ServiceTerms OfSkill { get; } = new("asked-skill", Catalogue.Category, 5_000, Agency, null, false, Once: true);

    public static ServiceTerms OfAgent { get; } = new("asked-agent", Catalogue.Category, 3_000, Agency, null, false, Agent: SellerClient.Helpers[0], Once: true);

    /// <returns>Null: it is another service.</returns>
    public static string? EndpointOf(string serviceId) =>
        serviceId == OfSkill.ServiceId ? $"{ServiceDefinition.SkillScheme}word" : serviceId == OfAgent.ServiceId ? $"{ServiceDefinition.AgentScheme}{OfAgent.Agent}" : null;

    public async Task<StepOutcome> Call(Core.Kernel.Tenant of, ServiceCall call, string? trace)
    {
        cluster.History.CatchUp();
        var replies = cluster.Tenants.First(one => one.Name == of.Name).PaidReplies;
        replies.Called(call.RunId);
        cluster.Tell($"an agent is to do {call.RunId}");
        var outcome = await real.Call(of, plant.Asking(call with { Peers = ["*"] }), trace);
        cluster.History.CatchUp();
        if (outcome is ServiceOutcome.CallFailed && plant.TakesLateReplies)
        {
            await Task.Delay(LateBy, clock);
            cluster.History.CatchUp();
            if (replies.To(call.RunId) is [(var late, var content), ..])
            {
                outcome = new ServiceOutcome.Output(content.Utf8, 1, null, late);
            }
        }

        replies.Ended(call.RunId, outcome);
        return outcome;
    }

    /// <summary>All that ever offered it: what a process knows of who is there may be far behind.</summary>
    public sealed class Offers(SimCluster cluster) : IOffers
    {
        public IReadOnlyList<Offer> Of(Core.Kernel.Tenant tenant, string skill, DateTimeOffset now) =>
            [.. SellerClient.Of(cluster.Tenants.First(one => one.Name == tenant.Name)).Select((agent, n) => new Offer(agent, 1 + (n % 3)))];
    }
}
