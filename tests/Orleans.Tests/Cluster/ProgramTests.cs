using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Agora.Testing;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>The programs themselves, each a process of its own: two silos and a front end on one database, and who comes to them.</summary>
public sealed class ProgramTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private static readonly string Other = Convert.ToBase64String([.. Enumerable.Repeat((byte)9, 32)]);

    [PostgresFact]
    public async Task Two_silos_and_a_front_end_serve_the_demo_and_an_internal_service()
    {
        await using var programs = new Programs();
        var frontEnd = programs.Start("FrontEnd", [], []);
        await frontEnd.Says("Waiting for a silo to bring the database up to date.").WaitAsync(Patience);
        var one = programs.Silo();
        var two = programs.Silo();
        await StartedProgram.AreReady(Patience, one, two, frontEnd);
        await programs.DemoPasses(frontEnd);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PutCommand(one));
        Assert.Equal(HttpStatusCode.OK, await PutCommand(frontEnd)); // which commands silos may run a front end does not know

        Assert.Equal(HttpStatusCode.Unauthorized, await frontEnd.Status("/dashboard/GrainTypes"));
        using var counters = JsonDocument.Parse(await frontEnd.Text("/dashboard/DashboardCounters", RealCluster.AdminKey));
        Assert.Equal(2, counters.RootElement.GetProperty("totalActiveHostCount").GetInt32());
        Assert.Contains(counters.RootElement.GetProperty("simpleGrainStats").EnumerateArray(), static type => type.GetProperty("grainType").GetString()!.EndsWith("SessionGrain", StringComparison.Ordinal));

        var topUp = programs.Start("InternalService", ["top-up", "morning-coffee-survey", "100"], new() { ["SERVICE_NAME"] = "topper", ["SERVICE_KEY"] = RealCluster.ServiceKey });
        Assert.True(await topUp.Ended.WaitAsync(Patience) == 0, topUp.Output);
        var suspend = programs.Start("InternalService", ["suspend", "u1", "a1", "no reason"], new() { ["SERVICE_NAME"] = "topper", ["SERVICE_KEY"] = RealCluster.ServiceKey });
        Assert.True(await suspend.Ended.WaitAsync(Patience) == 1, suspend.Output);
        Assert.Contains("unauthorized", suspend.Output, StringComparison.Ordinal);
        var nameless = programs.Start("InternalService", ["deposit", "w1", "100"], new() { ["SERVICE_NAME"] = "" });
        Assert.Equal((2, "SERVICE_NAME is not set."), (await nameless.Ended.WaitAsync(Patience), nameless.Output));
    }

    [PostgresFact]
    public async Task Processes_with_other_keys_or_none_are_refused_in_one_line_and_the_silo_serves_on()
    {
        await using var programs = new Programs();
        var silo = programs.Silo();
        await StartedProgram.AreReady(Patience, silo);
        foreach (var (program, masterKey) in ((string, string)[])[("FrontEnd", Other), ("Silo", Other), ("Silo", "")])
        {
            var stranger = programs.Start(program, [], new() { ["AGORA_MASTER_KEY"] = masterKey, ["AGORA_SILO_PORT"] = $"{FreePort.Next()}", ["AGORA_GATEWAY_PORT"] = $"{FreePort.Next()}" });
            Assert.Equal(2, await stranger.Ended.WaitAsync(Patience));
            Assert.StartsWith("AGORA_MASTER_KEY and AGORA_TOKEN_KEY", Assert.Single(stranger.Output.Split('\n')), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, await silo.Status("/readyz"));
    }

    private static async Task<HttpStatusCode> PutCommand(StartedProgram program)
    {
        using var http = new HttpClient { BaseAddress = program.Address, DefaultRequestHeaders = { Authorization = new("Bearer", RealCluster.AdminKey) } };
        using var body = new StringContent("""{"command":"notes","category":"notes","price_cents":5,"provider":"p"}""", Encoding.UTF8, "application/json");
        using var answer = await http.PutAsync("/admin/upstreams/notes", body);
        return answer.StatusCode;
    }

    /// <summary>What the processes of one cluster are told alike.</summary>
    private sealed class Programs : IAsyncDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("agora-programs-").FullName;
        private readonly string _database = RealCluster.CreateDatabase();
        private readonly List<StartedProgram> _started = [];

        public string TextService { get; } = $"127.0.0.1:{FreePort.Next()}";

        public StartedProgram Silo() =>
            Start("Silo", [], new() { ["AGORA_SILO_PORT"] = $"{FreePort.Next()}", ["AGORA_GATEWAY_PORT"] = $"{FreePort.Next()}" });

        public async Task DemoPasses(StartedProgram frontEnd)
        {
            var walk = Start("Demo", ["--demo", "--once", "--against", frontEnd.Address.ToString(), "--text-service", $"http://{TextService}"], []);
            Assert.True(await walk.Ended.WaitAsync(Patience) == 0, walk.Output);
            Assert.Contains("The service's output:", walk.Output, StringComparison.Ordinal);
        }

        public StartedProgram Start(string project, string[] arguments, Dictionary<string, string> settings)
        {
            var mine = new DirectoryInfo(AppContext.BaseDirectory);
            var assembly = project is "InternalService" or "Demo" ? $"Agora.Samples.{project}" : $"Agora.{project}";
            var program = Path.GetFullPath(Path.Combine(mine.FullName, "..", "..", project, mine.Name, $"{assembly}.dll"));
            var url = $"http://127.0.0.1:{FreePort.Next()}";
            string[] own = project == "InternalService" || arguments.Length > 0 ? [] : ["--urls", url, "--data", _directory];
            var start = new ProcessStartInfo("dotnet", [program, .. own, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory };
            var shared = new Dictionary<string, string>
            {
                ["AGORA_POSTGRES"] = _database,
                ["AGORA_ADMIN_KEY"] = RealCluster.AdminKey,
                ["AGENT_API_KEY"] = "platform-key-of-the-tests-0123456789",
                ["AGORA_MASTER_KEY"] = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray()),
                ["AGORA_TOKEN_KEY"] = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray()),
                ["AGORA_SERVICE_KEYS"] = $"topper:{RealCluster.ServiceKey}:campaign",
                ["AGORA_OUTBOUND_ALLOW"] = TextService,
            };
            foreach (var (name, value) in shared.Concat(settings))
            {
                start.Environment[name] = value;
            }

            _started.Add(new(start, new(url)));
            return _started[^1];
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var program in _started)
            {
                await program.DisposeAsync();
            }

            Directory.Delete(_directory, recursive: true);
        }
    }
}
