using System.Runtime.InteropServices;

namespace Agora.Search;

/// <summary>
/// The slots that hold one term, ascending, with the weighted count of the term in each: 24 bits of slot, 8 of count, 4 bytes
/// a posting. Searches read them front to back.
/// </summary>
internal sealed class Postings(string term)
{
    public const int MaxSlots = 1 << 24;

    /// <summary>Counts saturate, and BM25 has levelled out long before: repeating a word 1,000 times wins nothing.</summary>
    private const int MaxFrequency = 255;

    private readonly List<uint> _entries = new(1);
    private volatile Tier[]? _tiers;
    private volatile ulong[]? _bits;

    public string Term => term;

    public ReadOnlySpan<uint> Entries => CollectionsMarshal.AsSpan(_entries);

    public static int Slot(uint entry) => (int)(entry >> 8);

    public static uint Frequency(uint entry) => entry & MaxFrequency;

    /// <summary>In no order; made when they are asked for, and made again when the postings have changed. Whatever changes of a document, its length too, sets it anew.</summary>
    public Tier[] Tiers(Row[] rows) => _tiers ??= Tier.Of(Entries, rows);

    /// <summary>Adds the slots. Where one in 32 or more holds the term they are kept as bits, which is no more than the entries are: made when they are asked for, and kept in step from then on.</summary>
    public void AddTo(SlotSet slots)
    {
        if (_bits is null && _entries.Count * 32L > slots.Bits.Length * 64)
        {
            ulong[] made = new ulong[slots.Bits.Length];
            foreach (uint entry in Entries) made[Slot(entry) >>> 6] |= SlotSet.Bit(Slot(entry));
            _bits = made;
        }

        if (_bits is { } bits)
        {
            slots.Add(bits);
        }
        else
        {
            foreach (uint entry in Entries) slots.Add(Slot(entry));
        }
    }

    /// <summary>0: the document does not hold the term.</summary>
    public uint FrequencyAt(int slot)
    {
        int at = PlaceOf(slot);
        return IsAt(at, slot) ? Frequency(_entries[at]) : 0;
    }

    public void Set(int slot, int count)
    {
        _tiers = null;
        Mark(slot, isHeld: true);
        uint entry = (uint)slot << 8 | (uint)Math.Min(count, MaxFrequency);
        int at = PlaceOf(slot);
        if (IsAt(at, slot))
        {
            _entries[at] = entry;
        }
        else _entries.Insert(at, entry);
    }

    public void Remove(int slot)
    {
        _tiers = null;
        Mark(slot, isHeld: false);
        int at = PlaceOf(slot);
        if (IsAt(at, slot))
        {
            _entries.RemoveAt(at);
        }
    }

    public void Trim() => _entries.TrimExcess();

    private void Mark(int slot, bool isHeld)
    {
        if (_bits is not { } bits) return;

        if (slot >>> 6 >= bits.Length)
        {
            Array.Resize(ref bits, SlotSet.Words(slot + 1));
            _bits = bits;
        }

        ref ulong word = ref bits[slot >>> 6];
        word = isHeld ? word | SlotSet.Bit(slot) : word & ~SlotSet.Bit(slot);
    }

    private bool IsAt(int at, int slot) => at < _entries.Count && Slot(_entries[at]) == slot;

    /// <summary>Where it is or belongs. No entry has a count of 0, so none is found itself.</summary>
    private int PlaceOf(int slot) =>
        _entries.Count == 0 || Slot(_entries[^1]) < slot ? _entries.Count : ~_entries.BinarySearch((uint)slot << 8);
}
