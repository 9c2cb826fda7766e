using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Agora.Crash.Support;

/// <summary>
/// A real Prometheus that watches one server by the rules of deploy/prometheus, in a hurry: it looks each second, and what the rules count in minutes, hours and days is told in seconds here.
/// Nothing else of a rule is changed.
/// </summary>
internal sealed partial class Prometheus : IAsyncDisposable
{
    public const string Switch = "AGORA_DRILLS";

    // The order of the windows stays as it is, and so does what is compared.
    private static readonly Dictionary<string, string> Windows = new(StringComparer.Ordinal)
    {
        ["1m"] = "15s", ["5m"] = "16s", ["10m"] = "17s", ["30m"] = "20s", ["1h"] = "30s", ["4h"] = "35s", ["6h"] = "40s", ["3d"] = "60s", ["7d"] = "70s",
    };

    // Ages in seconds after which something is late.
    private static readonly Dictionary<string, string> Ages = new(StringComparer.Ordinal) { ["> 1020"] = "> 12", ["> 3600"] = "> 10", ["> 900"] = "> 12", ["> 60\n"] = "> 15\n" };

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-drills-").FullName;
    private readonly Uri _address = ServerProcess.FreeAddress();
    private readonly HttpClient _http;
    private readonly Process _process;

    private Prometheus(Uri watched)
    {
        var rules = File.ReadAllText(Testing.Repository.File("deploy/prometheus/rules/agora.yml"));
        rules = Window().Replace(rules, range => $"[{Windows[range.Groups[1].Value]}]");
        rules = For().Replace(rules, "for: 2s");
        foreach (var (age, soon) in Ages)
        {
            Assert.Contains(age, rules, StringComparison.Ordinal);
            rules = rules.Replace(age, soon, StringComparison.Ordinal);
        }

        File.WriteAllText(Path.Combine(_directory, "rules.yml"), rules);
        File.WriteAllText(Path.Combine(_directory, "prometheus.yml"), $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: silo
                static_configs: [{ targets: ["{{watched.Authority}}"] }]
            """);
        _http = new() { BaseAddress = _address };
        _process = Process.Start(new ProcessStartInfo(
            "prometheus",
            [$"--config.file={_directory}/prometheus.yml", $"--storage.tsdb.path={_directory}/data", $"--web.listen-address={_address.Authority}", "--log.level=warn"]))!;
    }

    public static async Task<Prometheus> Watch(Uri server)
    {
        var prometheus = new Prometheus(server);
        await prometheus.Until(async () => await prometheus.Ask("/api/v1/query?query=up") is { } up && up.GetProperty("result").GetArrayLength() == 1 ? "" : "it does not look");
        return prometheus;
    }

    /// <summary>Waits until all of these ring.</summary>
    public Task Ring(params string[] alerts) => Until(async () => await Ringing() is var now && alerts.Except(now).ToList() is { Count: > 0 } silent ? $"{string.Join(", ", silent)} do not ring; these do: {string.Join(", ", now)}" : "");

    /// <summary>Waits until none of these rings.</summary>
    public Task End(params string[] alerts) => Silence(alerts.Contains);

    /// <summary>Waits until nothing rings.</summary>
    public Task Quiet() => Silence(static _ => true);

    public async Task<IReadOnlyList<string>> Ringing() =>
        await Ask("/api/v1/alerts") is not { } said ? []
        : [.. said.GetProperty("alerts").EnumerateArray().Where(static alert => alert.GetProperty("state").GetString() == "firing").Select(static alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!).Distinct()];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<JsonElement?> Ask(string path)
    {
        try
        {
            using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)));
            return answer.RootElement.GetProperty("data").Clone();
        }
        catch (HttpRequestException)
        {
            return null; // it starts
        }
    }

    private Task Silence(Func<string, bool> of) => Until(async () => (await Ringing()).Where(of).ToList() is { Count: > 0 } loud ? $"{string.Join(", ", loud)} still ring" : "");

    // Another program is waited for, which has no event to await.
    private async Task Until(Func<Task<string>> missing)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var since = Stopwatch.StartNew();
        for (var said = await missing(); said.Length > 0; said = await missing())
        {
            Assert.True(since.Elapsed < Patience, said);
            await timer.WaitForNextTickAsync();
        }
    }

    [GeneratedRegex(@"\[(\d+[mhd])\]")]
    private static partial Regex Window();

    [GeneratedRegex(@"for: \d+[smh]")]
    private static partial Regex For();
}

/// <summary>What takes ten minutes and a Prometheus: run where AGORA_DRILLS asks for it.</summary>
public sealed class DrillFactAttribute : FactAttribute
{
    public DrillFactAttribute() => Skip =
        Testing.Postgres.PostgresServer.Missing
        ?? (Environment.GetEnvironmentVariable(Prometheus.Switch) is { Length: > 0 } ? null : $"ten minutes of alarms: {Prometheus.Switch}=1")
        ?? (Testing.Programs.Find("prometheus") is null ? "prometheus is not on the PATH" : null);
}
