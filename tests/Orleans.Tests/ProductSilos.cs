global using Processes = Agora.Orleans.Tests.ProductSilos;

using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Grains.Services;
using Agora.Grains.Tests;
using Agora.Grains.Tests.Product;
using Agora.Journal;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Agora.Orleans.Tests;

/// <summary>
/// The product's grains on two silos of Orleans, each with a committer, keys and a connection of its own to one journal. The
/// test is a client of the cluster, so all that it asks crosses a border encoded; placed at random, about half of what grains
/// ask each other does.
/// </summary>
internal sealed class ProductSilos : IProcesses
{
    private readonly InProcessTestCluster _cluster;
    private readonly ConcurrentBag<GroupCommitter> _committers = [];
    private GrainCalls? _calls;

    private ProductSilos(MemoryJournal journal, IServiceCaller services, Action<ISiloBuilder>? more)
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 2);
        builder.ConfigureSilo((_, silo) =>
        {
            var own = journal.Connect(faults: null);
            var committer = new GroupCommitter(own, new(), TaskScheduler.Default, TimeProvider.System);
            _committers.Add(committer);
            AddEnvelopes(silo.Services);
            silo.Services.AddSingleton<PlacementStrategy, RandomPlacement>();
            silo.Services.AddSingleton(provider => ProcessPorts.Of(own, committer, new GrainCalls(provider.GetRequiredService<IGrainFactory>(), TimeProvider.System, static (_, _) => true), services, TimeProvider.System));
            more?.Invoke(silo);
        });
        builder.ConfigureClient(client => AddEnvelopes(client.Services));
        _cluster = builder.Build();
    }

    public IEntityCalls Calls => _calls ??= new GrainCalls(_cluster.Client, TimeProvider.System, static (_, _) => true);

    public IGrainFactory Grains => _cluster.Client;

    public static async Task<ProductSilos> Start(IJournal journal, IServiceCaller services, Action<ISiloBuilder>? more = null)
    {
        var silos = new ProductSilos((MemoryJournal)journal, services, more);
        await silos._cluster.DeployAsync();
        return silos;
    }

    /// <summary>Stops the silos in order, and then, when nothing is appended any more, their committers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var committer in _committers)
        {
            await committer.Drain();
            await committer.DisposeAsync();
        }
    }

    private static void AddEnvelopes(IServiceCollection services) => services.AddSingleton<IEnvelopeCodec, EnvelopeCodec>().AddEnvelopeSerializer();
}
