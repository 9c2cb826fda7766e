using System.Diagnostics;
using System.Globalization;
using System.Net;
using Agora.Crash.Support;
using Agora.ScriptedModels;
using Agora.Testing;
using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Orleans.Tests.Life.Support;

/// <summary>
/// Three silos, each a process of its own, on a PostgreSQL server of their own, and a provider outside. Scenarios share it: each finds all three
/// ready and leaves the money at rest. Whoever runs it is their supervisor too: a silo that ended is started again by <see cref="AllReady"/>.
/// </summary>
public class LifeCluster : IAsyncLifetime
{
    public const int Silos = 3;
    private const int Users = 24;
    private const int SlowestServiceMs = 400;
    private static readonly byte[] MasterKey = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly TimeSpan Patience = Hang.Timeout;
    private static readonly TimeSpan ReadinessPatience = TimeSpan.FromSeconds(2); // a silo that hangs is asked again
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
    private readonly ServerProcess?[] _running = new ServerProcess?[Silos];
    private readonly List<SteadyLoad> _loads = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-life-").FullName;
    private readonly Uri[] _addresses = new Uri[Silos];
    private readonly int[] _siloPorts = new int[Silos];
    private readonly int[] _gatewayPorts = new int[Silos];
    private SiloNetwork? _network;
    private string _database = "";

    /// <summary>Where the silos that are started from now on come from; null: they were built with the tests.</summary>
    internal string? Release { get; set; }

    internal PostgresServer Postgres { get; private set; } = null!;

    internal TextProvider Provider { get; private set; } = null!;

    /// <summary>Whose models speak in dialogues.</summary>
    internal ScriptedProvider Models { get; private set; } = null!;

    /// <summary>An operator's, which is told what happens.</summary>
    internal WebhookReceiver Receiver { get; private set; } = null!;

    internal Ledger Ledger { get; private set; } = null!;

    internal IReadOnlyList<Uri> Addresses => _addresses;

    /// <summary>Those whose agents are always at work.</summary>
    internal IReadOnlyList<OpenSession> Sessions { get; private set; } = [];

    /// <summary>Others, whose agents ask once and never come back.</summary>
    internal IReadOnlyList<OpenSession> Sleepers { get; private set; } = [];

    internal TimesTable Times { get; } = new();

    /// <summary>AGORA_CRASH_KEEP=1 keeps what the silos said last, to look at after a failure.</summary>
    private static bool Keep => Environment.GetEnvironmentVariable("AGORA_CRASH_KEEP") == "1";

    internal ApiClient Api(int silo) => new(_addresses[silo]);

    public virtual async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null) return;

        _network = SiloNetwork.Create(Silos);
        Postgres = PostgresServer.Start(settings: $"-c listen_addresses=127.0.0.1,{SiloNetwork.Host}");
        await File.AppendAllTextAsync(Path.Combine(Postgres.DataDirectory, "pg_hba.conf"), $"host all all {SiloNetwork.Subnet} trust\n");
        PostgresServer.Scalar<bool>(Postgres.ConnectionString("postgres"), "SELECT pg_reload_conf()");
        _database = new NpgsqlConnectionStringBuilder(Postgres.CreateDatabase("life")) { Host = SiloNetwork.Host }.ConnectionString;
        Provider = await TextProvider.Start(IPAddress.Parse(SiloNetwork.Host), SlowestServiceMs);
        Models = await ScriptedProvider.Start(new Script { Reply = Reply.OfTokens(12, seed: 3) }, address: IPAddress.Parse(SiloNetwork.Host));
        Receiver = new(FreePort.Next(), SiloNetwork.Host);
        for (var silo = 0; silo < Silos; silo++)
        {
            _addresses[silo] = new($"http://{SiloNetwork.Address(silo)}:{FreePort.Next()}");
            (_siloPorts[silo], _gatewayPorts[silo]) = (FreePort.Next(), FreePort.Next());
        }

        await Start(0); // It brings the database up to date.
        await AllReady();
        await (Release is null ? OpenLedger() : Task.CompletedTask); // what another release has left behind is read when this one has brought it up to date
        using var api = Api(0);
        await Market.Load(api, Provider);
        var sessions = await Market.Open(api, 2 * Users, sessionsOfEach: 1);
        (Sessions, Sleepers) = ([.. sessions.Take(Users)], [.. sessions.Skip(Users)]);
    }

    public async Task DisposeAsync()
    {
        foreach (var load in _loads)
        {
            await load.DisposeAsync();
        }

        for (var silo = 0; silo < Silos; silo++)
        {
            if (Keep)
            {
                await File.WriteAllTextAsync(Path.Combine(_directory, $"silo-{Market.Of(silo)}.log"), _running[silo]?.Output);
            }

            await (_running[silo]?.DisposeAsync() ?? default);
        }

        await (Ledger?.DisposeAsync() ?? default);
        await (Provider?.DisposeAsync() ?? default);
        await (Models?.DisposeAsync() ?? default);
        await (Receiver?.DisposeAsync() ?? default);
        Postgres?.Dispose();
        _network?.Dispose();
        _http.Dispose();
        if (!Keep)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    internal async Task OpenLedger() => Ledger = await Ledger.Open(_database, MasterKey);

    /// <summary>Agents begin, and those of a scenario that failed end. The load is steady when each has had its first reply.</summary>
    internal Task<SteadyLoad> Load() => Load(_addresses);

    /// <summary>The same by way of front ends.</summary>
    /// <param name="patience">How long an agent waits for an answer; null: not long, for it has other silos to ask.</param>
    internal async Task<SteadyLoad> Load(IEnumerable<Uri> addresses, TimeSpan? patience = null)
    {
        foreach (var left in _loads.Where(static load => !load.IsOver))
        {
            await left.End();
            Ledger.TakeAsAcknowledged(left);
        }

        var load = new SteadyLoad(addresses, Sessions, patience);
        _loads.Add(load);
        await load.EverySessionAnswers(Stopwatch.GetTimestamp());
        return load;
    }

    internal async Task Start(int silo) => _running[silo] = await ServerProcess.Start(_directory, _addresses[silo], Allowed, surroundings: Surroundings(silo));

    /// <summary>A front end, which is not in the place of any silo. Whoever asked for it ends it.</summary>
    internal async Task<ServerProcess> StartFrontEnd()
    {
        var frontEnd = await ServerProcess.Start(_directory, ServerProcess.FreeAddress(), Allowed, surroundings: new(Settings()) { Program = "FrontEnd" });
        await Market.Eventually(() => Readiness(frontEnd.Address), status => status == HttpStatusCode.OK, Patience);
        return frontEnd;
    }

    /// <summary>kill -9.</summary>
    internal async Task Kill(int silo)
    {
        await _running[silo]!.DisposeAsync();
        _running[silo] = null;
    }

    /// <summary>SIGTERM, and the end that it leads to.</summary>
    /// <returns>What it printed.</returns>
    internal async Task<string> Stop(int silo)
    {
        var stopping = _running[silo]!;
        _running[silo]!.Terminate();
        var exitCode = await _running[silo]!.Ended();
        Assert.True(exitCode == 0, $"{exitCode}: {_running[silo]!.Output}");
        _running[silo] = null;
        return stopping.Output;
    }

    /// <summary>What those that run have printed so far.</summary>
    internal IEnumerable<string> Outputs => _running.OfType<ServerProcess>().Select(static silo => silo.Output);

    internal void Pause(int silo) => _running[silo]!.Pause();

    internal void Continue(int silo) => _running[silo]!.Continue();

    /// <summary>Waits until it has ended by itself.</summary>
    internal async Task<(int ExitCode, string Output)> Ended(int silo)
    {
        var ended = _running[silo]!;
        _running[silo] = null;
        return (await ended.Ended(), ended.Output);
    }

    /// <summary>Fails if a silo has ended by itself: with its exit code, and what it printed.</summary>
    internal async Task AllRun()
    {
        for (var silo = 0; silo < Silos; silo++)
        {
            if (_running[silo] is { HasEnded: true } ended)
            {
                Assert.Fail($"Silo {Market.Of(silo + 1)} has ended by itself with {Market.Of(await ended.Ended())}: {ended.Output}");
            }
        }
    }

    /// <summary>Starts what does not run, wakes what a scenario that failed left paused, and waits until all are ready.</summary>
    internal async Task AllReady()
    {
        foreach (var silo in _running.Where(silo => silo is { HasEnded: false }))
        {
            silo!.Continue();
        }

        await Task.WhenAll(Enumerable.Range(0, Silos).Where(silo => _running[silo] is not { HasEnded: false }).Select(Start));
        for (var silo = 0; silo < Silos; silo++)
        {
            await Ready(silo);
        }
    }

    /// <summary>The silo whose sessions call the provider most: the one to lose.</summary>
    internal async Task<int> Busiest(SteadyLoad load)
    {
        var before = await Calls();
        await load.EverySessionAnswers(Stopwatch.GetTimestamp());
        var calls = (await Calls()).Zip(before, (now, then) => now - then).ToList();
        return calls.IndexOf(calls.Max());
    }

    /// <summary>
    /// Calls to the provider are held up until each session given has one under way, and the request of each such run is a row: a run whose request still rides (ADR 0083) is lost with its silo, and
    /// nothing is voided. What is returned lets the calls go.
    /// </summary>
    internal async Task<TaskCompletionSource> AllInTheMiddle(int runs)
    {
        var before = Provider.Calls.Count;
        var gate = Provider.Hold();
        await Market.Eventually(() => Task.FromResult(Provider.Calls.Count - before), calls => calls >= runs, Patience);
        var begun = Provider.Calls.Skip(before).Select(static call => Guid.Parse(call.Key)).ToHashSet();
        await Market.Eventually(() => Task.FromResult(Ledger.Unrecorded(begun)), static unrecorded => unrecorded == 0, Patience);
        return gate;
    }

    internal Task Ready(int silo) => Market.Eventually(() => Readiness(_addresses[silo]), status => status == HttpStatusCode.OK, Patience);

    internal async Task VerifiesByProgram()
    {
        var (exitCode, said) = await ServerProcess.Run(Surroundings(0), "verify-journal", "--data", _directory);
        Assert.True(exitCode == 0, said);
        Assert.Contains(" 0 broken", said, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<double>> Calls() => await Task.WhenAll(_addresses.Select(async address =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/metrics"));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {ServerProcess.AdminKey}");
        using var reply = await _http.SendAsync(request);
        var lines = (await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).Split('\n');
        return lines.Where(line => line.StartsWith("agora_runs_total{", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }));

    private async Task<HttpStatusCode?> Readiness(Uri address)
    {
        try
        {
            using var patience = new CancellationTokenSource(ReadinessPatience);
            using var reply = await _http.GetAsync(new Uri(address, "/readyz"), patience.Token);
            return reply.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private Surroundings Surroundings(int silo) => new(
        new Dictionary<string, string>(Settings())
        {
            ["AGORA_ADVERTISED_ADDRESS"] = SiloNetwork.Address(silo),
            ["AGORA_SILO_PORT"] = Market.Of(_siloPorts[silo]),
            ["AGORA_GATEWAY_PORT"] = Market.Of(_gatewayPorts[silo]),
        },
        SiloNetwork.Command(silo)) { Release = Release };

    private string Allowed => $"{Provider.Allowed},{Receiver.Allowed},{Models.Url.Authority}";

    private Dictionary<string, string> Settings() => new()
    {
        ["AGORA_POSTGRES"] = _database,
        ["AGORA_MASTER_KEY"] = Convert.ToBase64String(MasterKey),
        ["AGORA_TOKEN_KEY"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)2, 32)]),
        ["AGORA_DASHBOARD"] = "false",
        ["AGORA_MODEL_PROVIDERS"] = $$"""[{"name":"scripted","wire":"openai","url":"{{Models.Url}}v1","keys":["{{Script.UsualKey}}"]}]""",
    };
}

/// <summary>Three silos of another release, to be replaced by those of this one.</summary>
public sealed class OlderCluster : LifeCluster
{
    public override async Task InitializeAsync()
    {
        if (OtherReleaseFactAttribute.Folder is { } folder)
        {
            Release = folder;
            await base.InitializeAsync();
        }
    }
}

/// <summary>What was measured, one row a scenario; each test prints what there is so far.</summary>
internal sealed class TimesTable
{
    private readonly List<string> _rows = [];

    public void Add(string what, string measured) => _rows.Add($"| {what,-70} | {measured,8} |");

    public override string ToString() => string.Join('\n', _rows);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LifeCollection : ICollectionFixture<LifeCluster>
{
    public const string Name = "Life and death";
}
