using System.Net.Sockets;
using Agora.Api.Hosts;
using Agora.Api.Proof;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Memories;
using Agora.Hosting;
using Agora.Journal;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Agora.Api;

/// <summary>What every process that serves the HTTP API does alike: its web server, its log, its options, and how it refuses to start.</summary>
public static class ApiHost
{
    /// <summary>A web server and a log, as set. Logs go to standard error: standard output is for people and for whoever pipes the demo.</summary>
    public static WebApplicationBuilder CreateBuilder(AgoraSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddFilter("Agora", settings.Demo ? LogLevel.Warning : LogLevel.Information);
        // What keeps it from starting is one line of its own (Run).
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddConsoleFormatter<LogLines, ConsoleFormatterOptions>().AddConsole(console =>
        {
            console.FormatterName = LogLines.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Logging.RedactCredentials();
        builder.AddTelemetry(RedactedLog.Redact);
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls(settings.Listens).ConfigureKestrel(kestrel =>
        {
            WebServer.Configure(kestrel, settings.TrustedProxies, Tls.HasHttp3(settings));
            Tls.Configure(kestrel, settings);
        });
        if (Tls.HasHttp3(settings))
        {
            builder.WebHost.UseQuic();
        }

        builder.Services.AddSingleton<Listeners>().AddSingleton<IConnectionListenerFactory>(p => p.GetRequiredService<Listeners>()).AddHostedService<Drain>().AddHostedService<QuietCollections>();
        return builder;
    }

    /// <summary>The API with what it needs of the host, but for grains, journal and personal keys, which the host gives beside it.</summary>
    /// <param name="writes">Whether this process is one that writes the journal.</param>
    /// <param name="errorPages">As <see cref="ApiOptions.ErrorPages"/>.</param>
    /// <param name="frontPage">As <see cref="ApiOptions.FrontPage"/>.</param>
    public static IServiceCollection AddApi(this IServiceCollection services, AgoraSettings settings, DataDirectory data, AccessKeys keys, bool writes, string? errorPages = null, string? frontPage = null)
    {
        services.AddSingleton(p => ActivatorUtilities.CreateInstance<Readiness>(p, new ReadinessOptions(writes))).AddSingleton<IJournalReader, JournalReader>().AddSingleton<IRecordedStates>(p => ActivatorUtilities.CreateInstance<RecordedStates>(p, new SnapshotCodes(data.MasterKey))).AddSingleton<IPersonalTexts, PersonalTexts>().AddSingleton<IPolicyReplay, PolicyReplay>().AddSingleton<ConversationLog>().AddSingleton<PersonalLog>().AddSingleton<MemoryLog>();
        foreach (var issuer in settings.Issuers)
        {
            services.AddSingleton(p => IssuerKeys.Of(settings, issuer, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<IssuerKeys>>()));
        }

        foreach (var issuer in settings.Issuers.Where(static issuer => issuer.SignIn is not null))
        {
            services.AddSingleton(p => IssuerSignIn.Of(settings, issuer, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<IssuerSignIn>>()));
        }

        services.AddSingleton(p => ModelProviders.Of(settings, p.GetRequiredService<TimeProvider>())).AddSingleton(p => ModelProviders.ModeratorsOf(settings, p.GetRequiredService<TimeProvider>()));
        services.AddProof(data.MasterKey, new(settings.Issuer, TimeSpan.FromSeconds(settings.CheckpointSeconds)));
        return services.AddAgoraApi(provider => new ApiOptions
        {
            TokenKey = data.TokenKey,
            OperatorKeys = keys.Operators,
            PlatformKeys = keys.Platforms,
            GptKeys = keys.Gpts,
            GptRatePerMinute = settings.GptRatePerMinute,
            Targets = settings.Targets,
            Issuers = settings.Issuers,
            ErrorPages = errorPages,
            FrontPage = frontPage,
            HasDashboard = settings.Cluster.Dashboard,
            Policy = new SessionPolicy(settings.RateLimitPerMinute, settings.DuplicateWindowSeconds, settings.AnomalyLimit, settings.AnomalyWindowMinutes, settings.FeeBasisPoints, settings.FloodFactor, settings.FloodMinutes),
            X402 = settings.X402?.Terms,
            Facilitator = settings.X402?.Facilitator,
            TrustedProxies = settings.TrustedProxies,
            PublicUrls = settings.PublicUrls,
            MetricsPort = settings.MetricsUrl?.Port,
            CorsOrigins = settings.CorsOrigins,
            EndpointRefusal = writes ? endpoint => OutboundRules.Refusal(settings, endpoint) : static _ => null,
            AgentEndpointRefusal = writes ? endpoint => OutboundRules.AgentRefusal(settings, endpoint) : static _ => null,
            CommandRefusal = writes ? (tenant, command) => OutboundRules.CommandRefusal(settings, tenant.Live, command) : static (_, _) => null,
            OutboundBesides = OutboundRules.Besides(settings),
            NotReady = provider.GetRequiredService<Readiness>().Check,
        });
    }

    /// <summary>Starts, and says what it is and where it listens.</summary>
    public static async Task StartAndAnnounce(this WebApplication app, AgoraSettings settings)
    {
        await app.StartAsync();
        Console.WriteLine($"{Name}, {settings.StoreName}, {(Directory.Exists(settings.DataDirectory) ? $"data directory {settings.DataDirectory}" : "no data directory")}");
        foreach (var url in app.Urls)
        {
            Console.WriteLine($"Agora is listening on {url}");
        }
    }

    /// <summary>Runs a process; whatever keeps it from starting is one line and exit code 2. What can be seen from its settings alone is checked before keys and journal are made.</summary>
    public static async Task<int> Run(AgoraSettings settings, Func<Task<int>> run)
    {
        try
        {
            ListenAddresses.CheckFree(settings);
            Tls.Check(settings);
            _ = settings.Postgres is null ? null : ClusterAccess.TlsOf(settings.Cluster);
            return await run();
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return CommandLine.Refuse($"{ListenAddresses.SettingIn(e.Message, settings)}: {e.Message}"); // another process took it since it was checked
        }
        catch (Exception e) when (IsAddressInUse(e))
        {
            return CommandLine.Refuse($"AGORA_SILO_PORT {settings.Cluster.SiloPort} or AGORA_GATEWAY_PORT {settings.Cluster.GatewayPort}: another process listens there.");
        }
    }

    /// <summary>The product with version and commit of this build.</summary>
    public static string Name => Release.Build;

    private static bool IsAddressInUse(Exception e) => e switch
    {
        AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => true,
        AggregateException many => many.InnerExceptions.Any(IsAddressInUse),
        _ => e.InnerException is { } inner && IsAddressInUse(inner),
    };
}
