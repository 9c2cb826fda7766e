using System.Diagnostics.Metrics;
using Agora.Api.Hosts;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Hosting;

namespace Agora.Silo.Engine;

/// <summary>The engine of one process. In the Orleans build the file beside this one takes its place.</summary>
internal sealed class EmbeddedEngine : IEngineLifetime, IDisposable
{
    private readonly GrainEngine _engine;
    private readonly Meter _meter = new("Agora.Engine");

    public EmbeddedEngine(GrainEngine engine)
    {
        _engine = engine;
        _meter.CreateObservableGauge("agora.engine.entities", () => engine.ActivationCount, "{entity}", "Entities in memory");
    }

    public string? NotReady => null;

    public Task Drain(CancellationToken cancel) => _engine.DrainAsync(cancel);

    public void Dispose() => _meter.Dispose();
}

internal static class GrainEngineRegistration
{
    /// <summary>Its entities live in this process only: a second one on the same database would show other balances.</summary>
    public const bool IsAlone = true;

    public static void AddGrainEngine(this IHostApplicationBuilder builder, AgoraSettings _, DataDirectory __)
    {
        builder.Services.AddSingleton(Engine);
        builder.Services.AddSingleton<IEntityCalls>(p => p.GetRequiredService<GrainEngine>());
        builder.Services.AddSingleton<IEngineLifetime, EmbeddedEngine>();
        builder.Services.AddSingleton<IGrainHost>(p => p.GetRequiredService<IEngineLifetime>());
    }

    /// <summary>Nothing of it is stored.</summary>
    public static Task PrepareGrainEngine(AgoraSettings _) => Task.CompletedTask;

    /// <summary>This engine has no pages of its own.</summary>
    public static void MapGrainEngine(this WebApplication _, AgoraSettings __)
    {
    }

    private static GrainEngine Engine(IServiceProvider services)
    {
        // The ports of entities need the engine to reach other entities, so they are found at the first activation.
        var ports = new Lazy<EntityPorts>(services.GetRequiredService<EntityPorts>);
        return new GrainEngine(new() { CallTimeout = Limits.GrainCallTimeout, IdleAge = Limits.GrainIdleAge, ActivationsAtMost = services.GetRequiredService<AgoraSettings>().ActivationsAtMost })
            .RegisterAll((entity, host) => EntityActivations.Of(entity, ports.Value, host));
    }
}
