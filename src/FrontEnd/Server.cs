using System.Security.Cryptography;
using Agora.Api;
using Agora.Api.Hosts;
using Agora.Client;
using Agora.Contracts;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Journal.Postgres;
using Agora.Operator;
using Agora.Operator.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;

namespace Agora.FrontEnd;

/// <summary>
/// The API without grains: a client of the cluster, which reads tables and outputs from the journal itself and never writes there. It holds
/// nothing that matters: any number stand behind a load balancer, and come and go.
/// </summary>
internal static class Server
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Task<int> Run(AgoraSettings settings) => ApiHost.Run(settings, async () =>
    {
        await WaitForSilo(settings);
        await SharedClock.Check(Postgres(settings), TimeProvider.System);
        var data = new DataDirectory(settings);
        var keys = AccessKeys.Read(settings, data);
        await using var app = Build(settings, data, keys);
        await SharedKeys.Check(app.Services.GetRequiredService<IJournal>(), data, mayWrite: false);
        keys.Announce(data);
        await app.StartAndAnnounce(settings);
        await app.WaitForShutdownAsync();
        return 0;
    });

    // It writes nothing, so the tables are a silo's to bring up to date: on a new database, and when a release is rolled out, that one may still be starting.
    private static async Task WaitForSilo(AgoraSettings settings)
    {
        var options = new PostgresOptions { ConnectionString = Postgres(settings), ReadOnly = true };
        for (var said = false; ; said = true)
        {
            try
            {
                await using var journal = await PostgresJournal.Open(options);
                await ClusterSchema.Check(options); // a silo's last, when its keys are there to be compared
                return;
            }
            catch (JournalOutdatedException e)
            {
                if (!said)
                {
                    Console.Error.WriteLine($"Waiting for a silo to bring the database up to date. {e.Message}");
                }

                await Task.Delay(LookEvery, TimeProvider.System);
            }
        }
    }

    private static string Postgres(AgoraSettings settings) => settings.Postgres ?? throw new SettingException("--postgres / AGORA_POSTGRES: a front end finds its cluster, and reads, in PostgreSQL.");

    private static WebApplication Build(AgoraSettings settings, DataDirectory data, AccessKeys keys)
    {
        if (settings.Demo) throw new SettingException("--demo goes with a silo; against a front end: ./run --demo --once --against URL.");

        var builder = ApiHost.CreateBuilder(settings);
        builder.Services.AddSingleton(_ => Store.Open(settings, data, readOnly: true).GetAwaiter().GetResult()); // start-up, before anyone waits for this thread
        builder.Services.AddSingleton<ITables>(p => p.GetRequiredService<IJournal>()).AddSingleton<IFeed>(p => p.GetRequiredService<IJournal>());
        builder.Services.AddSingleton(p => new PersonalKeys(p.GetRequiredService<IJournal>(), data.MasterKey, RandomNumberGenerator.Fill, TimeProvider.System));
        builder.AddAgoraClient(
            new()
            {
                Postgres = ClusterSchema.ConnectionString(Postgres(settings)),
                ClusterId = settings.Cluster.ClusterId,
                ServiceId = settings.Cluster.ServiceId,
                Caller = Caller.OfCluster(ServiceKey.FrontEnd, data.MasterKey),
                Tls = ClusterAccess.TlsOf(settings.Cluster),
            },
            client =>
            {
                if (settings.Cluster.Dashboard)
                {
                    client.AddDashboard(Dashboard.Configure);
                }
            });
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true); // /healthz answers while the cluster is looked for
        builder.Services.AddSingleton<IGrainHost, ClusterInReach>();
        builder.Services.AddApi(settings, data, keys, writes: false, errorPages: settings.Docs ? DocsRoutes.Errors : null, frontPage: FrontPage.PathFor(settings.Console, settings.Docs)).AddConsole().AddDocs();
        var app = builder.Build();
        app.UseAgora();
        app.MapAgora();
        if (settings.Console)
        {
            app.MapConsole();
        }

        if (settings.Docs)
        {
            app.MapDocs();
        }

        app.MapFrontPage(settings.Console, settings.Docs);
        app.MapDashboard(settings, settings.Console ? ConsoleRoutes.InsteadOfDashboard : null);
        return app;
    }

    private sealed class ClusterInReach(ClusterConnection connection) : IGrainHost
    {
        public string? NotReady => connection.IsLost ? "no silo is in reach" : null;
    }
}
