using System.Diagnostics;
using System.Globalization;
using Agora.Crash.Support;
using Agora.Samples.Facilitator;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// kill -9 under every kind of money, and the table of what came of it. After each kill, on the dead journal: verify-journal and check; on the server that came back: each deed that was acknowledged since the kill
/// before, sent again under its key. At the end: every account against the acknowledgements.
/// <para>AGORA_CRASH_KILLS kills (2; the long form of docs/correctness.md has 50), AGORA_CRASH_DEEDS acknowledgements between them (100).</para>
/// </summary>
public sealed class KillTableTests(ITestOutputHelper output)
{
    private static readonly int Kills = Setting("AGORA_CRASH_KILLS", 2);
    private static readonly int Deeds = Setting("AGORA_CRASH_DEEDS", 100);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Every_kind_of_money_is_there_once_after_each_kill_9_on_SQLite() => Prove("SQLite", []);

    [PostgresFact]
    public Task Every_kind_of_money_is_there_once_after_each_kill_9_on_PostgreSQL() => Prove("PostgreSQL", ["--postgres", PostgresServer.Shared.CreateDatabase("kill_table")]);

    private async Task Prove(string name, string[] store)
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        await using var facilitator = await FacilitatorApp.Start();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, $"{provider.Allowed},{facilitator.Address.Host}:{facilitator.Address.Port}", store, MoneyMarket.Settings(facilitator));
        await server.Start();
        using var money = new MoneyMarket(api, provider, facilitator);
        await money.Load();
        money.Begin();
        money.ServerUp();

        var (wrong, slowest, seen) = (new List<string>(), TimeSpan.Zero, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            var from = money.Acknowledged.Count;
            await Market.Eventually(() => Task.FromResult(money.Acknowledged.Count + (money.Unexpected.Count * Deeds)), count => count >= from + Deeds, Patience);
            money.ServerDown();
            await server.Kill();
            await ServerProcess.Verify(directory.Path, store);
            var began = Stopwatch.GetTimestamp();
            await server.Start();
            await Ready(api);
            var ready = Stopwatch.GetElapsedTime(began);
            slowest = ready > slowest ? ready : slowest;
            var since = money.Acknowledged.Skip(seen).ToList();
            seen += since.Count;
            wrong.AddRange((await Task.WhenAll(since.Select(MoneyMarket.Again))).OfType<string>());
            money.ServerUp();
        }

        await money.Finish();
        Assert.True(money.Unexpected.Count == 0, string.Join('\n', money.Unexpected.Take(10)));
        var finished = Stopwatch.GetTimestamp();
        await Market.Eventually(money.Held, held => held == 0, Bound);
        var settled = Stopwatch.GetElapsedTime(finished);
        var differences = await money.Differences();
        await server.Stop();
        await ServerProcess.Verify(directory.Path, store);

        var (lost, twice) = (wrong.Count(w => !w.StartsWith("twice", StringComparison.Ordinal)) + differences.Count(d => d.More < 0), wrong.Count(w => w.StartsWith("twice", StringComparison.Ordinal)) + differences.Count(d => d.More > 0));
        output.WriteLine($"| store | kills | acknowledged | {string.Join(" | ", money.Acknowledged.GroupBy(d => d.Kind).OrderBy(g => g.Key).Select(g => g.Key))} | lost | twice | nothing held after | slowest ready |");
        output.WriteLine($"| {name} | {Kills} | {money.Acknowledged.Count} | {string.Join(" | ", money.Acknowledged.GroupBy(d => d.Kind).OrderBy(g => g.Key).Select(g => g.Count()))} | {lost} | {twice} | {settled.TotalSeconds:F0} s | {slowest.TotalSeconds:F1} s |");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(10)));
        Assert.All(differences, difference => Assert.True(difference.More == 0, $"{difference.Kind}: {difference.More} cents more than was acknowledged"));
        Assert.Equal(6, money.Acknowledged.Select(deed => deed.Kind).Distinct().Count());
    }

    private static Task Ready(ApiClient api) => Market.Eventually(async () => (await api.Get("/readyz", ServerProcess.PlatformKey)).Status, status => status == 200, Patience);

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
