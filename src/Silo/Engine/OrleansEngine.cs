using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Silo.Settings;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansSilo = Orleans.Runtime.Silo;

namespace Agora.Silo.Engine;

/// <summary>
/// Orleans as the engine. Its grains are found by Orleans itself and made with the EntityPorts of the host's services.
/// The host stops the silo once more after this, which then has nothing left to do.
/// </summary>
internal sealed class OrleansEngine(OrleansSilo silo) : IEngineLifetime
{
    public Task Drain(CancellationToken cancel) => silo.StopAsync(cancel);
}

internal static class GrainEngineRegistration
{
    /// <summary>A silo that is its own cluster, on the loopback address only.</summary>
    public static void AddGrainEngine(this IHostApplicationBuilder builder, AgoraSettings settings) => builder.UseOrleans(silo =>
    {
        // Without a gateway: the HTTP API is in this process, and nobody else may send commands past it.
        silo.UseLocalhostClustering(settings.SiloPort, gatewayPort: 0);
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = Limits.GrainCallTimeout);
        silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = Limits.GrainIdleAge);
        silo.Services.AddSingleton<IEnvelopeCodec, EnvelopeCodec>().AddEnvelopeSerializer();
        silo.Services.AddSingleton<IEngineLifetime, OrleansEngine>();
    });
}
