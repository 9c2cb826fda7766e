using Agora.Contracts;
using Agora.Grains.Kernel;
using Agora.Specifications;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Agora.Orleans.Tests;

/// <summary>Two silos and a client, started once for all specifications.</summary>
public sealed class TwoSilos : IAsyncLifetime
{
    public static TextEnvelopeCodec Codec { get; } = new();

    public TestCluster Cluster { get; } = new TestClusterBuilder(2)
        .AddSiloBuilderConfigurator<Silo>()
        .AddClientBuilderConfigurator<Client>()
        .Build();

    public Task InitializeAsync() => Cluster.DeployAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    private static void AddEnvelopes(IServiceCollection services) =>
        services.AddSingleton<IEnvelopeCodec>(Codec).AddEnvelopeSerializer();

    private sealed class Silo : ISiloConfigurator
    {
        // Placed at random, about half of the calls between grains cross from one silo to the other.
        public void Configure(ISiloBuilder siloBuilder)
        {
            AddEnvelopes(siloBuilder.Services);
            siloBuilder.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
        }
    }

    private sealed class Client : IClientBuilderConfigurator
    {
        // Orleans runs on the real clock here, so a timeout has to be waited for; the specification only waits for the outcome.
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            AddEnvelopes(clientBuilder.Services);
            clientBuilder.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        }
    }
}

public interface IProbeGrain : IEntityGrain;

public sealed class ProbeGrain(IGrainFactory grains) : EntityGrain(engine => new ProbeActivation(engine, Calls(grains))), IProbeGrain
{
    public static GrainCalls Calls(IGrainFactory grains) => new(grains, TimeProvider.System, marker: static _ => typeof(IProbeGrain));
}

public sealed class OrleansGrainTests(TwoSilos silos) : GrainSpecifications, IClassFixture<TwoSilos>
{
    private readonly GrainCalls _calls = ProbeGrain.Calls(silos.Cluster.GrainFactory);

    protected override IEntityCalls Calls => _calls;

    [Fact]
    public async Task Grains_spread_over_both_silos_and_envelopes_cross_between_them_encoded()
    {
        var before = TwoSilos.Codec.Decoded;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Ask(NewKey(), $"relay {NewKey()}")));
        // Each of the 100 crosses between client and silo, there and back. The 100 that they relay come on top where they cross
        // between silos, about half of them; within a silo an envelope is handed over as it is.
        Assert.InRange(TwoSilos.Codec.Decoded - before, 200 + 2 * 10, 200 + 2 * 90);
        var statistics = await silos.Cluster.GrainFactory.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        Assert.Equal(2, statistics.Where(grain => grain.GrainType.Contains(nameof(ProbeGrain), StringComparison.Ordinal)).Select(grain => grain.SiloAddress).Distinct().Count());
    }

    protected override Task PassCallTimeout() => Task.CompletedTask;

    protected override Task CollectIdle() =>
        silos.Cluster.GrainFactory.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
}
