using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.TestEngine;

namespace Agora.Grains.Tests;

/// <summary>The product's entities in one process, on an engine over a journal: real turns, committers and timers, on the scheduler and the clock that the test gives.</summary>
internal sealed class EngineOver : IAsyncDisposable
{
    private readonly GroupCommitter _committer;
    private readonly IEngine _engine;
    private readonly TimeProvider _time;

    /// <param name="engine">Makes the engine, given what makes an entity's activation on it.</param>
    public EngineOver(IJournal journal, IServiceCaller services, TaskScheduler scheduler, TimeProvider time, Func<Func<Entity, IActivationHost, EntityActivation>, IEngine> engine, IFacilitator? facilitator = null, IWebhookPost? post = null, IToolServers? tools = null, IInboxPages? inboxes = null)
    {
        _time = time;
        _committer = new(journal, new(), scheduler, time);
        EntityPorts? ports = null;
        _engine = engine((entity, host) => EntityActivations.Of(entity, ports!, host));
        Ports = ports = ProcessPorts.Of(journal, _committer, _engine, services, time, facilitator, post, tools, inboxes);
    }

    public IEntityCalls Calls => _engine;

    public EntityPorts Ports { get; }

    /// <summary>Entities that live.</summary>
    public int Activations => _engine.ActivationCount;

    /// <summary>Ends all activations in order, as a clean stop does. What rides is not waited for: with it a test would take seconds more.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var drained = _engine.DrainAsync(); !drained.IsCompleted; await Task.WhenAny(drained, Task.Delay(TimeSpan.FromMilliseconds(10), _time)))
        {
            await _committer.Drain();
        }

        await _committer.Drain();
        await _committer.DisposeAsync();
    }
}
