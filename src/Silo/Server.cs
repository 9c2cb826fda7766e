using Agora.Api;
using Agora.Api.Admin.Checks;
using Agora.Api.Desk;
using Agora.Api.Hosts;
using Agora.Crypto;
using Agora.Hosting;
using Agora.Journal.Postgres;
using Agora.Operator;
using Agora.Operator.Reference;
using Agora.Proof.Keys;
using Agora.Silo.Engine;

namespace Agora.Silo;

/// <summary>A server that has started.</summary>
/// <param name="Url">The first that it listens on.</param>
/// <param name="Stopping">It ends.</param>
public sealed record Serving(string Url, AccessKeys Keys, CancellationToken Stopping);

/// <summary>The server: settings, parts, routes, readiness, drain.</summary>
public static class Server
{
    internal const int LostExitCode = 3;

    /// <param name="beside">What the process does besides serving; what it returns is the exit code with which the server ends, null: it goes on.</param>
    public static Task<int> Run(AgoraSettings settings, Func<Serving, Task<int?>>? beside = null) => ApiHost.Run(settings, async () =>
    {
        // Whatever can keep it from starting comes before the first key is made.
        var data = new DataDirectory(settings);
        await using var ownership = await Store.Own(settings, alone: false);
        await using var journal = await Store.Open(settings, data);
        await SharedKeys.RequireMasterKey(journal, data);
        if (settings.Postgres is { } postgres)
        {
            await SharedClock.Check(postgres, TimeProvider.System);
            await SharedKeys.Check(journal, data, mayWrite: true);
        }

        var keys = AccessKeys.Read(settings, data);
        keys.Announce(data);
        await using var app = Build(settings, data, keys, services => services.AddSingleton(journal));
        await MakeSigningKey(app.Services);
        await GrainEngineRegistration.PrepareGrainEngine(settings);
        await app.StartAndAnnounce(settings);
        Banner.Print(settings, data, app.Urls.First(), Console.Out);
        if (!Console.IsOutputRedirected)
        {
            await FirstAccount.Offer(settings, keys, app.Services.GetRequiredService<OperatorDesk>(), app.Urls.First(), Console.Out);
        }

        EndWhen(ownership?.Lost, "another one has taken its database while it had no connection.", app);
        EndWhen((journal as PostgresJournal)?.CutOff, "its database lost rows that were acknowledged, in a fail-over. Started anew it goes on from what is there.", app);
        if (beside is not null && await beside(new(app.Urls.First(), keys, app.Lifetime.ApplicationStopping)) is { } exitCode)
        {
            await app.StopAsync();
            return exitCode;
        }

        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    });

    // What it holds in memory is no longer what there is.
    private static void EndWhen(Task? lost, string why, WebApplication app) => lost?.ContinueWith(
        _ =>
        {
            Console.Error.WriteLine($"This server ends: {why}");
            Environment.ExitCode = LostExitCode;
            app.Lifetime.StopApplication();
        },
        TaskScheduler.Default);

    // Before the first request, and before anyone else may ask for a receipt.
    private static async Task MakeSigningKey(IServiceProvider services)
    {
        if (Ed25519.Missing is { } missing) throw new SettingException(missing);

        var keys = services.GetRequiredService<SigningKeys>();
        await keys.Load(mayMake: true, CancellationToken.None);
        var log = services.GetRequiredService<ILogger<SigningKeys>>();
        foreach (var doubt in await keys.Doubts(CancellationToken.None)) log.NotVouched(doubt);
    }

    /// <param name="replace">Parts that a benchmark has otherwise; the last registration counts.</param>
    internal static WebApplication Build(AgoraSettings settings, DataDirectory data, AccessKeys keys, Action<IServiceCollection>? replace = null)
    {
        var builder = ApiHost.CreateBuilder(settings);
        builder.Services.AddAgora(settings, data);
        builder.AddGrainEngine(settings, data); // before Lifetime: what is added first stops last
        builder.Services.AddHostedService<Lifetime>();
        builder.Services.AddHostedService<CheckpointLoop>().AddSingleton<Verification>().AddHostedService(static p => p.GetRequiredService<Verification>()).AddSingleton<ICheckup>(static p => p.GetRequiredService<Verification>());
        builder.Services.AddHostedService<WebhookWaker>().AddHostedService<InboxWaker>().AddHostedService<UpstreamWaker>();
        builder.Services.AddApi(settings, data, keys, writes: true, errorPages: settings.Docs ? DocsRoutes.Errors : null, frontPage: FrontPage.PathFor(settings.Console, settings.Docs)).AddConsole().AddDocs();
        replace?.Invoke(builder.Services);
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
        app.MapGrainEngine(settings);
        return app;
    }
}

internal static partial class ServerLog
{
    [LoggerMessage(EventId = 32, Level = LogLevel.Warning, Message = "{Doubt} It is not published, and nothing that it signed verifies")]
    public static partial void NotVouched(this ILogger log, string doubt);
}
