using Agora.Api.Hosts;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Sqlite;
using Agora.Outbound;
using Agora.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Benchmarks;

/// <summary>The product as the server builds it, on a SQLite file of its own and a loopback port; two parts are replaced: services outside answer at once, and the journal counts.</summary>
internal sealed class Product : IAsyncDisposable
{
    public const string AdminKey = "admin-key-of-the-benchmarks";
    public const string PlatformKey = "platform-key-of-the-benchmarks";
    private readonly WebApplication _app;

    private Product(WebApplication app) => _app = app;

    public CountingJournal Journal => (CountingJournal)_app.Services.GetRequiredService<IJournal>();

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Product> Start(string directory)
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["data"] = directory,
            ["AGORA_ADMIN_KEY"] = AdminKey,
            ["AGENT_API_KEY"] = PlatformKey,
            ["AGORA_RATE_LIMIT_PER_MINUTE"] = "10000000",
            ["AGORA_DUPLICATE_WINDOW_SECONDS"] = "0",
        }).Build());
        var data = new DataDirectory(settings);
        var app = Server.Build(settings, data, AccessKeys.Read(settings, data), services =>
        {
            services.AddSingleton<IOutbound, InstantService>();
            services.AddSingleton<IJournal>(_ => new CountingJournal(SqliteJournal.Open(new() { Path = data.Database })));
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error).AddFilter("Agora", LogLevel.Error));
        });
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A place for the data, gone afterwards.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agora-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
