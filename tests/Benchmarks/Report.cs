using System.Diagnostics;
using System.Globalization;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks;

/// <summary>What is needed to repeat and to judge a figure: command, machine, commit, load; and how figures are written.</summary>
internal static class Report
{
    public static void Print(string benchmark, Options options, Measures sheet)
    {
        Console.WriteLine($"`{Command(benchmark + options.Used)}`\n");
        Console.WriteLine($"{Machine()}, .NET {Environment.Version}, commit {Commit()}{Load()}\n");
        Console.Write(sheet.Markdown());
    }

    public static string Command(string arguments) => $"dotnet run -c Release --project tests/Benchmarks -- {arguments}";

    public static string Of(double number, int digits = 0) => number.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Megabytes(long bytes) => $"{Of(bytes / 1_048_576.0, 1)} MB";

    public static string Milliseconds(TimeSpan time) => $"{Of(time.TotalMilliseconds, 2)} ms";

    /// <summary>Sorts in place.</summary>
    public static TimeSpan Percentile(long[] ticks, double share)
    {
        Array.Sort(ticks);
        return Stopwatch.GetElapsedTime(0, ticks[Math.Min(ticks.Length - 1, (int)(ticks.Length * share))]);
    }

    /// <summary>What stays when all garbage is gone.</summary>
    public static long Live()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // A machine that others use at the same time gives less than it can: the load, this process's own included, belongs to the number.
    public static string Load() => File.Exists("/proc/loadavg") ? $", load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}" : "";

    public static string Machine()
    {
        const string Info = "/proc/cpuinfo";
        var model = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return $"{Environment.ProcessorCount} cores {model}";
    }

    public static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", AppContext.BaseDirectory, "rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true });
        return git!.StandardOutput.ReadToEnd().Trim();
    }
}
