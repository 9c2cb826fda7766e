using System.Globalization;
using Agora.Crash.Support;
using Xunit.Abstractions;

namespace Agora.Packaging.Canary;

/// <summary>A release by deploy/canary in nginx itself, with clients that never rest; prints what they noticed.</summary>
public sealed class NginxRolloutTests(ITestOutputHelper output)
{
    private static readonly TimeSpan MostOfARollback = TimeSpan.FromSeconds(30);

    [NginxFact]
    public async Task A_version_that_is_as_it_should_be_gets_all_requests_and_less_than_one_in_a_thousand_fails()
    {
        await using var old = await new ScriptedVersion().Started();
        await using var version = await new ScriptedVersion().Started();
        var (exitCode, said, callers, _) = await Rollout(old, version);

        Assert.True(exitCode == 0, said);
        Assert.Equal(["1", "10", "50", "100"], said.Split('\n').Where(line => line.EndsWith(" s", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]));
        Assert.True(callers.Failed * 1_000 < callers.Sent, said);
    }

    [NginxTheory]
    [InlineData(nameof(Fault.Errors), 0, 1)]
    [InlineData(nameof(Fault.Errors), 400, 10)]
    [InlineData(nameof(Fault.Slow), 0, 1)]
    [InlineData(nameof(Fault.Slow), 400, 10)]
    [InlineData(nameof(Fault.Gone), 100, 1)]
    public async Task A_version_with_a_fault_is_rolled_back_within_30_s_and_gets_no_request_more(string fault, int from, int weightAtLeast)
    {
        await using var old = await new ScriptedVersion().Started();
        await using var version = await new ScriptedVersion(Enum.Parse<Fault>(fault), from).Started();
        var (exitCode, said, callers, weight) = await Rollout(old, version);

        Assert.True(exitCode == 1, said);
        Assert.Contains("rolled back from", said, StringComparison.Ordinal);
        Assert.True(weight >= weightAtLeast, said);
        Assert.InRange(callers.FailedFor, TimeSpan.Zero, MostOfARollback);
    }

    [Fact]
    public async Task The_gate_counts_what_a_server_of_ours_says_of_itself()
    {
        const int Requests = 7;
        using var directory = new DataDirectory();
        await using var server = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress());
        using var http = new HttpClient { BaseAddress = server.Address };
        var readings = new List<string>();
        foreach (var requests in (int[])[0, Requests])
        {
            for (var n = 0; n < requests; n++) (await http.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative))).EnsureSuccessStatusCode();
            readings.Add(Path.GetTempFileName());
            var (_, metrics, _) = await CanaryPlace.RunAsync("deploy/canary/by-nginx", [("CANARY_METRICS", $"{server.Address}metrics")], "metrics");
            await File.WriteAllTextAsync(readings[^1], metrics);
        }

        var (exitCode, counts, errors) = await CanaryPlace.RunAsync("deploy/canary/gate", [], [.. readings]);
        Assert.True(exitCode == 0, errors);
        Assert.Equal($"{Requests + 1} 0", string.Join(' ', counts.Split(' ')[..2])); // and the first reading itself
    }

    private async Task<(int ExitCode, string Said, Callers Callers, int Weight)> Rollout(ScriptedVersion old, ScriptedVersion version)
    {
        await using var nginx = await Nginx.Start(old.Address);
        await using var callers = new Callers(nginx.Port);
        var (exitCode, printed, errors) = await CanaryPlace.RunAsync(
            "deploy/canary/rollout",
            [
                ("CANARY_OLD", old.Address), ("CANARY_NEW", version.Address), ("CANARY_METRICS", $"{version.Address}/metrics"), ("CANARY_SPLIT", nginx.Split), ("CANARY_RELOAD", nginx.Reload),
                ("CANARY_STEP_SECONDS", "1"), ("CANARY_LEAST", "50"), ("CANARY_LOOK_SECONDS", "1"), ("CANARY_PATIENCE", "30"),
            ],
            Repository.File("deploy/canary/by-nginx"));
        await AllAtOne(nginx, exitCode == 0 ? version : old, exitCode == 0 ? old : version);
        await callers.Stop();
        var said = printed + errors;
        output.WriteLine(said);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers.Sent} requests, {callers.Failed} failed ({100.0 * callers.Failed / callers.Sent:0.000} %), all within {callers.FailedFor.TotalSeconds:0.0} s"));
        return (exitCode, said, callers, said.Split("rolled back from ") is [_, var rest] ? int.Parse(rest.Split(' ')[0], CultureInfo.InvariantCulture) : 0);
    }

    /// <summary>nginx puts its new workers in the place of the old ones after it was told to, so another process is waited for, in bounded tries.</summary>
    private static async Task AllAtOne(Nginx nginx, ScriptedVersion all, ScriptedVersion none)
    {
        const int InARow = 1_000; // with 1 % left at the other one, that comes once in 23,000
        for (var tries = 0; tries < 20; tries++)
        {
            var (before, others) = (all.Asked, none.Asked);
            for (var n = 0; n < InARow; n++) await nginx.Get("/work");
            if (none.Asked != others) continue;

            Assert.True(all.Asked - before >= InARow);
            return;
        }

        Assert.Fail("Both versions are still asked.");
    }
}
