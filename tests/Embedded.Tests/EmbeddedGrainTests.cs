using Agora.Specifications;
using Agora.Testing;
using Orleans;

namespace Agora.Embedded.Tests;

/// <summary>The specifications on the thread pool, with time that the test moves.</summary>
public sealed class EmbeddedGrainTests : GrainSpecifications, IAsyncLifetime
{
    private readonly SimTimeProvider _time = new();
    private readonly GrainEngine _engine;

    public EmbeddedGrainTests() => _engine = new GrainEngine(time: _time)
        .Register<IProbeGrain, ProbeGrain>(() => new ProbeGrain())
        .Register<ISerialProbeGrain, SerialProbeGrain>(() => new SerialProbeGrain());

    protected override IGrainFactory Grains => _engine.Grains;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    protected override Task PassCallTimeout()
    {
        _time.Advance(TimeSpan.FromSeconds(30));
        return Task.CompletedTask;
    }

    protected override Task CollectIdle()
    {
        _time.Advance(TimeSpan.FromMinutes(23));
        return Task.CompletedTask;
    }
}
