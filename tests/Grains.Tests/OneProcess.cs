global using Processes = Agora.Grains.Tests.OneProcess;

using Agora.Grains.Services;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Journal;
using Orleans;

namespace Agora.Grains.Tests;

/// <summary>The product's grains in one process, on the embedded engine.</summary>
internal sealed class OneProcess : IProcesses
{
    private readonly GroupCommitter _committer;
    private readonly GrainEngine _engine;

    private OneProcess(IJournal journal, IServiceCaller services, TaskScheduler scheduler, TimeProvider time)
    {
        _committer = new(journal, new(), scheduler, time);
        EntityPorts? ports = null;
        _engine = new GrainEngine(new(), scheduler, time)
            .RegisterAll(entity => EntityGrain.Of(entity, ports!));
        ports = World.Ports(journal, _committer, _engine.Grains, services, time);
    }

    public IGrainFactory Grains => _engine.Grains;

    public static Task<OneProcess> Start(IJournal journal, IServiceCaller services) =>
        Task.FromResult(new OneProcess(journal, services, TaskScheduler.Default, TimeProvider.System));

    /// <summary>A World in which nothing happens but what the test runs: every turn on its scheduler, every timer on its clock.</summary>
    public static World WorldOn(IJournal journal, TaskScheduler scheduler, TimeProvider time)
    {
        var service = new PlayedService();
        return new(journal, new OneProcess(journal, service, scheduler, time), service, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DrainAsync();
        await _committer.Drain();
        await _committer.DisposeAsync();
    }
}
