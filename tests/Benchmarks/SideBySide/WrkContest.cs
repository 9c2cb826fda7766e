using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>The same runs of the same sessions by this program's load and by wrk with <c>bench/runs.lua</c>, which users have: the two figures must be one.</summary>
internal static class WrkContest
{
    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        stage.Settle(store);
        using var scratch = new ScratchDirectory();
        var file = Path.Combine(scratch.Path, "sessions");
        await File.WriteAllLinesAsync(file, sessions.Select(s => $"{s.Token} {s.Runs.Split('/')[3]}"));
        var ours = stage.Http("ours", "runs, by this program's load", agora, sessions.Select(s => LoadRequests.Post(s.Runs, s.Token)), "\"status\":\"posted\"");
        var scores = await new Contest(options, new(stage.Postgres)).Run([ours, new WrkSubject("wrk", "runs, by wrk", agora, file, ours.Connections)]);
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(scores, ("wrk / this program's load", "wrk", "ours", "0.8 to 1.2")));
    }
}

/// <summary>Requests by wrk's script. Its latencies are not taken over, but their mean.</summary>
internal sealed partial record WrkSubject(string Name, string What, Child Asked, string Sessions, int Connections) : Subject(Name, What, Asked)
{
    public override async Task<Measurement> Measure(Meter meter, int warmUp, int seconds)
    {
        var warm = warmUp > 0 ? await Runs(warmUp) : default;
        var (before, ended) = (await meter.Read(this), ProcessTimes.OfEndedChildren());
        var (rate, runs, mean) = await Runs(seconds);
        var used = await meter.Read(this) - before;
        return new(runs, warm.Runs, runs / rate, used with { Load = ProcessTimes.OfEndedChildren() - ended }, null, TimeSpan.FromMilliseconds(mean), 0);
    }

    private async Task<(double Rate, long Runs, double Mean)> Runs(int seconds)
    {
        var script = Path.Combine(Report.Root(), "bench", "runs.lua");
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t", "2", "-c", $"{Connections}", "-d", $"{seconds}", "--timeout", "30s", "-s", script, Asked.Address.ToString().TrimEnd('/'), "--", Sessions]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, complained) = (wrk.StandardOutput.ReadToEndAsync(), wrk.StandardError.ReadToEndAsync());
        await wrk.WaitForExitAsync();
        var text = await said;
        double Number(string group) => double.Parse(Line().Match(text).Groups[group].Value, CultureInfo.InvariantCulture);
        return wrk.ExitCode == 0 && Line().IsMatch(text) ? (Number("rate"), (long)Number("runs"), Number("mean")) : throw new InvalidOperationException($"wrk failed: {text} {await complained}");
    }

    [GeneratedRegex(@"(?<rate>\d+) runs a second, mean (?<mean>[\d.]+) ms, .* (?<runs>\d+) runs, 0 not")]
    private static partial Regex Line();
}
