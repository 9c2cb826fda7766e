using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Agora.Search;

/// <summary>A set of slots for the time of one search, a bit each: of 100,000 documents it is 12.5 KB, and two sets are intersected in well below a microsecond.</summary>
internal sealed class SlotSet : IDisposable
{
    private readonly int _words;
    private readonly ulong[] _rented;

    public SlotSet(int bound)
        : this(Words(bound), ArrayPool<ulong>.Shared.Rent(Words(bound))) => Bits.Clear();

    private SlotSet(int words, ulong[] rented) => (_words, _rented) = (words, rented);

    public Span<ulong> Bits => _rented.AsSpan(0, _words);

    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in Bits) count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>A multiple of what any processor takes at once.</summary>
    public static int Words(int bound) => (bound + 511) / 512 * 8;

    public static ulong Bit(int slot) => 1UL << slot;

    public bool Holds(int slot) => (_rented[slot >>> 6] & Bit(slot)) != 0;

    public void Add(int slot) => _rented[slot >>> 6] |= Bit(slot);

    public void Remove(int slot) => _rented[slot >>> 6] &= ~Bit(slot);

    /// <param name="others">May end before the last slot of this set.</param>
    public void Add(ReadOnlySpan<ulong> others)
    {
        var to = Wide(Bits);
        var from = Wide(others);
        for (int i = 0; i < from.Length; i++) to[i] |= from[i];
    }

    /// <summary>Takes those that others have out of this set, and gives them as one of their own.</summary>
    public SlotSet Split(SlotSet others)
    {
        var both = new SlotSet(_words, ArrayPool<ulong>.Shared.Rent(_words));
        var here = Wide(Bits);
        var there = Wide(others.Bits);
        var to = Wide(both.Bits);
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = here[i] & there[i];
            here[i] &= ~there[i];
        }

        return both;
    }

    public void Keep(SlotSet others)
    {
        var to = Wide(Bits);
        var from = Wide(others.Bits);
        for (int i = 0; i < to.Length; i++) to[i] &= from[i];
    }

    /// <summary>Ascending.</summary>
    public IEnumerable<int> Slots()
    {
        for (int word = 0; word < _words; word++)
        {
            for (ulong left = _rented[word]; left != 0; left &= left - 1) yield return (word << 6) + BitOperations.TrailingZeroCount(left);
        }
    }

    public void Dispose() => ArrayPool<ulong>.Shared.Return(_rented);

    public static Span<Vector<ulong>> Wide(Span<ulong> words) => MemoryMarshal.Cast<ulong, Vector<ulong>>(words);

    private static ReadOnlySpan<Vector<ulong>> Wide(ReadOnlySpan<ulong> words) => MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
}
