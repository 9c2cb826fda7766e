using System.Globalization;

namespace Agora.Benchmarks;

/// <summary>CPU time as Linux counts it (proc(5)), in ticks of 10 ms.</summary>
internal static class ProcessTimes
{
    /// <summary>Of the processes that this one has started and waited for.</summary>
    public static TimeSpan OfEndedChildren()
    {
        var text = File.ReadAllText("/proc/self/stat");
        return Ticks(Numbers(text[(text.LastIndexOf(')') + 4)..], 12..14).Sum()); // fields 16 and 17
    }

    /// <summary>Of everything on the machine.</summary>
    public static TimeSpan OfMachine()
    {
        var fields = Numbers(File.ReadLines("/proc/stat").First()[4..], ..8);
        return Ticks(fields.Sum() - fields[3] - fields[4]); // without idle and waiting for IO
    }

    private static long[] Numbers(string text, Range fields) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[fields].Select(field => long.Parse(field, CultureInfo.InvariantCulture))];

    private static TimeSpan Ticks(long ticks) => TimeSpan.FromMilliseconds(10 * ticks);
}
