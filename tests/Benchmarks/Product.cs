using Agora.Api.Hosts;
using Agora.Hosting;
using Agora.Journal;
using Agora.Outbound;
using Agora.Silo;
using Agora.Silo.Engine;
using Agora.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Benchmarks;

/// <summary>The product as the server builds it, on a store of its own and a loopback port. One service answers at once (<see cref="InstantService"/>), sessions may make as many requests as they like; where it is asked for, the journal counts.</summary>
internal sealed class Product : IAsyncDisposable
{
    public const string AdminKey = "admin-key-of-the-benchmarks-0123456789";
    public const string OtherKey = "admin-key-of-another-tenant-0123456789";
    public const string PlatformKey = "platform-key-of-the-benchmarks-0123456789";

    public static readonly IReadOnlyList<KeyValuePair<string, string?>> Raised =
    [
        new("AGORA_RATE_LIMIT_PER_MINUTE", "10000000"),
        new("AGORA_DUPLICATE_WINDOW_SECONDS", "0"), // every run has the same input
    ];

    private Product(WebApplication app) => App = app;

    /// <summary>What differs from the server's own settings.</summary>
    public static string Settings => string.Join(", ", Raised.Select(r => $"{r.Key}={r.Value}"));

    public WebApplication App { get; }

    public CountingJournal Journal => (CountingJournal)App.Services.GetRequiredService<IJournal>();

    public IServiceProvider Services => App.Services;

    public Uri Address => new(App.Urls.Single());

    /// <param name="directory">Of the data.</param>
    /// <param name="postgres">How to reach the store; null: SQLite, in the directory.</param>
    /// <param name="allowed">Addresses that services may have besides public ones.</param>
    /// <param name="counts">Whether what is written is counted, which costs a little.</param>
    /// <param name="replace">More parts that are others than the server's.</param>
    public static async Task<Product> Start(string directory, string? postgres = null, string allowed = "", bool counts = false, Action<IServiceCollection>? replace = null)
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("urls", "http://127.0.0.1:0"),
            new("data", directory),
            new("AGORA_ADMIN_KEY", AdminKey),
            new("AGENT_API_KEY", PlatformKey),
            new("AGORA_OPERATOR_KEYS", $"other/operator:{OtherKey}"),
            new("postgres", postgres),
            new("AGORA_SILO_PORT", $"{FreePort.Next()}"),
            new("AGORA_GATEWAY_PORT", $"{FreePort.Next()}"),
            new("AGORA_OUTBOUND_ALLOW", allowed),
            .. Raised,
        ]).Build());
        var data = new DataDirectory(settings);
        await GrainEngineRegistration.PrepareGrainEngine(settings);
        var counting = counts ? new CountingJournal(await Store.Open(settings, data)) : null;
        var app = Server.Build(settings, data, AccessKeys.Read(settings, data), services =>
        {
            services.AddSingleton<IOutbound>(_ => new InstantService(new HttpOutbound(AllowList.Parse(settings.OutboundAllow), TimeProvider.System)));
            if (counting is not null)
            {
                services.AddSingleton<IJournal>(_ => counting); // by a factory, so that the app disposes of it
            }

            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error).AddFilter("Agora", LogLevel.Error));
            replace?.Invoke(services);
        });
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>A place for the data, gone afterwards.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agora-bench-").FullName;

    /// <summary>Of all files in it.</summary>
    public long Bytes() => new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
