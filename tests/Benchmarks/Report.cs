using System.ComponentModel;
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
    public static string Load() => LoadAverage() is { Length: > 0 } load ? $", load average {load}" : "";

    /// <summary>Of a minute; empty: the system does not tell.</summary>
    public static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "";

    public static string Machine() => $"{Environment.ProcessorCount} cores {Processor()}";

    public static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        return File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "" : "";
    }

    /// <summary>With a <c>+</c>, where the code differs from it.</summary>
    public static string Commit() => Git("rev-parse", "--short", "HEAD") + (Git("status", "--porcelain", "--untracked-files=no", "--", ":(top)src", ":(top)tests").Length > 0 ? "+" : "");

    /// <summary>The folder of the repository.</summary>
    public static string Root() => Git("rev-parse", "--show-toplevel");

    /// <summary>What a program prints, without white space around it; null: there is no such program, or it failed.</summary>
    public static string? Said(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
            var text = process!.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? text : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string Git(params string[] arguments) => Said("git", ["-C", AppContext.BaseDirectory, .. arguments]) ?? "";
}
