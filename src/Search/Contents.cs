namespace Agora.Search;

/// <summary>One document, in numbers that a search reads; the default is a free slot.</summary>
internal struct Row
{
    public SearchDocument? Document;
    public long PriceMicros;
    public int IdHash;
    public int Category;
    public int Length;

    /// <summary>The place of its id among all ids. Ties are common (a listing is one), so no search compares ids.</summary>
    public int Rank;
}

/// <summary>
/// The documents, each in a slot that it keeps until it is removed, and for each term the slots that hold it. Nothing is left of a document that was replaced or removed.
/// For one thread at a time; <see cref="SearchIndex"/> has the lock.
/// </summary>
internal sealed class Contents
{
    private readonly Dictionary<string, Postings> terms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Postings>.AlternateLookup<ReadOnlySpan<char>> termsBySpan;
    private readonly Dictionary<string, int> categories = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly Stack<int> free = [];
    private readonly List<int> slotsById = [];

    // One document's terms, counted; kept for the next one.
    private readonly Dictionary<Postings, int> counts = [];
    private readonly Dictionary<Postings, int> formerCounts = [];
    private Row[] rows = [];

    public Contents() => termsBySpan = terms.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Live => slots.Count;

    /// <summary>All slots are below it.</summary>
    public int Bound { get; private set; }

    public long TotalLength { get; private set; }

    /// <summary>Those of documents removed since included.</summary>
    public int Categories => categories.Count;

    public Row[] Rows => rows;

    /// <summary>Of several with one id the last counts.</summary>
    public static Contents Of(IEnumerable<SearchDocument> documents)
    {
        var contents = new Contents();
        foreach (var document in documents) contents.Write(document);
        contents.RankAll();
        foreach (var postings in contents.terms.Values) postings.Trim();
        return contents;
    }

    public ReadOnlySpan<uint> Postings(string term) => terms.TryGetValue(term, out var postings) ? postings.Entries : [];

    public bool TryGetCategory(string name, out int category) => categories.TryGetValue(name, out category);

    public void Put(SearchDocument document)
    {
        if (Write(document) is { } slot) Rank(slot);
    }

    public bool Remove(string id)
    {
        if (!slots.Remove(id, out int slot)) return false;
        Count(rows[slot].Document!, formerCounts);
        foreach (var postings in formerCounts.Keys) Drop(postings, slot);
        TotalLength -= rows[slot].Length;
        Unrank(slot);
        rows[slot] = default;
        free.Push(slot);
        return true;
    }

    /// <returns>The slot of a document that is new, which has no rank yet; null: it replaces another.</returns>
    private int? Write(SearchDocument document)
    {
        int length = Count(document, counts);
        bool isNew = !slots.TryGetValue(document.Id, out int slot);
        if (isNew)
        {
            slot = NewSlot();
            slots.Add(document.Id, slot);
        }
        else
        {
            Count(rows[slot].Document!, formerCounts);
            foreach (var postings in formerCounts.Keys)
            {
                if (!counts.ContainsKey(postings)) Drop(postings, slot);
            }
        }

        foreach (var (postings, count) in counts) postings.Set(slot, count);
        TotalLength += length - rows[slot].Length;
        rows[slot] = new Row
        {
            Document = document,
            PriceMicros = document.PriceMicros,
            IdHash = IdProbe.Hash(document.Id),
            Category = CategoryOf(document.Category),
            Length = length,
            Rank = rows[slot].Rank,
        };
        return isNew ? slot : null;
    }

    private int NewSlot()
    {
        if (free.TryPop(out int slot)) return slot;
        if (Bound == Search.Postings.MaxSlots) throw new InvalidOperationException($"The index holds at most {Search.Postings.MaxSlots} documents.");
        if (Bound == rows.Length) Array.Resize(ref rows, Math.Max(16, Bound + Bound / 2));
        return Bound++;
    }

    private void Drop(Postings postings, int slot)
    {
        postings.Remove(slot);
        if (postings.Entries.IsEmpty) terms.Remove(postings.Term);
    }

    /// <returns>The document's length, weighted as its terms are.</returns>
    private int Count(SearchDocument document, Dictionary<Postings, int> into)
    {
        into.Clear();
        int length = 0;
        CountField(document.Name, Relevance.NameWeight);
        CountField(document.Category, Relevance.CategoryWeight);
        CountField(document.Description, Relevance.DescriptionWeight);
        return length;

        void CountField(string text, int weight) => Tokenizer.Read(text, (term, kind) =>
        {
            if (!termsBySpan.TryGetValue(term, out var postings)) termsBySpan[term] = postings = new Postings(term.ToString());
            into[postings] = into.GetValueOrDefault(postings) + weight;
            if (kind != TermKind.Inner) length += weight;
        });
    }

    private int CategoryOf(string name)
    {
        categories.TryAdd(name, categories.Count);
        return categories[name];
    }

    private void RankAll()
    {
        slotsById.AddRange(slots.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value));
        for (int rank = 0; rank < slotsById.Count; rank++) rows[slotsById[rank]].Rank = rank;
    }

    private void Rank(int slot)
    {
        int rank = ~slotsById.BinarySearch(slot, Comparer<int>.Create((x, y) => string.CompareOrdinal(rows[x].Document!.Id, rows[y].Document!.Id)));
        for (int other = 0; other < Bound; other++)
        {
            if (rows[other].Rank >= rank) rows[other].Rank++;
        }

        rows[slot].Rank = rank;
        slotsById.Insert(rank, slot);
    }

    private void Unrank(int slot)
    {
        int rank = rows[slot].Rank;
        for (int other = 0; other < Bound; other++)
        {
            if (rows[other].Rank > rank) rows[other].Rank--;
        }

        slotsById.RemoveAt(rank);
    }
}
