using System.Numerics;
using System.Runtime.InteropServices;

namespace Agora.Search;

/// <summary>
/// Where a vector points, a signed byte a value: the largest is 127, and how long it was is not kept. A quarter of the bytes of 32-bit values, and as much less to be read by whoever compares many. By what is rounded the
/// cosine of two is off by a few thousandths at most with hundreds of values, less than embeddings themselves are sure of.
/// </summary>
public static class Direction
{
    private const float Most = sbyte.MaxValue;

    /// <returns>Null: it points nowhere, being all zeros, or one of its values is no number.</returns>
    public static byte[]? Of(ReadOnlySpan<float> vector)
    {
        var most = 0f;
        foreach (var value in vector)
        {
            if (!float.IsFinite(value)) return null;
            most = Math.Max(most, Math.Abs(value));
        }

        if (most == 0) return null;

        var bytes = new byte[vector.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = unchecked((byte)(sbyte)MathF.Round(vector[i] / most * Most));
        return bytes;
    }

    /// <summary>Exact: a product has 15 bits, so two fit into a short and any length that we take into an int.</summary>
    public static int Dot(ReadOnlySpan<sbyte> one, ReadOnlySpan<sbyte> other)
    {
        var (at, sums) = (0, Vector<int>.Zero);
        var ones = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(one);
        var others = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(other);
        for (; at < ones.Length; at++)
        {
            Vector.Widen(ones[at], out var oneLow, out var oneHigh);
            Vector.Widen(others[at], out var otherLow, out var otherHigh);
            Vector.Widen((oneLow * otherLow) + (oneHigh * otherHigh), out var low, out var high);
            sums += low + high;
        }

        var sum = Vector.Sum(sums);
        for (var i = at * Vector<sbyte>.Count; i < one.Length; i++) sum += one[i] * other[i];
        return sum;
    }
}
