using System.Diagnostics;
using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>A small table, with what is needed to repeat and to judge it: command, machine, commit.</summary>
internal static class Report
{
    public static void Print(string benchmark, Options options, params (string What, string Value, string Goal)[] lines)
    {
        var (what, value) = (lines.Max(l => l.What.Length), lines.Max(l => l.Value.Length));
        Console.WriteLine($"dotnet run -c Release --project tests/Benchmarks -- {benchmark}{options.Used}");
        Console.WriteLine($"{Machine()}, .NET {Environment.Version}, commit {Commit()}{Load()}");
        foreach (var line in lines)
        {
            Console.WriteLine($"  {line.What.PadRight(what)}  {line.Value.PadLeft(value)}  {line.Goal}".TrimEnd());
        }
    }

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
