using System.Collections.Concurrent;

namespace Agora.Search;

internal struct Row
{
    /// <summary>In <see cref="DiedAt"/>: not replaced or removed yet.</summary>
    public const int Alive = int.MaxValue;

    /// <summary>In <see cref="Rank"/>: written since the last compaction.</summary>
    public const int Unranked = -1;

    public string Id;
    public long PriceMicros;
    public int IdHash;
    public int Category;
    public int Length;
    public int Rank;

    /// <summary>The first version that no longer shows this row. 0, as in a slot whose writing failed, is never shown.</summary>
    public int DiedAt;
}

/// <summary>
/// What one search sees: the rows below <see cref="Bound"/> that die after <see cref="Version"/>. Immutable but for
/// DiedAt, which is only ever set to later versions, so the view stays the same while the writer goes on.
/// </summary>
internal sealed record Snapshot(
    Generation Generation, Row[] Rows, int Bound, int Version, int Live, long TotalLength, int Categories)
{
    public bool Shows(int slot) => Rows[slot].DiedAt > Version;

    public ReadOnlySpan<uint> Postings(string term) => Generation.Postings(term, Bound);
}

/// <summary>
/// Rows and postings that only grow: a changed document gets a new row, its old one a version of death. That lets
/// any number of readers go on without a lock beside the one writer; readers take a <see cref="Snapshot"/> and ignore what lies
/// behind it. Dead rows and unranked ids are the cost; <see cref="IsDueForCompaction"/> bounds them to an eighth.
/// </summary>
internal sealed class Generation
{
    private const int MinChanges = 1_024;

    private readonly ConcurrentDictionary<string, Postings> terms;
    private readonly ConcurrentDictionary<string, int> categories = new(StringComparer.OrdinalIgnoreCase);

    // The writer's own.
    private readonly ConcurrentDictionary<string, Postings>.AlternateLookup<ReadOnlySpan<char>> termsBySpan;
    private readonly List<string> categoryNames = [];
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly TermSink sink;
    private Row[] rows = [];
    private int used;
    private int version;
    private int changes;
    private long totalLength;
    private int fieldWeight;
    private int length;

    public Generation(int expectedTerms = 1_024)
    {
        terms = new(concurrencyLevel: 1, expectedTerms, StringComparer.Ordinal);
        termsBySpan = terms.GetAlternateLookup<ReadOnlySpan<char>>();
        sink = Index;
    }

    public bool IsDueForCompaction => changes >= Math.Max(MinChanges, slots.Count / 8);

    public Snapshot Snapshot() => new(this, rows, used, version, slots.Count, totalLength, categoryNames.Count);

    public ReadOnlySpan<uint> Postings(string term, int bound) =>
        terms.TryGetValue(term, out var postings) ? postings.Below(bound) : [];

    public bool TryGetCategory(string name, out int category) => categories.TryGetValue(name, out category);

    public void Put(SearchDocument document)
    {
        int slot = NewSlot();
        length = 0;
        IndexField(document.Name, Relevance.NameWeight);
        IndexField(document.Category, Relevance.CategoryWeight);
        IndexField(document.Description, Relevance.DescriptionWeight);

        version++;
        Bury(document.Id);
        Place(slot, document.Id, document.PriceMicros, CategoryOf(document.Category), length);
    }

    public bool Remove(string id)
    {
        if (!slots.ContainsKey(id)) return false;
        version++;
        Bury(id);
        return true;
    }

    /// <summary>The same live documents without dead rows and slack, ids ranked. The only step that costs time in the index's size.</summary>
    public Generation Compacted()
    {
        var fresh = new Generation(terms.Count);
        int[] moved = new int[used];
        for (int slot = 0; slot < used; slot++)
            moved[slot] = rows[slot].DiedAt == Row.Alive ? fresh.Adopt(rows[slot], categoryNames[rows[slot].Category]) : -1;

        uint[] live = new uint[fresh.used];
        foreach (var (term, postings) in terms)
        {
            int count = 0;
            foreach (uint entry in postings.Below(used))
            {
                int slot = moved[Search.Postings.Slot(entry)];
                if (slot >= 0) live[count++] = Search.Postings.Entry(slot, Search.Postings.Frequency(entry));
            }

            if (count > 0) fresh.terms[term] = new Postings(live.AsSpan(0, count));
        }

        fresh.RankIds();
        return fresh;
    }

    private int Adopt(in Row row, string category)
    {
        int slot = NewSlot();
        Place(slot, row.Id, row.PriceMicros, CategoryOf(category), row.Length);
        return slot;
    }

    private int NewSlot()
    {
        if (used == Search.Postings.MaxSlots) throw new InvalidOperationException($"The index holds at most {Search.Postings.MaxSlots} documents.");
        if (used == rows.Length) Array.Resize(ref rows, Math.Max(16, used + used / 2));
        return used++;
    }

    private void Place(int slot, string id, long priceMicros, int category, int weightedLength)
    {
        rows[slot] = new Row
        {
            Id = id,
            PriceMicros = priceMicros,
            IdHash = IdProbe.Hash(id),
            Category = category,
            Length = weightedLength,
            Rank = Row.Unranked,
            DiedAt = Row.Alive,
        };
        slots[id] = slot;
        totalLength += weightedLength;
        changes++;
    }

    private void Bury(string id)
    {
        if (!slots.Remove(id, out int slot)) return;
        rows[slot].DiedAt = version;
        totalLength -= rows[slot].Length;
        changes++;
    }

    private void IndexField(string text, int weight)
    {
        fieldWeight = weight;
        Tokenizer.Read(text, sink);
    }

    private void Index(ReadOnlySpan<char> term, TermKind kind)
    {
        if (!termsBySpan.TryGetValue(term, out var postings)) termsBySpan[term] = postings = new Postings();
        postings.Add(used - 1, fieldWeight);
        if (kind != TermKind.Inner) length += fieldWeight;
    }

    private int CategoryOf(string name)
    {
        if (categories.TryGetValue(name, out int category)) return category;
        categoryNames.Add(name);
        return categories[name] = categoryNames.Count - 1;
    }

    /// <summary>Ties are common (a listing is one), so ids are compared once here instead of in each search.</summary>
    private void RankIds()
    {
        string[] ids = new string[used];
        int[] order = new int[used];
        for (int slot = 0; slot < used; slot++) (ids[slot], order[slot]) = (rows[slot].Id, slot);
        Array.Sort(ids, order, StringComparer.Ordinal);
        for (int rank = 0; rank < used; rank++) rows[order[rank]].Rank = rank;
        changes = 0;
    }
}
