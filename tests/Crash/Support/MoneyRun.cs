using System.Diagnostics;
using System.Globalization;
using Agora.Samples.Facilitator;

namespace Agora.Crash.Support;

/// <summary>
/// A server on one store, under every kind of money, and faults in between. After a fault each deed that was acknowledged since the one before is sent again under its key; at the end every account is held against
/// the acknowledgements, and the journal is verified and checked.
/// </summary>
internal sealed class MoneyRun : IAsyncDisposable
{
    /// <summary>What the design promises after faults stop.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly TextProvider _provider;
    private readonly FacilitatorApp _facilitator;
    private readonly ApiClient _api;
    private readonly MoneyMarket _money;
    private readonly string[] _store;
    private readonly List<string> _wrong = [];
    private readonly List<TimeSpan> _readyAfter = [];
    private int _asked;

    private MoneyRun(string[] store, TextProvider provider, FacilitatorApp facilitator, string? directory, MovedClock? clock, string? release)
    {
        (_store, _provider, _facilitator) = (store, provider, facilitator);
        Directory = new(directory);
        var address = ServerProcess.FreeAddress();
        _api = new(address);
        var settings = MoneyMarket.Settings(facilitator).Concat(clock?.Settings ?? new Dictionary<string, string>());
        Server = new(Directory, address, $"{provider.Allowed},{facilitator.Address.Host}:{facilitator.Address.Port}", store, new(settings.ToDictionary()) { Release = release });
        _money = new(_api, provider, facilitator);
    }

    public DataDirectory Directory { get; }

    public RestartedServer Server { get; }

    /// <param name="store">Arguments that name it; none: SQLite in the directory.</param>
    /// <param name="directory">Below which the data are; null: wherever temporary files are.</param>
    /// <param name="clock">The server's; null: everybody's.</param>
    /// <param name="release">As <see cref="Surroundings.Release"/>.</param>
    public static async Task<MoneyRun> Start(string[] store, string? directory = null, MovedClock? clock = null, string? release = null)
    {
        var run = new MoneyRun(store, await TextProvider.Start(), await FacilitatorApp.Start(), directory, clock, release);
        await run.Server.Start();
        await run._money.Load();
        run._money.Begin();
        run._money.ServerUp();
        return run;
    }

    /// <summary>Ends when so many more deeds were acknowledged.</summary>
    public async Task Acknowledged(int more)
    {
        var from = _money.Acknowledged.Count;
        await Market.Eventually(() => Task.FromResult(_money.Acknowledged.Count), count => count >= from + more, Patience);
    }

    /// <summary>kill -9 in the midst of it; the dead journal is verified and checked, and the server comes back.</summary>
    /// <param name="meanwhile">What happens to the dead journal.</param>
    public async Task Kill(Action? meanwhile = null)
    {
        _money.ServerDown();
        await Server.Kill();
        meanwhile?.Invoke();
        await Verify();
        await Back();
    }

    /// <summary>SIGTERM in the midst of it.</summary>
    public async Task Terminate()
    {
        await Server.Stop();
        _money.ServerDown();
        await Verify();
        await Back();
    }

    /// <summary>Stops the server in order and starts another release on its data. What was acknowledged is requested again.</summary>
    /// <param name="release">As <see cref="Surroundings.Release"/>.</param>
    public async Task Replace(string? release)
    {
        await Server.Stop();
        _money.ServerDown();
        Server.Release = release;
        await Back();
    }

    /// <summary>The server ends itself and is started again, as whoever runs it does then, and nothing is asked again.</summary>
    /// <param name="why">What it says.</param>
    public async Task Renewed(string why)
    {
        var exitCode = await Server.Ended();
        _money.ServerDown();
        Assert.True(exitCode == 3, $"{exitCode}: {Server.Output}");
        Assert.Contains(why, Server.Output, StringComparison.Ordinal);
        await Verify();
        await Server.Start();
        await Ready();
        _money.ServerUp();
    }

    /// <summary>After a fault that the server outlived: what was acknowledged before it and during it is asked again.</summary>
    public async Task Asked()
    {
        await Ready();
        var since = _money.Acknowledged.Skip(_asked).ToList();
        _asked += since.Count;
        foreach (var some in since.Chunk(16)) _wrong.AddRange((await Task.WhenAll(some.Select(MoneyMarket.Again))).OfType<string>());
    }

    /// <summary>Clients end what they began; nothing is held, the accounts are as acknowledged, the journal is clean.</summary>
    /// <returns>The table's row.</returns>
    public async Task<string> Finish(string name, int faults)
    {
        await Market.Eventually(() => Task.FromResult(_money.Acknowledged.Select(deed => deed.Kind).Distinct().Count()), static kinds => kinds == MoneyMarket.Kinds, Patience); // the slowest kind may not be acknowledged yet
        await Settle();
        var until = DateTime.UtcNow + Bound;
        var differences = await Market.Eventually(_money.Differences, found => found.All(difference => difference.More == 0) || DateTime.UtcNow > until, 2 * Bound); // what services earned arrives a moment later
        await Server.Stop();
        await Verify();
        var (lost, twice) = (_wrong.Count(w => !IsTwice(w)) + differences.Count(d => d.More < 0), _wrong.Count(IsTwice) + differences.Count(d => d.More > 0));
        var kinds = _money.Acknowledged.GroupBy(deed => deed.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Key} {Market.Of(kind.Count())}");
        var ready = _readyAfter.Count == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{_readyAfter.Order().ElementAt(_readyAfter.Count / 2).TotalSeconds:F1} s, {_readyAfter.Max().TotalSeconds:F1} s");
        var row = $"| {name} | {Market.Of(faults)} | {Market.Of(_money.Acknowledged.Count)}: {string.Join(", ", kinds)} | {Market.Of(lost)} | {Market.Of(twice)} | {ready} |";
        Assert.True(_wrong.Count == 0, $"{row}\n{string.Join('\n', _wrong.Take(10))}");
        Assert.All(differences, difference => Assert.True(difference.More == 0, $"{row}\n{difference.Kind}: {difference.More} cents more than was acknowledged"));
        return row;
    }

    /// <summary>Clients end what they began, and two minutes later at the latest nothing is held and nothing on its way.</summary>
    /// <param name="expected">Every reply is one that a client should get; false: what it had been told may be gone.</param>
    public async Task Settle(bool expected = true)
    {
        await _money.Finish();
        Assert.True(!expected || _money.Unexpected.Count == 0, string.Join('\n', _money.Unexpected.Take(10)));
        await Market.Eventually(_money.Held, held => held == 0, Bound);
    }

    /// <summary>Where what was acknowledged may be gone: how many of the deeds are no more, without doing them again.</summary>
    public async Task<(int Acknowledged, int Gone)> Gone()
    {
        var runs = _money.Acknowledged.Where(deed => deed.Kind == MoneyMarket.Runs).ToList();
        var gone = 0;
        foreach (var run in runs)
        {
            var status = (await _api.Get($"/agent/runs/{run.Acknowledged!.Data.GetProperty("run_id").GetString()}", run.Token)).Status;
            Assert.True(status is 200 or 404, $"{run.Key}: {status}");
            gone += status == 404 ? 1 : 0;
        }

        return (runs.Count, gone);
    }

    public Task Verify() => ServerProcess.Verify(Directory.Path, _store);

    public async ValueTask DisposeAsync()
    {
        _money.Dispose();
        await Server.DisposeAsync();
        _api.Dispose();
        await _facilitator.DisposeAsync();
        await _provider.DisposeAsync();
        Directory.Dispose();
    }

    private async Task Back()
    {
        var began = Stopwatch.GetTimestamp();
        await Server.Start();
        await Ready();
        _readyAfter.Add(Stopwatch.GetElapsedTime(began));
        await Asked();
        _money.ServerUp();
    }

    private Task Ready() => Market.Eventually(async () => (await _api.Get("/readyz", ServerProcess.PlatformKey)).Status, status => status == 200, Patience);

    private static bool IsTwice(string wrong) => wrong.StartsWith("twice", StringComparison.Ordinal);
}
