using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Agora.Crash.Support;
using Agora.Testing;
using Npgsql;

namespace Agora.Orleans.Tests.Cluster;

/// <summary><c>./run --cluster</c>, which is <c>deploy/cluster</c> with a PostgreSQL of its own, from what these tests built.</summary>
public sealed partial class RunClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-run-cluster-").FullName;
    private readonly Uri _address = ServerProcess.FreeAddress();
    private readonly List<StartedProgram> _started = [];
    private readonly List<(string Name, int Id)> _processes = [];
    private TextProvider _provider = null!;

    private string List => Path.Combine(_directory, "cluster", "processes");

    public async Task InitializeAsync() => _provider = await TextProvider.Start();

    public async Task DisposeAsync()
    {
        foreach (var run in _started) await run.DisposeAsync();
        foreach (var (_, id) in Listed().Where(static process => Lives(process.Id))) await Signal("KILL", id);
        await _provider.DisposeAsync();
        if (new DirectoryInfo(Path.Combine(_directory, "cluster", "postgres")).LinkTarget is { } elsewhere && Directory.Exists(elsewhere))
        {
            Directory.Delete(elsewhere, recursive: true); // as root it is below the home of the user postgres
        }

        Directory.Delete(_directory, recursive: true);
    }

    [PostgresFact]
    public async Task Three_silos_and_a_front_end_lose_nothing_when_one_is_killed_and_leave_no_process()
    {
        var run = await Serves(3);
        Assert.Equal(["front-end", "postgres", "silo-1", "silo-2", "silo-3"], _processes.Select(static process => process.Name).Order(StringComparer.Ordinal));
        using var api = new ApiClient(_address);
        await Market.Load(api, _provider);
        var sessions = await Market.Open(api, users: 12, sessionsOfEach: 1);
        var acknowledged = new List<string>();
        foreach (var session in sessions) acknowledged.Add(RunId(await Paid(api, session, "before")));

        var killed = _processes.Single(static process => process.Name == "silo-3").Id;
        await Signal("KILL", killed);
        await Says(run, $"silo-3: process {killed} was ended by SIGKILL");

        foreach (var (session, runId) in sessions.Zip(acknowledged))
        {
            var repeated = await Paid(api, session, "before");
            Assert.Equal((runId, true), (RunId(repeated), repeated.Replayed));
            await Paid(api, session, "after");
            var standing = await Market.Heard(() => api.Get("/agent/flow/status", session.Token), static reply => reply.Status == 200, Pause);
            Assert.Equal(2 * Market.PriceCents, standing.Data.GetProperty("budget").GetProperty("spent_cents").GetDecimal());
        }

        await Ends(run);
    }

    [PostgresFact]
    public async Task What_a_killed_start_left_is_ended_by_the_next_one_which_goes_on_with_its_data()
    {
        var run = await Serves(1);
        using var api = new ApiClient(_address);
        await Market.Load(api, _provider);
        var session = (await Market.Open(api, users: 1, sessionsOfEach: 1)).Single();
        var runId = RunId(await Paid(api, session, "before"));

        var second = Start("1");
        Assert.Equal(2, await second.Ended.WaitAsync(Patience));
        Assert.StartsWith($"A cluster runs in {_directory}/cluster already, as process {run.Id}.", Assert.Single(second.Output.Split('\n')), StringComparison.Ordinal);

        await run.DisposeAsync(); // SIGKILL
        var left = _processes.ToList();
        Assert.All(left, static process => Assert.True(Lives(process.Id), process.Name));
        var next = await Serves(1);
        Assert.All(left, process => Assert.Contains($"{process.Name}: process {process.Id}, which an earlier start left, is ended", next.Output, StringComparison.Ordinal));
        var repeated = await Paid(api, session, "before");
        Assert.Equal((runId, true), (RunId(repeated), repeated.Replayed));

        await Ends(next);
    }

    /// <summary>Its port is free while it is down, and silos go on connecting there.</summary>
    [PostgresFact]
    public async Task Someone_else_on_the_port_of_PostgreSQL_is_not_told_the_password()
    {
        await Ends(await Serves(1));
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var heard = Heard(stranger);
        var given = new NpgsqlConnectionStringBuilder(await File.ReadAllTextAsync(Path.Combine(_directory, "cluster", "postgres.connection"))) { Port = ((IPEndPoint)stranger.LocalEndpoint).Port };

        await using var connection = new NpgsqlConnection(given.ConnectionString);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync());

        Assert.DoesNotContain(given.Password!, await heard.WaitAsync(Patience), StringComparison.Ordinal);
    }

    /// <summary>What a client says to a server that has no TLS and asks for the password itself (AuthenticationCleartextPassword).</summary>
    private static async Task<string> Heard(TcpListener server)
    {
        using var client = await server.AcceptTcpClientAsync();
        var (stream, bytes) = (client.GetStream(), new byte[4_096]);
        const int AsksForTls = 8;
        if (await stream.ReadAsync(bytes) == AsksForTls)
        {
            await stream.WriteAsync("N"u8.ToArray());
            _ = await stream.ReadAsync(bytes);
        }

        await stream.WriteAsync((byte[])[(byte)'R', 0, 0, 0, 8, 0, 0, 0, 3]);
        return Encoding.ASCII.GetString(bytes, 0, await stream.ReadAsync(bytes));
    }

    [Theory]
    [InlineData("--cluster must be a number of silos from 1 to 9; '0' is none.", "0")]
    [InlineData("--cluster must be a number of silos from 1 to 9; '10' is none.", "10")]
    [InlineData("--cluster must be a number of silos from 1 to 9; 'three' is none.", "three")]
    [InlineData("'--dmeo' is not known with --cluster; see ./run --help.", "3", "--dmeo")]
    [InlineData("'--postgres' is not known with --cluster; see ./run --help.", "3", "--postgres=Password=S3CRET")]
    [InlineData("--data needs a value.", "3", "--data")]
    [InlineData("--urls / AGORA_URLS must be an address such as http://127.0.0.1:8080 with --cluster, no socket.", "3", "--urls", "http://unix:/tmp/agora.sock")]
    [InlineData("--once goes with --demo.", "3", "--once")]
    public async Task What_it_does_not_take_is_one_line_and_nothing_is_made(string line, params string[] arguments) => await Refuses(line, arguments);

    [PostgresFact]
    public async Task A_port_that_is_taken_is_one_line_and_nothing_is_made()
    {
        using var other = new TcpListener(IPAddress.Loopback, _address.Port);
        other.Start();

        await Refuses($"--urls / AGORA_URLS: http://127.0.0.1:{_address.Port}: Address already in use.", "3");
    }

    private static string RunId(Received reply) => reply.Data.GetProperty("run_id").GetString()!;

    /// <summary>The run under its key, sent again for as long as the answer is that it is not decided. A run that failed with the silo costs nothing; the next one has another key.</summary>
    private static async Task<Received> Paid(ApiClient api, OpenSession session, string text)
    {
        for (var (waited, attempt) = (Stopwatch.StartNew(), 1); ; attempt++)
        {
            var reply = await Market.Heard(() => api.Post(Market.RunRoute, session.Token, Market.Input(text), $"{text}-{session.Id}-{attempt}"), IsDecided, Pause);
            if (reply.Status == 200) return reply;

            Assert.True(waited.Elapsed < Patience, $"Nothing but {reply}");
        }

        static bool IsDecided(Received reply) => reply.Status == 200 || reply.Json.GetProperty("error").GetProperty("retry").GetString() != "same_key";
    }

    /// <summary>Whether it runs. Who waits for one that ended, if anybody does, is not this test's matter.</summary>
    private static bool Lives(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task Signal(string name, int id)
    {
        using var kill = Process.Start("kill", [$"-{name}", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the line; one that ended will never say it.</summary>
    private static async Task Says(StartedProgram run, string start)
    {
        var said = run.Says(start);
        await Task.WhenAny(said, run.Ended).WaitAsync(Patience);
        Assert.True(said.IsCompleted, run.Output);
    }

    private async Task Refuses(string line, params string[] arguments)
    {
        var refused = Start(arguments);
        Assert.Equal(2, await refused.Ended.WaitAsync(Patience));
        Assert.Equal(line, refused.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    private async Task<StartedProgram> Serves(int silos)
    {
        var run = Start($"{silos}");
        foreach (var name in (string[])["postgres", .. Enumerable.Range(1, silos).Select(static n => $"silo-{n}"), "front-end"]) await Says(run, $"{name}: process ");
        await Says(run, "Ctrl+C ends all");
        _processes.AddRange(Serving().Matches(run.Output).Select(static process => (process.Groups[1].Value, int.Parse(process.Groups[2].ValueSpan, CultureInfo.InvariantCulture))));
        return run;
    }

    private async Task Ends(StartedProgram run)
    {
        await Signal("TERM", run.Id);
        Assert.Equal(0, await run.Ended.WaitAsync(Patience));
        Assert.All(_processes, process => Assert.False(Lives(process.Id), $"{process.Name} runs on:\n{run.Output}"));
        Assert.False(File.Exists(List));
    }

    private IEnumerable<(string Name, int Id)> Listed() => !File.Exists(List) ? []
        : File.ReadLines(List).Select(static line => line.Split(' ')).Where(static parts => parts.Length > 1).Select(static parts => (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture)));

    /// <summary>By the programs that are built: they count as newer than all that they are built from.</summary>
    private StartedProgram Start(params string[] arguments)
    {
        foreach (var program in (string[])["Silo", "FrontEnd"])
        {
            var built = Repository.File($"artifacts/bin/{program}/release/Agora.{program}.dll");
            if (File.Exists(built))
            {
                File.SetLastWriteTimeUtc(built, DateTime.UtcNow);
            }
        }

        string[] own = ["--urls", _address.ToString().TrimEnd('/'), "--data", _directory, "--cluster"];
        var start = new ProcessStartInfo(Repository.File("run"), [.. own, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory };
        foreach (var ours in start.Environment.Keys.Where(static name => name.StartsWith("AGORA_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(ours);
        start.Environment["AGORA_ADMIN_KEY"] = ServerProcess.AdminKey;
        start.Environment["AGENT_API_KEY"] = ServerProcess.PlatformKey;
        start.Environment["AGORA_OUTBOUND_ALLOW"] = _provider.Allowed;
        start.Environment["AGORA_RATE_LIMIT_PER_MINUTE"] = "1000000";
        _started.Add(new(start, _address));
        return _started[^1];
    }

    [GeneratedRegex(@"^(\S+): process (\d+), (?=http|127)", RegexOptions.Multiline)]
    private static partial Regex Serving();
}
