using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Models;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Cluster;

/// <summary>Models that agents may call, and what a call of one comes to, by a script: what was sent and what it cost is the truth to which all that is posted is held.</summary>
public static class FakeModels
{
    /// <param name="Charges">Whoever pays for services pays for it; else limits alone count it.</param>
    public sealed record Model(ServiceTerms Terms, bool Charges)
    {
        public ModelOffer Offer => new(Terms.ServiceId, 1_000, 100, 0, Charges, [new(1, DateTimeOffset.UnixEpoch, [new(Input: 1, Output: 2)])]);
    }

    /// <summary>What one call costs at most is close to what a session may spend.</summary>
    public static IReadOnlyList<Model> All { get; } =
    [
        new(Terms("model-limited", 90_000), Charges: false), new(Terms("model-charged", 60_000), Charges: true), new(Terms("model-free", 0), Charges: false), new(Terms("model-given", 0), Charges: true),
    ];

    /// <summary>Of a call that may cost so much: as the provider counts it. It counts more than was bounded now and then, and nothing.</summary>
    public static Called Call(long boundMicros, Random random)
    {
        var cost = random.Next(8) switch { 0 => boundMicros + random.Next(1, 20_000), 1 => boundMicros, 2 => 0, _ => random.NextInt64(boundMicros + 1) };
        return new(cost, new(Input: random.Next(1, 30), Output: random.Next(1, 10)), $"resp_{random.Next():x8}");
    }

    private static ServiceTerms Terms(string id, long price) => new(id, Catalogue.Category, price, "provider-2", null, Disabled: false, Metered: true, IsModel: true);

    /// <summary>What the provider knows.</summary>
    public sealed record Called(long CostMicros, Usage Usage, string ProviderId);
}
