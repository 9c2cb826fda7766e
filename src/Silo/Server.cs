using Agora.Api;
using Agora.Api.Http;
using Agora.Core.Sessions;
using Agora.Journal;
using Agora.Silo.Demo;
using Agora.Silo.Engine;
using Agora.Silo.Settings;
using Agora.Silo.Verbs;
using Microsoft.Extensions.Logging.Console;

namespace Agora.Silo;

/// <summary>The server: settings, parts, routes, readiness, drain.</summary>
internal static class Server
{
    public static async Task<int> Run(string[] args)
    {
        try
        {
            var settings = AgoraSettings.Read(Usage.Configuration(args));
            await using var demo = settings.Demo ? await DemoServices.Start() : null;
            var data = new DataDirectory(settings.DataDirectory);
            var keys = AccessKeys.Read(settings, data);
            await using var app = Build(demo?.Allowed(settings) ?? settings, data, keys);
            await app.StartAsync();
            foreach (var url in app.Urls)
            {
                Console.WriteLine($"Agora is listening on {url}");
            }

            keys.Announce(data);
            if (demo is not null && await demo.Walk(app.Urls.First(), keys, settings, app.Lifetime.ApplicationStopping) is { } exitCode)
            {
                await app.StopAsync();
                return exitCode;
            }

            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException)
        {
            return Usage.Refuse(e.Message);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Usage.Refuse(e.Message);
        }
    }

    /// <param name="replace">Parts that a benchmark has otherwise; the last registration counts.</param>
    internal static WebApplication Build(AgoraSettings settings, DataDirectory data, AccessKeys keys, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        // Logs go to standard error: standard output is for people and for whoever pipes the demo.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddFilter("Agora", settings.Demo ? LogLevel.Warning : LogLevel.Information);
        builder.Logging.AddJsonConsole(json => json.IncludeScopes = true).Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls(settings.Urls).ConfigureKestrel(kestrel =>
        {
            ApiOptions.ConfigureKestrel(kestrel);
            Tls.Configure(kestrel, settings);
        });
        builder.Services.AddAgora(settings, data);
        builder.AddGrainEngine(settings); // before Lifetime: what is added first stops last
        builder.Services.AddSingleton<Readiness>().AddSingleton<IJournalReader, JournalReader>();
        builder.Services.AddHostedService<Lifetime>();
        builder.Services.AddAgoraApi(provider => new ApiOptions
        {
            TokenKey = data.TokenKey,
            AdminKeys = keys.Operators,
            PlatformKeyHash = keys.Platform is { } platform ? Credentials.Hash(platform) : null,
            Policy = new SessionPolicy(settings.RateLimitPerMinute, settings.DuplicateWindowSeconds, settings.AnomalyLimit, settings.AnomalyWindowMinutes),
            TrustedProxies = settings.TrustedProxies,
            NotReady = provider.GetRequiredService<Readiness>().Check,
        });
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseAgora();
        app.MapAgora();
        return app;
    }
}
