using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>
/// The commands of "A cluster by hand" in docs/operations.md, as they stand there but for the build, the ports and the address of the database. A key of a tenant for tests is set besides: the
/// clock of such a tenant is a grain, which background work asks for.
/// </summary>
public sealed partial class DocumentedClusterTests : IAsyncLifetime
{
    private const string TestKey = "test_operators-key-of-the-tests-0123456789";
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-by-hand-").FullName;
    private readonly string _database;
    private readonly List<string> _lines;
    private readonly List<StartedProgram> _started = [];

    public DocumentedClusterTests()
    {
        foreach (var folder in (string[])["artifacts", "deploy"]) Directory.CreateSymbolicLink(Path.Combine(_directory, folder), Repository.File(folder));
        _database = PostgresServer.Missing is null ? RealCluster.CreateDatabase() : "";
        var block = Block().Match(Repository.Text("docs/operations.md")).Groups[1].Value;
        var ports = new Dictionary<string, string>(StringComparer.Ordinal);
        block = Port().Replace(block, port => ports.TryGetValue(port.Value, out var free) ? free : ports[port.Value] = $"{FreePort.Next()}");
        _lines = [.. Connection().Replace(block, $"export AGORA_POSTGRES='{_database}'").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Trim())];
    }

    [PostgresFact]
    public async Task It_serves_the_demo_after_a_silo_is_killed_and_after_the_front_end_started_before_any_silo()
    {
        Assert.StartsWith("for p in src/Silo src/FrontEnd samples/Demo; do dotnet build", _lines[0], StringComparison.Ordinal); // what is built here
        var silos = _lines.Where(static line => line.Contains("Agora.Silo.dll", StringComparison.Ordinal)).ToList();
        var frontEnd = Assert.Single(_lines, static line => line.Contains("Agora.FrontEnd.dll", StringComparison.Ordinal));
        var demo = Assert.Single(_lines, static line => line.Contains("--demo", StringComparison.Ordinal));
        Assert.Equal(2, silos.Count);
        Assert.Equal("deploy/make-secrets s", _lines[1]);
        Assert.Equal(0, await Start(_lines[1]).Ended.WaitAsync(Patience));

        var (one, two, served) = (Start(silos[0]), Start(silos[1]), Start(frontEnd));
        await StartedProgram.AreReady(Patience, one, two, served);
        Assert.Equal(HttpStatusCode.OK, await served.Status("/admin/users", TestKey));
        await Passes(demo);

        await one.DisposeAsync(); // SIGKILL
        await Members(1);
        await Passes(demo);

        await two.DisposeAsync();
        await served.DisposeAsync();
        var restarted = Start(frontEnd);
        await restarted.Answers("/healthz", HttpStatusCode.OK, Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await restarted.Status("/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await restarted.Status("/admin/users", TestKey));
        await StartedProgram.AreReady(Patience, Start(silos[0]), Start(silos[1]), restarted);
        Assert.Equal(HttpStatusCode.OK, await restarted.Status("/admin/users", TestKey));
        await Members(2);
        await Passes(demo);
        Assert.DoesNotContain("Background work", restarted.Output, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var program in _started) await program.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The sample agent repeats nothing, so it is started again where it was told to: a call to what was active at a killed silo is 503 at first.</summary>
    private async Task Passes(string demo)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var walk = Start(demo);
            var code = await walk.Ended.WaitAsync(Patience);
            var isToldToRepeat = code != 0 && walk.Output.Contains("\"retry\":\"same_key\"", StringComparison.Ordinal);
            if (isToldToRepeat && TimeProvider.System.GetElapsedTime(began) < Patience) continue;

            Assert.True(code == 0, walk.Output);
            Assert.Contains("The service's output:", walk.Output, StringComparison.Ordinal);
            return;
        }
    }

    /// <summary>So many are active, as the cluster's table has it.</summary>
    private async Task Members(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (PostgresServer.Scalar<long>(_database, "SELECT count(*) FROM orleansmembershiptable WHERE status = 3") != count) await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>One line, with all that is exported before it; the process is the program's own, so that it can be killed.</summary>
    private StartedProgram Start(string line)
    {
        var exported = _lines.Where(one => one.StartsWith("export ", StringComparison.Ordinal) && MayRead(one)).Append($"export AGORA_OPERATOR_KEYS=root:{TestKey}");
        var url = Url().Match(line);
        var start = new ProcessStartInfo("bash", ["-c", $"{string.Join('\n', exported)}\nexec env {line.TrimEnd('&', ' ')}"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory };
        _started.Add(new(start, new(url.Success ? url.Groups[1].Value : "http://127.0.0.1")));
        return _started[^1];

        // The secrets are made by the first of these lines, which reads none.
        bool MayRead(string one) => line != _lines[1] || !one.Contains("$(cat", StringComparison.Ordinal);
    }

    [GeneratedRegex("## A cluster by hand\n.*?\n\n((?:    [^\n]+\n)+)", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(?<=(?:PORT=|127\.0\.0\.1:))\d+")]
    private static partial Regex Port();

    [GeneratedRegex("export AGORA_POSTGRES='[^']*'")]
    private static partial Regex Connection();

    [GeneratedRegex("--urls (\\S+)")]
    private static partial Regex Url();
}
