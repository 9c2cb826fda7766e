using System.Numerics;

namespace Agora.Benchmarks.Load;

/// <summary>How long answers took, in µs, each within 1/64 of its true value; of a fixed size, however many there are.</summary>
internal sealed class Histogram
{
    private const int Buckets = 64 * 40;
    private readonly long[] _counts = new long[Buckets];

    public long Count { get; private set; }

    public long Max { get; private set; }

    /// <summary>As exact as the buckets are.</summary>
    public TimeSpan Mean => TimeSpan.FromMicroseconds(Count == 0 ? 0 : _counts.Index().Sum(c => c.Item * (double)Math.Min(Upper(c.Index), Max)) / Count);

    public void Add(long micros)
    {
        _counts[Index(micros)]++;
        Count++;
        Max = Math.Max(Max, micros);
    }

    public void Add(Histogram other)
    {
        for (var n = 0; n < Buckets; n++)
        {
            _counts[n] += other._counts[n];
        }

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    public TimeSpan Percentile(double share)
    {
        var (wanted, seen) = ((long)Math.Ceiling(Count * share), 0L);
        for (var n = 0; n < Buckets; n++)
        {
            seen += _counts[n];
            if (seen >= wanted) return TimeSpan.FromMicroseconds(Math.Min(Upper(n), Max));
        }

        return TimeSpan.FromMicroseconds(Max);
    }

    /// <summary>As pairs of bucket and count, then the maximum.</summary>
    public long[] Save() => [.. _counts.Index().Where(c => c.Item > 0).SelectMany(c => new[] { c.Index, c.Item }), Max];

    public static Histogram Restore(long[] saved)
    {
        var histogram = new Histogram { Max = saved[^1] };
        for (var n = 0; n + 1 < saved.Length; n += 2)
        {
            histogram._counts[saved[n]] = saved[n + 1];
            histogram.Count += saved[n + 1];
        }

        return histogram;
    }

    // Below 128 a bucket a number; above, 64 for each power of two.
    private static int Index(long micros)
    {
        var shift = Math.Max(0, 57 - BitOperations.LeadingZeroCount((ulong)micros));
        return (64 * shift) + (int)(micros >> shift);
    }

    private static long Upper(int index)
    {
        var shift = Math.Max(0, (index / 64) - 1);
        return ((index - (64L * shift) + 1) << shift) - 1;
    }
}
