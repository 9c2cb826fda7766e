global using Processes = Agora.Grains.Tests.OneProcess;

using Agora.Contracts;
using Agora.Embedded;
using Agora.Grains.Agents;
using Agora.Grains.Campaigns;
using Agora.Grains.Kernel;
using Agora.Grains.Services;
using Agora.Grains.Sessions;
using Agora.Grains.Tests.Product;
using Agora.Grains.Users;
using Agora.Grains.Wallets;
using Agora.Journal;
using Agora.Journal.Memory;
using Orleans;

namespace Agora.Grains.Tests;

/// <summary>The product's grains in one process, on the embedded engine.</summary>
internal sealed class OneProcess : IAsyncDisposable
{
    private readonly GroupCommitter _committer;
    private readonly GrainEngine _engine;

    private OneProcess(MemoryJournal journal, IServiceCaller services)
    {
        _committer = World.Committer(journal);
        EntityPorts? ports = null;
        _engine = new GrainEngine()
            .Register<IUserGrain, UserGrain>(() => new(ports!))
            .Register<ISessionGrain, SessionGrain>(() => new(ports!))
            .Register<ICampaignGrain, CampaignGrain>(() => new(ports!))
            .Register<IServiceGrain, ServiceGrain>(() => new(ports!))
            .Register<IWalletGrain, WalletGrain>(() => new(ports!))
            .Register<IAgentGrain, AgentGrain>(() => new(ports!));
        ports = World.Ports(journal, _committer, _engine.Grains, services);
    }

    public IGrainFactory Grains => _engine.Grains;

    public static Task<OneProcess> Start(MemoryJournal journal, IServiceCaller services) => Task.FromResult(new OneProcess(journal, services));

    /// <summary>Ends all activations in order, as a clean stop does; what starts on the same journal after it is the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        await _engine.DrainAsync();
        await _committer.Drain();
        await _committer.DisposeAsync();
    }
}
