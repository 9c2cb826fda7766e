using Agora.Contracts;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Agora.Client;

/// <summary>Makes a trusted process of our own a client of the cluster.</summary>
public static class AgoraClient
{
    /// <summary>
    /// Gives the host <see cref="IEntities"/>, and <see cref="ClusterConnection"/>, which knows whether the cluster is in reach. The host's start
    /// waits until a silo answers, however long that takes, and logs every ten seconds what it waits for; a cluster that is lost later is found again.
    /// <para>Commands are decided as the operators' and agents' are; what an answer's rejection says beside the documented codes:
    /// <c>unauthorized</c> when the silos do not know the caller, its clock is more than five minutes behind theirs, or it may not send commands to that kind of entity; <c>payload_too_large</c> when a command has more than
    /// <see cref="Limits.EnvelopeBytes"/>. One that was not decided is an
    /// <see cref="OperatingException"/>: send it again under the same command id.</para>
    /// </summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file of <see cref="AgoraClientOptions.Tls"/> is not what it should be.</exception>
    public static IHostApplicationBuilder AddAgoraClient(this IHostApplicationBuilder builder, AgoraClientOptions options, Action<IClientBuilder>? more = null)
    {
        var connection = new ClusterConnection();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
            client.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (AgoraClientOptions.Invariant, options.Postgres));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = Limits.GrainCallTimeout);
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = Limits.GatewaysReadEvery);
            client.Services.AddSingleton<IClientConnectionRetryFilter>(provider => new ConnectionRetry(options, TimeProvider.System, provider.GetRequiredService<ILogger<ConnectionRetry>>()));
            client.AddGatewayCountChangedHandler((_, gateways) => connection.Changed(gateways.NumberOfConnectedGateways));
            if (options.Tls is { } tls)
            {
                client.UseTls(tls.Configure);
            }

            client.Services.AddSingleton<IEnvelopeCodec, EnvelopeCodec>().AddEnvelopeSerializer().AddCallerSigning(options.Caller);
            LostSilos.Use(client.Services);
            more?.Invoke(client);
        });
        builder.Services.AddSingleton(connection);
        builder.Services.AddSingleton<IEntities>(provider => new Entities(new GrainCalls(provider.GetRequiredService<IGrainFactory>(), TimeProvider.System), provider.GetRequiredService<LostSilos>().Ask));
        return builder;
    }
}

/// <summary>Whether the cluster is in reach: some gateway is connected.</summary>
public sealed class ClusterConnection
{
    private volatile bool _isLost;

    public bool IsLost => _isLost;

    internal void Changed(int gateways) => _isLost = gateways == 0;
}
