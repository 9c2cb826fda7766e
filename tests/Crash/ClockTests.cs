using System.Collections.Concurrent;
using Agora.Crash.Support;
using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>The clock of a tenant for tests on the real program, through kill -9: an advance and a reset are whole or not there, and what they lead to goes on.</summary>
public sealed class ClockTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Users = 40;
    private const int Slow = 8;
    private const int Senders = 3;
    private const int Count = 24;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Delay = 7 * Day;
    private readonly DataDirectory _directory = new();
    private ApiClient _api = null!;
    private RestartedServer _server = null!;
    private PlayTenant _tests = null!;

    public async Task InitializeAsync()
    {
        var address = ServerProcess.FreeAddress();
        _api = new(address);
        _tests = new(_api);
        _server = new(_directory, address, "", surroundings: PlayTenant.Keys);
        await _server.Start();
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [LongFact]
    public async Task Kill_9_while_runs_are_under_way_and_an_advance_rings_what_is_due_leaves_the_advance_and_no_hold_ends_sessions_and_pays_each_reward_once()
    {
        await _tests.Load();
        var sessions = new List<OpenSession>();
        for (var user = 0; user < Users; user++)
        {
            sessions.Add(await _tests.Open($"user-{user}"));
        }

        await _tests.Runs(sessions[0]);
        var runs = sessions.Take(Slow).Select(session => _tests.Run(session, PlayTenant.Slow)).ToList();
        await Market.Eventually(_tests.Held, held => held == Slow * PlayTenant.PriceCents + Users * PlayTenant.RewardCents, Bound);
        var advance = _tests.Advance(Delay + Day, "once");
        IsWritten(Delay + Day);
        await _server.Kill();
        var (rewarded, left) = Left(Delay + Day);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => advance);
        Assert.InRange(left, 1, long.MaxValue);
        Assert.Equal(0, rewarded);
        await Task.WhenAll(runs.Select(run => Assert.ThrowsAnyAsync<HttpRequestException>(() => run)));
        await _server.Start();

        Assert.Equal((1, Delay + Day), await _tests.Clock());
        await Market.Eventually(_tests.Rewarded, cents => cents == Users * PlayTenant.RewardCents, Bound);
        await Market.Eventually(_tests.Held, held => held == 0, Bound);
        Assert.All(await Task.WhenAll(sessions.Select(_tests.Status)), reply => Assert.Equal("session_expired", reply.Expect(401).Code));
        Assert.Equal("session_expired", (await _tests.Run(sessions[0])).Code);
        var again = (await _tests.Advance(Delay + Day, "once")).Expect(200);
        Assert.Equal((true, (1, Delay + Day)), (again.Replayed, PlayTenant.Of(again.Data)));
        Assert.Equal(PlayTenant.PriceCents, (await _tests.Get("/admin/wallets/text-provider")).GetProperty("balance_cents").GetDecimal()); // of the one run that was answered
        Assert.Equal((1, Delay + Day), await _tests.Clock());
        Assert.Equal(0, (await _tests.Get("/admin/ledger/trial-balance")).GetProperty("sum_cents").GetDecimal());
        Assert.Equal(Users * PlayTenant.RewardCents, await _tests.Rewarded());
        output.WriteLine($"{left} alarms had yet to ring at the kill, and {rewarded} cents of {Users * PlayTenant.RewardCents} were rewarded");
        await _server.Stop();
        await ServerProcess.Verify(_directory.Path);
    }

    [Fact]
    public async Task Kill_9_while_many_advance_and_reset_keeps_what_was_acknowledged_and_the_rest_is_whole_or_not_there()
    {
        await _tests.Load();
        var session = await _tests.Open("user-before");
        var advanced = await ThroughKill("advance", key => _tests.Advance(Day, key));
        Assert.InRange((await _tests.Clock()).Ahead, advanced.Values.Max(clock => clock.Ahead), Count * Day);
        Assert.Equal("session_expired", (await _tests.Status(session)).Expect(401).Code);
        Assert.Equal(Enumerable.Range(1, Count).Select(n => (1, n * Day)), (await Again(advanced, "advance", key => _tests.Advance(Day, key))).Order());
        Assert.Equal((1, Count * Day), await _tests.Clock());

        session = await _tests.Open("user-between");
        var reset = await ThroughKill("reset", _tests.Reset);
        Assert.InRange((await _tests.Clock()).Generation, reset.Values.Max(clock => clock.Generation), 1 + Count);
        Assert.Equal("test_reset", (await _tests.Status(session)).Expect(401).Code);
        Assert.Equal(Enumerable.Range(2, Count).Select(n => (n, TimeSpan.Zero)), (await Again(reset, "reset", _tests.Reset)).Order());
        Assert.Equal((1 + Count, TimeSpan.Zero), await _tests.Clock());
        Assert.Equal(0, (await _tests.Get("/admin/services")).GetProperty("total_count").GetInt32());
        await _tests.Load();
        await _tests.Runs(await _tests.Open("user-after"));
        Assert.Equal(0, await _tests.Rewarded());
        output.WriteLine($"{advanced.Count} advances and {reset.Count} resets of {Count} each were acknowledged before the kills");
    }

    /// <summary>Sent by a few at once, each under a key of its own, and the server is killed in the midst of it.</summary>
    /// <returns>What those that were answered said, by their keys.</returns>
    private async Task<IReadOnlyDictionary<string, (int Generation, TimeSpan Ahead)>> ThroughKill(string name, Func<string, Task<Received>> send)
    {
        var (answered, keys, midst) = (new ConcurrentDictionary<string, (int, TimeSpan)>(), new ConcurrentQueue<string>(Keys(name)), new TaskCompletionSource());
        var sending = Enumerable.Range(0, Senders).Select(_ => Send()).ToList();
        await midst.Task.WaitAsync(Bound);
        await _server.Kill();
        await Task.WhenAll(sending);
        await _server.Start();
        return answered;

        async Task Send()
        {
            try
            {
                while (keys.TryDequeue(out var key))
                {
                    answered[key] = PlayTenant.Of((await send(key)).Expect(200).Data);
                    if (answered.Count >= Count / 3)
                    {
                        midst.TrySetResult();
                    }
                }
            }
            catch (HttpRequestException)
            {
                // Nobody knows of this one.
            }
        }
    }

    /// <summary>The same once more: what was acknowledged is answered as it was then.</summary>
    private static async Task<IReadOnlyList<(int Generation, TimeSpan Ahead)>> Again(IReadOnlyDictionary<string, (int Generation, TimeSpan Ahead)> before, string name, Func<string, Task<Received>> send)
    {
        var all = new List<(int, TimeSpan)>();
        foreach (var key in Keys(name))
        {
            all.Add(PlayTenant.Of((await send(key)).Expect(200).Data));
            Assert.True(!before.TryGetValue(key, out var told) || told == all[^1], $"{key}: {told} and then {all[^1]}");
        }

        return all;
    }

    private static IEnumerable<string> Keys(string name) => Enumerable.Range(0, Count).Select(n => $"{name}-{n}");

    /// <summary>Looked for as often as can be: what is wanted is the moment after.</summary>
    private void IsWritten(TimeSpan ahead)
    {
        using var database = new Database(_directory.Database);
        var began = DateTime.UtcNow;
        while (database.Number("SELECT coalesce(max(offset_micros), 0) FROM test_clocks") != ahead.Ticks / 10)
        {
            Assert.True(DateTime.UtcNow - began < Bound, "The advance is not written.");
        }
    }

    /// <summary>How much was rewarded, and how many alarms that are due by then have yet to ring.</summary>
    private (decimal Rewarded, long Alarms) Left(TimeSpan ahead)
    {
        using var database = new Database(_directory.Database);
        var now = (DateTime.UtcNow + ahead - DateTime.UnixEpoch).Ticks / 10;
        return (
            database.Number("SELECT coalesce(sum(received_micros), 0) FROM funds WHERE fund_id = 'agent:agent-1'") / 10_000m,
            database.Number($"SELECT count(*) FROM due WHERE stream LIKE 'default_t1/%' AND at <= {now}"));
    }
}
