using Agora.Crash.Support;
using Agora.Hosting;
using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using DataDirectory = Agora.Crash.Support.DataDirectory;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A process of a cluster whose clock is ten minutes off: twice as much as a caller's token lasts.</summary>
public sealed class SkewedClockTests
{
    private const int Minutes = 10;
    private static readonly TimeSpan Patience = Hang.Timeout;

    [PostgresTheory]
    [InlineData(Minutes, "600 s ahead of")]
    [InlineData(-Minutes, "600 s behind")]
    public async Task A_clock_that_is_far_from_the_databases_is_refused_in_one_line_that_says_by_how_much(int minutes, string line)
    {
        var database = RealCluster.CreateDatabase();
        await (await PostgresJournal.Open(new() { ConnectionString = database })).DisposeAsync();

        var refused = await Assert.ThrowsAsync<SettingException>(() => SharedClock.Check(database, new Skewed(TimeSpan.FromMinutes(minutes))));

        Assert.Equal($"This machine's clock is {line} the database's. Set both clocks, for example by NTP, and start again.", refused.Message);
        await SharedClock.Check(database, new Skewed(TimeSpan.FromSeconds(30 * Math.Sign(minutes))));
    }

    [SkewedTheory]
    [InlineData("Silo")]
    [InlineData("FrontEnd")]
    public async Task A_process_with_such_a_clock_does_not_join_and_the_cluster_serves_on(string program)
    {
        await using var cluster = await SkewedCluster.Start(silos: 1);
        using var clock = new MovedClock();
        clock.Ahead(TimeSpan.FromMinutes(-Minutes));

        var (exitCode, output) = await ServerProcess.Run(cluster.Settings(clock) with { Program = program }, "--data", cluster.Directory, "--urls", ServerProcess.FreeAddress().ToString().TrimEnd('/'));

        Assert.True(exitCode == 2, output);
        Assert.StartsWith("This machine's clock is 600 s behind the database's.", Assert.Single(output.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(1L, PostgresServer.Scalar<long>(cluster.Database, "SELECT count(*) FROM orleansmembershiptable"));
        Assert.Equal(200, (await cluster.Apis[0].Get("/readyz", ServerProcess.PlatformKey)).Status);
    }

    /// <summary>What one silo says to the other is then expired there. An agent must not read that as the end of its session.</summary>
    [SkewedFact]
    public async Task While_a_silos_clock_is_ahead_calls_to_it_are_503_never_401_and_nothing_is_lost_when_it_is_set_right()
    {
        await using var provider = await TextProvider.Start();
        await using var cluster = await SkewedCluster.Start(silos: 2, provider.Allowed);
        var (right, skewed) = (cluster.Apis[0], cluster.Apis[1]);
        await Market.Load(right, provider);
        var session = Assert.Single(await Market.Open(skewed, users: 1, sessionsOfEach: 1)); // it lives where it was first asked for
        Assert.Equal(200, (await right.Get("/agent/flow/status", session.Token)).Status);

        cluster.Clock.Ahead(TimeSpan.FromMinutes(Minutes));
        var meanwhile = new List<Received> { await right.Get("/agent/flow/status", session.Token), await Run() };
        Assert.All(meanwhile, reply => Assert.Equal("unavailable", reply.Expect(503).Code));
        Assert.Contains("clock", (await skewed.Get("/readyz", ServerProcess.PlatformKey)).Expect(503).Json.ToString(), StringComparison.Ordinal);

        cluster.Clock.Ahead(TimeSpan.Zero);
        await Market.Eventually(() => skewed.Get("/readyz", ServerProcess.PlatformKey), ready => ready.Status == 200, Patience);
        var paid = await Market.Heard(Run, reply => reply.Status == 200, TimeSpan.FromMilliseconds(200));
        var spent = (await right.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget").GetProperty("spent_cents").GetDecimal();
        Assert.Equal((Market.PriceCents, false), (spent, paid.Replayed));

        Task<Received> Run() => right.Post(Market.RunRoute, session.Token, Market.Input("skewed"), "skewed");
    }

    /// <summary>Silos on one database, the last of which has a clock that can be moved.</summary>
    private sealed class SkewedCluster : IAsyncDisposable
    {
        private readonly DataDirectory _directory = new();
        private readonly List<ServerProcess> _silos = [];

        public MovedClock Clock { get; } = new();

        public string Database { get; } = RealCluster.CreateDatabase();

        public string Directory => _directory.Path;

        public List<ApiClient> Apis { get; } = [];

        public static async Task<SkewedCluster> Start(int silos, string allowed = "")
        {
            var cluster = new SkewedCluster();
            for (var silo = 1; silo <= silos; silo++)
            {
                var address = ServerProcess.FreeAddress();
                cluster._silos.Add(await ServerProcess.Start(cluster.Directory, address, allowed, surroundings: cluster.Settings(silo > 1 ? cluster.Clock : null)));
                var api = new ApiClient(address);
                cluster.Apis.Add(api);
                await Market.Eventually(() => api.Get("/readyz", ServerProcess.PlatformKey), static ready => ready.Status == 200, Patience);
            }

            return cluster;
        }

        public Surroundings Settings(MovedClock? clock) => new(new Dictionary<string, string>(clock?.Settings ?? new Dictionary<string, string>())
        {
            ["AGORA_POSTGRES"] = Database,
            ["AGORA_MASTER_KEY"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]),
            ["AGORA_TOKEN_KEY"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)2, 32)]),
        });

        public async ValueTask DisposeAsync()
        {
            foreach (var silo in _silos) await silo.DisposeAsync();
            Apis.ForEach(static api => api.Dispose());
            Clock.Dispose();
            _directory.Dispose();
        }
    }

    private sealed class Skewed(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}

/// <summary>Skipped, with the reason, where no process's clock can be moved.</summary>
public sealed class SkewedFactAttribute : FactAttribute
{
    public SkewedFactAttribute() => Skip = PostgresServer.Missing ?? MovedClock.Missing;
}

/// <inheritdoc cref="SkewedFactAttribute"/>
public sealed class SkewedTheoryAttribute : TheoryAttribute
{
    public SkewedTheoryAttribute() => Skip = PostgresServer.Missing ?? MovedClock.Missing;
}
