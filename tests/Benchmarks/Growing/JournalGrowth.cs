using System.Diagnostics;
using System.Globalization;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.Growing;

/// <summary>
/// Rows of a journal of SQLite, as runs leave them: how fast more are appended, and what the program takes, as operators call it, to make the query tables anew, to verify all of it, to hold it to the rules, and to start.
/// </summary>
internal static class JournalGrowth
{
    private const string Title = "Journal", Runs = "runs a second", Appended = "rows appended a second", Rebuilt = "rebuild rows a second", Verified = "verify-journal rows a second", Checked = "check rows a second";
    private const string RebuildMemory = "rebuild MB", VerifyMemory = "verify-journal MB", CheckMemory = "check MB", Disk = "disk B a row", Started = "start s";
    private const int Campaigns = 100, Connections = 64;

    public static readonly IReadOnlyList<Plot> Plots =
    [
        new Curves("growth-journal.svg", "Rows a second: appended by runs, rebuilt, verified, checked", Title, "rows of the journal", "/s", [Appended, Rebuilt, Verified, Checked]),
        new Curves("growth-journal-memory.svg", "Peak memory of rebuild, verify-journal and check, MB", Title, "rows of the journal", "MB", [RebuildMemory, VerifyMemory, CheckMemory], LogY: false),
        new Curves("growth-journal-start.svg", "From a start to the first answer, s", Title, "rows of the journal", "s", [Started], LogY: false),
    ];

    public static readonly IReadOnlyList<Level> Levels =
    [
        new("a run is appended", Title, Runs, IsRate: true, "a row is found and written by its stream's name"),
        new("a row is rebuilt", Title, Rebuilt, IsRate: true, "a synced commit for each row that tables follow from; the program's start counts where there are few rows"),
        new("a row is verified", Title, Verified, IsRate: true, "each row and each checkpoint once; the start counts where there are few rows"),
        new("a row is checked", Title, Checked, IsRate: true, "each row once, then each fact, in 256 parts; the start counts where there are few rows"),
        new("memory of check", Title, CheckMemory, IsRate: false, "262,144 facts, then a 256th of all; one stream's state; a name for each thousand streams"),
        new("disk of a row", Title, Disk, IsRate: false, "its body, the rows of tables that follow from it, and their indexes"),
        new("a start", Title, Started, IsRate: false, "services and campaigns are read, histories are not"),
    ];

    public static async Task<Table> Measure(IReadOnlyList<int> sizes, int sessions)
    {
        using var directory = new ScratchDirectory();
        List<IReadOnlyList<string>> rows = [];
        IReadOnlyList<byte[]> runners = [];
        foreach (var size in sizes)
        {
            var (runs, appended) = (0.0, 0.0);
            await using (var product = await Product.Start(directory.Path, counts: true))
            {
                if (runners.Count == 0)
                {
                    runners = [.. (await Market.Open(product.Address, sessions, Campaigns)).Select(s => LoadRequests.Post(s.Runs, s.Token))];
                }

                var had = rows.Count == 0 ? 0 : (long)Figures.First(rows[^1][0])!.Value;
                for (var there = 0L; there == 0 || had + there < size;)
                {
                    var (before, began) = (there, Stopwatch.GetTimestamp());
                    var seen = await HttpLoad.Run(product.Address, runners, Connections, TimeSpan.FromSeconds(Math.Clamp((size - had) / 200_000, 1, 10)));
                    if (seen.Statuses.Keys.Any(status => status != 200))
                    {
                        throw new InvalidOperationException($"Not every run succeeded: {string.Join(", ", seen.Statuses)}");
                    }

                    there = product.Journal.Rows.Where(r => r.Key.StartsWith("journal ", StringComparison.Ordinal)).Sum(r => r.Value);
                    (runs, appended) = (seen.Answers / seen.Took.TotalSeconds, (there - before) / Stopwatch.GetElapsedTime(began).TotalSeconds);
                }

                await Market.Paid(product.Address, Campaigns, hot: false); // until nothing is held
            }

            await Console.Error.WriteLineAsync($"journal of {Report.Of(size)} rows: filled");
            var (disk, start) = (directory.Bytes(), await ColdStart.Start(directory.Path));
            var verified = await Verb.Run("verify-journal", directory.Path);
            var count = Count(verified.Output, "rows");
            var check = await Verb.Run("check", directory.Path);
            var rebuild = await Verb.Run("rebuild", directory.Path);
            rows.Add(
            [
                Report.Of(count), Report.Of(runs), Report.Of(appended), Report.Of(count / rebuild.Took.TotalSeconds), Report.Of(count / verified.Took.TotalSeconds), Report.Of(count / check.Took.TotalSeconds),
                Report.Of(rebuild.PeakBytes / 1_048_576.0), Report.Of(verified.PeakBytes / 1_048_576.0), Report.Of(check.PeakBytes / 1_048_576.0), Report.Of(disk / (double)count), Report.Of(start.Answered.TotalSeconds, 2),
                Report.Of(rebuild.Took.TotalSeconds, 1), Report.Of(verified.Took.TotalSeconds, 1), Report.Of(check.Took.TotalSeconds, 1),
            ]);
            await Console.Error.WriteLineAsync(string.Join(" | ", rows[^1]));
        }

        return new(Title, ["rows", Runs, Appended, Rebuilt, Verified, Checked, RebuildMemory, VerifyMemory, CheckMemory, Disk, Started, "rebuild s", "verify-journal s", "check s"], rows);
    }

    // "12 streams, 3456 rows, …": the number before the word.
    private static long Count(string output, string word) => long.Parse(output.Split(' ', ',', '\n').Where(part => part.Length > 0).ToList() is var parts ? parts[parts.IndexOf(word) - 1] : "", CultureInfo.InvariantCulture);
}

/// <summary>The program's verb as operators call it, on data that stand still, with a heap that is bounded.</summary>
internal static class Verb
{
    /// <summary>256 MB: above that it is out of memory. Without a limit the collector takes what a machine has, so its memory says little of what is needed.</summary>
    private const string HeapBytes = "0x10000000";

    public static async Task<(TimeSpan Took, long PeakBytes, string Output)> Run(string verb, string directory)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Agora.Silo.dll"), verb, "--data", directory]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["DOTNET_gcServer"] = "0", ["DOTNET_GCHeapHardLimit"] = HeapBytes } })!;
        var (said, complained, peak) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), 0L);
        using var ended = new CancellationTokenSource();
        var exit = process.WaitForExitAsync(default);
        while (await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(20))) != exit) peak = Peak(process.Id) ?? peak;

        return process.ExitCode == 0 ? (Stopwatch.GetElapsedTime(started), peak, await said) : throw new InvalidOperationException($"{verb} ended with {process.ExitCode}: {await said} {await complained}");
    }

    /// <returns>Null: it has just ended.</returns>
    private static long? Peak(int process)
    {
        try
        {
            return ProcessStatus.Of(process).PeakBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
