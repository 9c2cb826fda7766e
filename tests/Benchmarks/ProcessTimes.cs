using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>CPU time as Linux counts it (proc(5)), in ticks of 10 ms.</summary>
internal static class ProcessTimes
{
    /// <summary>A process, its living children, and those it has waited for.</summary>
    public static TimeSpan OfTree(int pid)
    {
        var ticks = Read(pid) is { } own ? own.Used + own.UsedByEnded : throw new InvalidOperationException("The process is gone.");
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var child) && Read(child) is { } times && times.Parent == pid)
            {
                ticks += times.Used + times.UsedByEnded;
            }
        }

        return TimeSpan.FromMilliseconds(10 * ticks);
    }

    /// <summary>Of the processes that this one has started and waited for.</summary>
    public static TimeSpan OfEndedChildren() => TimeSpan.FromMilliseconds(10 * Read(Environment.ProcessId)!.Value.UsedByEnded);

    /// <summary>Of everything on the machine.</summary>
    public static TimeSpan OfMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromMilliseconds(10 * (fields[..8].Sum() - fields[3] - fields[4])); // without idle and waiting for IO
    }

    private static (int Parent, long Used, long UsedByEnded)? Read(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), Sum(fields, 11), Sum(fields, 13));
        }
        catch (IOException)
        {
            return null; // it ended meanwhile
        }
    }

    private static long Sum(string[] fields, int at) => long.Parse(fields[at], CultureInfo.InvariantCulture) + long.Parse(fields[at + 1], CultureInfo.InvariantCulture);
}
