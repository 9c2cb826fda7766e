using System.Security.Cryptography;
using Agora.Client;
using Agora.Contracts;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Journal.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;

namespace Agora.Api.Hosts;

/// <summary>
/// The API without grains: a client of the cluster, which reads tables and outputs from the journal itself and never writes there. It holds
/// nothing that matters: any number stand behind a load balancer, and come and go.
/// </summary>
internal static class FrontEnd
{
    public static Task<int> Run(AgoraSettings settings) => ApiHost.Run(settings, async () =>
    {
        ListenAddresses.CheckFree(settings.Urls);
        var data = new DataDirectory(settings);
        var keys = AccessKeys.Read(settings, data);
        await using var app = Build(settings, data, keys);
        await SharedKeys.Check(app.Services.GetRequiredService<IJournal>(), data, mayWrite: false);
        keys.Announce(data);
        await app.StartAndAnnounce(settings);
        await app.WaitForShutdownAsync();
        return 0;
    });

    private static WebApplication Build(AgoraSettings settings, DataDirectory data, AccessKeys keys)
    {
        var postgres = settings.Postgres ?? throw new SettingException("--postgres / AGORA_POSTGRES: a front end finds its cluster, and reads, in PostgreSQL.");
        if (settings.Demo)
        {
            throw new SettingException("--demo goes with a silo; against a front end: ./run --demo --once --against URL.");
        }

        var builder = ApiHost.CreateBuilder(settings);
        builder.Services.AddSingleton(_ => Store.Open(settings, data, readOnly: true).GetAwaiter().GetResult()); // start-up, before anyone waits for this thread
        builder.Services.AddSingleton<ITables>(p => p.GetRequiredService<IJournal>());
        builder.Services.AddSingleton(p => new PersonalKeys(p.GetRequiredService<IJournal>(), data.MasterKey, RandomNumberGenerator.Fill, TimeProvider.System));
        builder.AddAgoraClient(
            new()
            {
                Postgres = ClusterSchema.ConnectionString(postgres),
                ClusterId = settings.Cluster.ClusterId,
                ServiceId = settings.Cluster.ServiceId,
                Caller = Caller.OfCluster(ServiceKey.FrontEnd, data.MasterKey),
                Tls = ClusterAccess.TlsOf(settings.Cluster),
            },
            client =>
            {
                if (settings.Cluster.Dashboard)
                {
                    client.AddDashboard();
                }
            });
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true); // /healthz answers while the cluster is looked for
        builder.Services.AddSingleton<IGrainHost, ClusterInReach>();
        builder.Services.AddApi(settings, data, keys, writes: false);
        var app = builder.Build();
        app.UseAgora();
        app.MapAgora();
        app.MapDashboard(settings);
        return app;
    }

    private sealed class ClusterInReach(ClusterConnection connection) : IGrainHost
    {
        public string? NotReady => connection.IsLost ? "no silo is in reach" : null;
    }
}
