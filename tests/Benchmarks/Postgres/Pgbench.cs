using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Agora.Benchmarks.Postgres;

/// <summary>PostgreSQL's own load generator: what the database does with the plain design's statements when nothing stands before it.</summary>
internal static partial class Pgbench
{
    public const int Clients = 64;

    public static async Task<(double RunsPerSecond, long Runs, TimeSpan Mean)> Run(int port, string database, string script, int seconds)
    {
        using var scratch = new ScratchDirectory();
        var file = Path.Combine(scratch.Path, "run.sql");
        await File.WriteAllTextAsync(file, script);
        using var pgbench = Process.Start(new ProcessStartInfo("pgbench",
            ["-n", "-M", "prepared", "-c", $"{Clients}", "-j", "2", "-T", $"{seconds}", "-f", file, "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", database])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, complained) = (pgbench.StandardOutput.ReadToEndAsync(), pgbench.StandardError.ReadToEndAsync());
        await pgbench.WaitForExitAsync();
        var text = await said;
        if (pgbench.ExitCode != 0 || !text.Contains("failed transactions: 0 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"pgbench failed: {text} {await complained}");
        }

        var runs = (long)Value(Processed(), text);
        return runs == 0 ? default : (Value(Rate(), text), runs, TimeSpan.FromMilliseconds(Value(Latency(), text)));
    }

    private static double Value(Regex pattern, string text) => double.Parse(pattern.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"actually processed: (\d+)")]
    private static partial Regex Processed();

    [GeneratedRegex(@"latency average = ([\d.]+)")]
    private static partial Regex Latency();
}
