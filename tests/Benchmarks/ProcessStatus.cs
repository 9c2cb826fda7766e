using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>What a process has, as Linux tells it (proc(5)).</summary>
/// <param name="MemoryBytes">Resident.</param>
/// <param name="PeakBytes">The most that has been resident so far.</param>
/// <param name="Handles">Open files, sockets among them.</param>
internal sealed record ProcessStatus(long MemoryBytes, long PeakBytes, int Handles, int Threads)
{
    public static ProcessStatus Of(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/status");
        long Number(string name) => long.Parse(lines.First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return new(1_024 * Number("VmRSS:"), 1_024 * Number("VmHWM:"), Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(), (int)Number("Threads:"));
    }
}
