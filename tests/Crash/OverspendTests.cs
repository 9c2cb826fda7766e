using Agora.Crash.Support;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>A dollar is a dollar, on either store: see <see cref="Overspend"/>. On three silos it is a part of tests/Orleans.Tests/Life.</summary>
public sealed class OverspendTests(ITestOutputHelper output)
{
    private const int PriceCents = 5;

    [Fact]
    public async Task No_more_than_the_cap_is_spent_on_SQLite() => await Prove([]);

    [LongPostgresFact]
    public async Task No_more_than_the_cap_is_spent_on_PostgreSQL() => await Prove(["--postgres", PostgresServer.Shared.CreateDatabase("overspend")]);

    private async Task Prove(string[] store)
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start(mostDelayMs: 300);
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, provider.Allowed, store);
        await server.Start();
        await Market.Load(api, provider, PriceCents);

        output.WriteLine(await new Overspend([api], "user-1", PriceCents, Restart).Prove());
        await server.Stop();

        async Task Restart()
        {
            await server.Kill();
            await server.Start();
        }
    }
}
