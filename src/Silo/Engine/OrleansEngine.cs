using System.Diagnostics.Metrics;
using System.Net;
using Agora.Api.Hosts;
using Agora.Client;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal.Postgres;
using Agora.Operator;
using Orleans;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansSilo = Orleans.Runtime.Silo;

namespace Agora.Silo.Engine;

/// <summary>
/// Orleans as the engine. Its grains are found by Orleans itself and made with the EntityPorts of the host's services.
/// The host stops the silo once more after this, which then has nothing left to do.
/// </summary>
internal sealed class OrleansEngine : IEngineLifetime, IDisposable
{
    private readonly OrleansSilo _silo;
    private readonly IClusterMembershipService _membership;
    private readonly ILocalSiloDetails _self;
    private readonly Residents _residents;
    private readonly Meter _meter = new("Agora.Engine");

    public OrleansEngine(OrleansSilo silo, IClusterMembershipService membership, ILocalSiloDetails self, Residents residents)
    {
        (_silo, _membership, _self, _residents) = (silo, membership, self, residents);
        _meter.CreateObservableGauge("agora.engine.entities", () => residents.Count, "{entity}", "Entities in memory");
    }

    public string? NotReady => _membership.CurrentSnapshot.GetSiloStatus(_self.SiloAddress) == SiloStatus.Active ? null : "the silo is not active in its cluster";

    public async Task Drain(CancellationToken cancel)
    {
        // With others beside it, what entities begin from now on is answered there (LeavingEntities).
        if (_membership.IsAlone(_self))
        {
            await _residents.Settle(Limits.SettledWithin, cancel);
        }

        await _silo.StopAsync(cancel);
    }

    public void Dispose() => _meter.Dispose();
}

internal static class GrainEngineRegistration
{
    private static readonly TimeSpan MemberPatience = TimeSpan.FromSeconds(2);

    public static void AddGrainEngine(this IHostApplicationBuilder builder, AgoraSettings settings, DataDirectory data)
    {
        // The web server answers /healthz while the silo joins; until all has started everything else gets 503.
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        var firstLook = new FirstLook();
        firstLook.Filter(builder.Logging);
        builder.Services.AddSingleton<IHostedService>(firstLook);
        builder.UseOrleans(silo =>
        {
            if (settings.Postgres is { } postgres)
            {
                silo.JoinCluster(settings.Cluster, ClusterSchema.ConnectionString(postgres));
                silo.Services.AddCallerSigning(Caller.OfCluster(ServiceKey.Silo, data.MasterKey), static services => services.GetRequiredService<SiloFeatures>().AnyNeedsToken).AddCallerCheck(ClusterAccess.Callers(settings.Cluster, data));
            }
            else
            {
                // Its own cluster, without a gateway: the HTTP API is in this process. The port is part of the silo's name only: nothing listens on it. No call comes from outside, so none is signed or checked.
                silo.UseLocalhostClustering(settings.Cluster.SiloPort, gatewayPort: 0);
                NoConnections.Use(silo.Services);
            }

            // Where it is first asked for: a session, its user and its wallets then mostly meet within one silo. Who spreads requests spreads the grains.
            silo.Services.AddSingleton<PlacementStrategy>(new PreferLocalPlacement());
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = Limits.GrainCallTimeout);
            // By number (Residents), and by memory: from 80 % of what the process may have on, those called longest ago are put away until it is 75 %.
            silo.Services.AddSingleton(new Residents(settings.ActivationsAtMost, TimeProvider.System));
            silo.Configure<GrainCollectionOptions>(collection => (collection.CollectionAge, collection.EnableActivationSheddingOnMemoryPressure) = (Limits.GrainIdleAge, true));
            silo.Services.AddSingleton<IEnvelopeCodec, EnvelopeCodec>().AddEnvelopeSerializer();
            silo.Services.AddSingleton<SiloFeatures>();
            silo.Services.AddSingleton<IEntityCalls>(p => new GrainCalls(p.GetRequiredService<IGrainFactory>(), TimeProvider.System, p.GetRequiredService<SiloFeatures>().AllHave));
            silo.Services.AddSingleton<IEngineLifetime, OrleansEngine>().AddSingleton<IGrainHost>(p => p.GetRequiredService<IEngineLifetime>());
            if (settings.Cluster.Dashboard)
            {
                silo.AddDashboard(Dashboard.Configure);
                DashboardStart.Use(silo.Services, settings.IsAlone);
            }
        });
    }

    /// <summary>What a silo finds when it starts: its ports free, the cluster's tables there, members with certificates that it accepts.</summary>
    /// <exception cref="SettingException">A port is taken, or a member has a certificate of another authority.</exception>
    public static async Task PrepareGrainEngine(AgoraSettings settings)
    {
        if (settings.Postgres is { } postgres)
        {
            settings.Cluster.CheckPorts();
            var options = new PostgresOptions { ConnectionString = postgres };
            await ClusterSchema.Apply(options);
            if (ClusterAccess.TlsOf(settings.Cluster) is { } tls)
            {
                await CheckCertificates(tls, await ClusterSchema.ActiveMembers(options, settings.Cluster.ClusterId));
            }
        }
    }

    // Joining with a member of another authority would be half a minute of failed connections, each with its stack trace, at both sides, until the others declare this silo dead.
    private static async Task CheckCertificates(ClusterTls own, IReadOnlyList<IPEndPoint> members)
    {
        using var patience = new CancellationTokenSource(MemberPatience);
        var faults = await Task.WhenAll(members.Select(async member => (Member: member, Fault: await own.FaultOf(member, patience.Token))));
        if (Array.Find(faults, static one => one.Fault is not null) is { Fault: { } fault, Member: var member })
        {
            throw new SettingException($"AGORA_CLUSTER_TLS_CA: this silo would refuse the certificate of {member}, a member of its cluster: {fault}");
        }
    }

    public static void MapGrainEngine(this WebApplication app, AgoraSettings settings) => app.MapDashboard(settings, settings.Console ? ConsoleRoutes.InsteadOfDashboard : null, () => app.Services.GetRequiredService<DashboardStart>().Started());

    /// <summary>
    /// Membership in the tables of <c>sql/orleans</c>, and default storage for grains that are no entities.
    /// <para>Times of life and death. A silo that is gone misses 3 probes, one each 1.25 s, and is declared dead by two votes (one, where fewer than three are
    /// alive). Heartbeats each 5 s; rows without one for 15 s count as silent, and a silo that
    /// comes back alone after all have died votes those out itself (<see cref="SilentMembers"/>). Votes hold for a minute. The rows of the dead are removed after a
    /// day, or after an hour those beyond 25.</para>
    /// <para>On a busy machine Orleans makes probes longer, by how soon answers came, here up to 2.25 s; and no silo votes against one whose connections are open before 3 of the longest since its last word, 6.75 s. So one that
    /// hangs is dead after 7 to 8 s, and one that is only slow lives (ADR 0138).</para>
    /// <para>Each silo votes by what it missed itself, never by what another missed for it.</para>
    /// </summary>
    private static void JoinCluster(this ISiloBuilder silo, ClusterSettings cluster, string postgres)
    {
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.ConfigureEndpoints(cluster.AdvertisedAddress, cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(cluster.AdvertisedAddress));
        silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (AgoraClientOptions.Invariant, postgres));
        silo.AddAdoNetGrainStorageAsDefault(storage => (storage.Invariant, storage.ConnectionString) = (AgoraClientOptions.Invariant, postgres));
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout) = (TimeSpan.FromSeconds(1.25), TimeSpan.FromSeconds(1.25), TimeSpan.FromSeconds(2.25));
            membership.NumMissedProbesLimit = 3;
            membership.EnableIndirectProbes = false;
            membership.NumVotesForDeathDeclaration = 2;
            membership.DeathVoteExpirationTimeout = TimeSpan.FromMinutes(1);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            membership.NumMissedTableIAmAliveLimit = 3;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
            membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
            membership.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
        });
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SilentMembers>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, LeavingEntities>();
        silo.Services.AddSingleton<IFatalErrorHandler, EndOfSilo>();
        if (ClusterAccess.TlsOf(cluster) is { } tls)
        {
            silo.UseTls(tls.Configure);
        }
    }
}
