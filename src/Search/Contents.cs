namespace Agora.Search;

/// <summary>One document, in numbers that a search reads; the default is a free slot.</summary>
internal struct Row
{
    public SearchDocument? Document;
    public long PriceMicros;
    public int IdHash;
    public int Category;
    public int Provider;
    public int Group;
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
    private readonly Dictionary<string, Postings> _terms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Postings>.AlternateLookup<ReadOnlySpan<char>> _termsBySpan;
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = [];
    private readonly List<int> _slotsById = [];
    private volatile int[]? _slotsByIdNow;

    // One document's terms, counted; kept for the next one.
    private readonly Dictionary<Postings, int> _counts = [];
    private readonly Dictionary<Postings, int> _formerCounts = [];
    private Row[] _rows = [];

    public Contents() => _termsBySpan = _terms.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Live => _slots.Count;

    /// <summary>All slots are below it.</summary>
    public int Bound { get; private set; }

    public long TotalLength { get; private set; }

    public Column<string> Categories { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Column<string> Providers { get; } = new(StringComparer.Ordinal);

    public Column<object> Groups { get; } = new(EqualityComparer<object>.Default);

    public PriceBits Prices { get; } = new();

    /// <summary>What a listing finds: every slot that holds a document.</summary>
    public Postings All { get; } = new("");

    public Row[] Rows => _rows;

    /// <summary>Of several with one id the last counts.</summary>
    public static Contents Of(IEnumerable<SearchDocument> documents)
    {
        var contents = new Contents();
        foreach (var document in documents) contents.Write(document);
        contents.RankAll();
        foreach (var postings in contents._terms.Values) postings.Trim();
        return contents;
    }

    /// <summary>All slots that hold a document, in the order of ids.</summary>
    public int[] SlotsById => _slotsByIdNow ??= [.. _slotsById];

    public int? SlotOf(string id) => _slots.TryGetValue(id, out int slot) ? slot : null;

    public Postings? Find(string term) => _terms.GetValueOrDefault(term);

    public void Put(SearchDocument document)
    {
        if (Write(document) is { } slot)
        {
            Rank(slot);
        }
    }

    /// <returns>Whether there is such a document.</returns>
    public bool Group(string id, object group)
    {
        if (SlotOf(id) is not { } slot) return false;

        _rows[slot].Group = Groups.Replace(slot, _rows[slot].Group, group);
        return true;
    }

    public bool Remove(string id)
    {
        if (!_slots.Remove(id, out int slot)) return false;
        Count(_rows[slot].Document!, _formerCounts);
        foreach (var postings in _formerCounts.Keys) Drop(postings, slot);
        TotalLength -= _rows[slot].Length;
        All.Remove(slot);
        Categories.Remove(slot, _rows[slot].Category);
        Providers.Remove(slot, _rows[slot].Provider);
        Groups.Remove(slot, _rows[slot].Group);
        Unrank(slot);
        _rows[slot] = default;
        _free.Push(slot);
        return true;
    }

    /// <returns>The slot of a document that is new, which has no rank yet; null: it replaces another.</returns>
    private int? Write(SearchDocument document)
    {
        int length = Count(document, _counts);
        bool isNew = !_slots.TryGetValue(document.Id, out int slot);
        if (isNew)
        {
            slot = NewSlot();
            _slots.Add(document.Id, slot);
        }
        else
        {
            Count(_rows[slot].Document!, _formerCounts);
            foreach (var postings in _formerCounts.Keys)
            {
                if (!_counts.ContainsKey(postings))
                {
                    Drop(postings, slot);
                }
            }
        }

        foreach (var (postings, count) in _counts) postings.Set(slot, count);
        var former = _rows[slot];
        TotalLength += length - former.Length;
        All.Set(slot, 1);
        Prices.Set(slot, document.PriceMicros);
        int group = isNew ? Groups.Add(slot, document.Group) : Groups.Replace(slot, former.Group, document.Group);
        _rows[slot] = new Row
        {
            Document = ReferenceEquals(document.Group, Groups.ValueOf(group)) ? document : document with { Group = Groups.ValueOf(group) }, // one object for all that are equal
            PriceMicros = document.PriceMicros,
            IdHash = IdProbe.Hash(document.Id),
            Category = isNew ? Categories.Add(slot, document.Category) : Categories.Replace(slot, former.Category, document.Category),
            Provider = isNew ? Providers.Add(slot, document.Provider) : Providers.Replace(slot, former.Provider, document.Provider),
            Group = group,
            Length = length,
            Rank = former.Rank,
        };
        return isNew ? slot : null;
    }

    private int NewSlot()
    {
        if (_free.TryPop(out int slot)) return slot;
        if (Bound == Search.Postings.MaxSlots) throw new InvalidOperationException($"The index holds at most {Search.Postings.MaxSlots} documents.");
        if (Bound == _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(16, Bound + Bound / 2));
        }

        return Bound++;
    }

    private void Drop(Postings postings, int slot)
    {
        postings.Remove(slot);
        if (postings.Entries.IsEmpty)
        {
            _terms.Remove(postings.Term);
        }
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
            if (!_termsBySpan.TryGetValue(term, out var postings))
            {
                _termsBySpan[term] = postings = new Postings(term.ToString());
            }

            into[postings] = into.GetValueOrDefault(postings) + weight;
            if (kind != TermKind.Inner)
            {
                length += weight;
            }
        });
    }

    private void RankAll()
    {
        _slotsById.AddRange(_slots.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value));
        for (int rank = 0; rank < _slotsById.Count; rank++) _rows[_slotsById[rank]].Rank = rank;
    }

    private void Rank(int slot)
    {
        int rank = ~_slotsById.BinarySearch(slot, Comparer<int>.Create((x, y) => string.CompareOrdinal(_rows[x].Document!.Id, _rows[y].Document!.Id)));
        for (int other = 0; other < Bound; other++)
        {
            if (_rows[other].Rank >= rank)
            {
                _rows[other].Rank++;
            }
        }

        _rows[slot].Rank = rank;
        _slotsById.Insert(rank, slot);
        _slotsByIdNow = null;
    }

    private void Unrank(int slot)
    {
        int rank = _rows[slot].Rank;
        for (int other = 0; other < Bound; other++)
        {
            if (_rows[other].Rank > rank)
            {
                _rows[other].Rank--;
            }
        }

        _slotsById.RemoveAt(rank);
        _slotsByIdNow = null;
    }
}
