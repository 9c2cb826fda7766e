using Agora.Specifications;
using Agora.Testing;
using Orleans;

namespace Agora.Embedded.Tests;

/// <summary>The specifications on the thread pool, with time that the test moves.</summary>
public sealed class EmbeddedGrainTests : GrainSpecifications, IAsyncLifetime
{
    private readonly SimTimeProvider time = new();
    private readonly GrainEngine engine;

    public EmbeddedGrainTests() => engine = new GrainEngine(time: time)
        .Register<IProbeGrain, ProbeGrain>(() => new ProbeGrain())
        .Register<ISerialProbeGrain, SerialProbeGrain>(() => new SerialProbeGrain());

    protected override IGrainFactory Grains => engine.Grains;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await engine.DisposeAsync();

    protected override Task PassCallTimeout()
    {
        time.Advance(TimeSpan.FromSeconds(30));
        return Task.CompletedTask;
    }

    protected override Task CollectIdle()
    {
        time.Advance(TimeSpan.FromMinutes(23));
        return Task.CompletedTask;
    }
}
