using System.Diagnostics;
using System.Text.Json;

namespace Agora.Benchmarks.Results;

/// <summary>
/// <c>all --quick | --full</c>: each part in a process of its own, one after the other; then <c>bench/</c> anew: the page, its plots, <c>results.json</c>. A part that fails is named on the page and
/// in the exit code. <c>--only a,b</c> measures these alone and keeps what <c>results.json</c> has of the others; <c>--against FILE</c> says what changed since another run; <c>--page</c> measures nothing and writes the page anew.
/// </summary>
internal static class All
{
    public static async Task<int> Measure(Options options)
    {
        var (folder, full) = (options.Text("into", Path.Combine(Report.Root(), "bench")), options.Flag("full"));
        var (results, only) = (Path.Combine(folder, "results.json"), options.Text("only", "").Split(',', StringSplitOptions.RemoveEmptyEntries));
        if (!full && !options.Flag("quick") && !options.Flag("page"))
        {
            throw new ArgumentException("all --quick (ten minutes), all --full (three hours), or all --page (from results.json).");
        }

        var before = options.Text("against", "") is { Length: > 0 } file ? Run.Read(file) : null; // It may be the file that is written.
        var run = options.Flag("page") ? Run.Read(results) : await Measured(full ? "full" : "quick", only, only.Length > 0 && File.Exists(results) ? Run.Read(results) : null);
        Directory.CreateDirectory(folder);
        run.Write(results);
        RunPage.Write(run, folder);
        if (before is not null)
        {
            Console.Write(RunChanges.Of(before, run, options.Number("noise", 15)));
        }

        foreach (var part in run.Parts.Where(p => p.Failed is not null)) await Console.Error.WriteLineAsync($"{part.Name} failed: {part.Failed}");
        return run.Parts.Any(p => p.Failed is not null) ? 1 : 0;
    }

    private static async Task<Run> Measured(string mode, string[] only, Run? others)
    {
        var (parts, began) = (new List<PartResult>(), DateTimeOffset.UtcNow);
        foreach (var part in Parts.All)
        {
            if (only.Length > 0 && !only.Contains(part.Name))
            {
                parts.AddRange(others?.Parts.Where(p => p.Name == part.Name) ?? []);
            }
            else if ((mode == "full" ? part.Full : part.Quick) is { } arguments)
            {
                parts.Add(await Measured(part.Name, arguments));
            }
        }

        return new(mode, began, Report.Commit(), Machine.Here(), parts);
    }

    private static async Task<PartResult> Measured(string name, string arguments)
    {
        using var directory = new ScratchDirectory();
        var (file, load, started) = (Path.Combine(directory.Path, "measures.json"), Report.LoadAverage(), Stopwatch.GetTimestamp());
        await Console.Error.WriteLineAsync($"== {name}: {arguments}");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(All).Assembly.Location, "into", file, .. arguments.Split(' ')]) { RedirectStandardError = true })!;
        var last = "";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            await Console.Error.WriteLineAsync(line);
            if (line.StartsWith("Unhandled exception", StringComparison.Ordinal))
            {
                last = line;
            }
        }

        await process.WaitForExitAsync();
        var seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds);
        return process.ExitCode == 0
            ? new(name, arguments, Report.Commit(), seconds, load, JsonSerializer.Deserialize<Measures>(await File.ReadAllTextAsync(file)))
            : new(name, arguments, Report.Commit(), seconds, load, null, last.Length > 0 ? last : $"exit code {process.ExitCode}");
    }
}
