namespace Agora.Search;

/// <summary>
/// The slots that hold one term, ascending, with the weighted count of the term in each: 24 bits of slot, 8 of count, 4 bytes
/// a posting. Grows only at its end, so readers need no lock: what was published to them never changes, and everything behind
/// the slot bound of their snapshot is not theirs yet.
/// </summary>
internal sealed class Postings
{
    public const int MaxSlots = 1 << 24;

    /// <summary>Counts saturate, and BM25 has levelled out long before: repeating a word 1,000 times wins nothing.</summary>
    private const uint MaxFrequency = 255;

    private uint[] entries;
    private int count;

    public Postings() => entries = [];

    public Postings(ReadOnlySpan<uint> live)
    {
        entries = live.ToArray();
        count = live.Length;
    }

    public static int Slot(uint entry) => (int)(entry >> 8);

    public static uint Frequency(uint entry) => entry & MaxFrequency;

    public static uint Entry(int slot, uint frequency) => (uint)slot << 8 | frequency;

    /// <summary>For the one writer. The slot is the newest, not yet published.</summary>
    public void Add(int slot, int weight)
    {
        if (count > 0 && Slot(entries[count - 1]) == slot)
        {
            uint frequency = Math.Min(MaxFrequency, Frequency(entries[count - 1]) + (uint)weight);
            entries[count - 1] = Entry(slot, frequency);
            return;
        }

        if (count == entries.Length)
        {
            var larger = new uint[Math.Max(2, count + count / 2 + 1)];
            entries.AsSpan().CopyTo(larger);
            Volatile.Write(ref entries, larger);
        }

        entries[count] = Entry(slot, (uint)weight);
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>The postings of slots below the bound. Reads the count first: an array read later is never shorter.</summary>
    public ReadOnlySpan<uint> Below(int bound)
    {
        int length = Volatile.Read(ref count);
        var visible = Volatile.Read(ref entries).AsSpan(0, length);
        while (!visible.IsEmpty && Slot(visible[^1]) >= bound) visible = visible[..^1];
        return visible;
    }
}
