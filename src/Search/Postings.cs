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

    public string Term => term;

    public ReadOnlySpan<uint> Entries => CollectionsMarshal.AsSpan(_entries);

    public static int Slot(uint entry) => (int)(entry >> 8);

    public static uint Frequency(uint entry) => entry & MaxFrequency;

    /// <summary>In no order; made when they are asked for, and made again when the postings have changed. Whatever changes of a document, its length too, sets it anew.</summary>
    public Tier[] Tiers(Row[] rows) => _tiers ??= Tier.Of(Entries, rows);

    /// <summary>0: the document does not hold the term.</summary>
    public uint FrequencyAt(int slot)
    {
        int at = PlaceOf(slot);
        return IsAt(at, slot) ? Frequency(_entries[at]) : 0;
    }

    public void Set(int slot, int count)
    {
        _tiers = null;
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
        int at = PlaceOf(slot);
        if (IsAt(at, slot))
        {
            _entries.RemoveAt(at);
        }
    }

    public void Trim() => _entries.TrimExcess();

    private bool IsAt(int at, int slot) => at < _entries.Count && Slot(_entries[at]) == slot;

    /// <summary>Where it is or belongs. No entry has a count of 0, so none is found itself.</summary>
    private int PlaceOf(int slot) =>
        _entries.Count == 0 || Slot(_entries[^1]) < slot ? _entries.Count : ~_entries.BinarySearch((uint)slot << 8);
}
