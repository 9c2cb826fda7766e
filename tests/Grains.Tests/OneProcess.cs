global using Processes = Agora.Grains.Tests.OneProcess;

using Agora.Contracts;
using Agora.Grains.Services;
using Agora.Journal;
using Agora.TestEngine;

namespace Agora.Grains.Tests;

/// <summary>The product's entities in one process, on the test engine.</summary>
internal sealed class OneProcess(EngineOver engine) : IProcesses
{
    public IEntityCalls Calls => engine.Calls;

    public static Task<OneProcess> Start(IJournal journal, IServiceCaller services) =>
        Task.FromResult(On(journal, services, TaskScheduler.Default, TimeProvider.System));

    /// <summary>A World in which nothing happens but what the test runs: every turn on its scheduler, every timer on its clock.</summary>
    public static World WorldOn(IJournal journal, TaskScheduler scheduler, TimeProvider time)
    {
        var service = new PlayedService();
        return new(journal, On(journal, service, scheduler, time), service, time);
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private static OneProcess On(IJournal journal, IServiceCaller services, TaskScheduler scheduler, TimeProvider time) =>
        new(new(journal, services, scheduler, time, create => new GrainEngine(new(), scheduler, time).RegisterAll(create)));
}
