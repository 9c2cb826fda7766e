using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Search;

namespace Agora.Application.Memories;

/// <summary>One owner's memories, as far as their books were read: where each stands, its vector, and its words where somebody has searched by them. It follows from the journal alone. For one thread at a time.</summary>
internal sealed class MemoryShelf
{
    /// <summary>Of one that is empty, and of each memory besides vector and words.</summary>
    private const long OwnBytes = 2_048, BytesOfMemory = 512;

    /// <summary>What an index by words takes for a character.</summary>
    private const long BytesOfCharacter = 10;

    /// <summary>The longest text in the longest form of JSON, and the longest vector.</summary>
    private const int LongestContent = (6 * Limits.MemoryLength) + (2 * Limits.MemoryDimensions);

    private readonly Dictionary<Guid, KeptMemory> _memories = [];
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _byTime = [];
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _pinned = [];
    private readonly Dictionary<(string Model, int Dimensions), VectorSet> _vectors = [];
    private readonly Dictionary<Guid, int> _forgotten = [];
    private readonly List<BookRead> _books = [];
    private SearchIndex? _words;
    private readonly Dictionary<Guid, int> _characters = [];
    private long _allCharacters;

    public long Bytes => OwnBytes + ((_memories.Count + _forgotten.Count) * BytesOfMemory) + _vectors.Values.Sum(static set => set.Bytes) + (_allCharacters * BytesOfCharacter);

    /// <summary>Books that were begun.</summary>
    public int Books => _books.Count;

    public bool HasWords => _words is not null;

    /// <summary>The row up to which a book was read.</summary>
    public long ReadTo(int book) => book < _books.Count ? _books[book].Seq : 0;

    /// <summary>Whether a further one may have been begun.</summary>
    public bool IsLastFull => _books.Count == 0 || _books[^1] is { Kept: >= Limits.MemoriesOfBook } or { Bytes: > (Limits.MemoryBookBytes / 2) - LongestContent };

    /// <summary>Also of one that was forgotten.</summary>
    public int? BookOf(Guid memoryId) => Find(memoryId)?.Book ?? (_forgotten.TryGetValue(memoryId, out var book) ? book : null);

    public KeptMemory? Find(Guid memoryId) => _memories.GetValueOrDefault(memoryId);

    public (IReadOnlyList<KeptMemory> Memories, int Total) List(bool onlyPinned, int offset, int limit)
    {
        var listed = onlyPinned ? _pinned : _byTime;
        return ([.. listed.Reverse().Skip(offset).Take(limit).Select(place => _memories[place.Id])], listed.Count);
    }

    public FoundMemories Nearest(string model, byte[] direction, int limit)
    {
        var set = _vectors.GetValueOrDefault((model, direction.Length));
        return new(Pinned(), set is null ? [] : [.. set.Nearest(direction, limit, id => !_memories[id].Pinned).Select(near => (_memories[near.Id], near.Cosine))], _memories.Count - (set?.Count ?? 0));
    }

    public FoundMemories ByWords(string query, int limit)
    {
        var best = _words!.Search(new() { Text = query, Limit = limit + _pinned.Count < SearchQuery.MaxLimit ? limit + _pinned.Count : SearchQuery.MaxLimit }).Hits;
        return new(Pinned(), [.. best.Select(hit => (_memories[Guid.ParseExact(hit.Id, "N")], hit.Relevance)).Where(hit => !hit.Item1.Pinned).Take(limit)], 0);
    }

    /// <summary>The words of all that is here, and of what comes.</summary>
    public void Load(IEnumerable<(Guid MemoryId, string Text)> texts)
    {
        _words = new();
        _words.Load(texts.Where(said => _memories.ContainsKey(said.MemoryId)).Select(said =>
        {
            Count(said.MemoryId, said.Text.Length);
            return Document(said.MemoryId, said.Text);
        }));
    }

    public void Apply(int book, MemoryPlace place, MemoryEvent happened)
    {
        while (_books.Count <= book)
        {
            _books.Add(default);
        }

        var before = _books[book];
        _books[book] = before with { Seq = place.Seq };
        switch (happened)
        {
            case MemoryEvent.Kept e:
                _books[book] = new(place.Seq, before.Kept + 1, before.Bytes + e.Bytes);
                Put(new(e.MemoryId, book, place.Seq, e.Pinned, e.Model, e.Source, place.At, place.At), e.Content);
                break;
            case MemoryEvent.Edited e:
                _books[book] = before with { Seq = place.Seq, Bytes = before.Bytes + e.Bytes };
                if (Find(e.MemoryId) is { } edited)
                {
                    Put(edited with { Seq = place.Seq, Pinned = e.Pinned, Model = e.Model, UpdatedAt = place.At }, e.Content);
                }

                break;
            case MemoryEvent.Moved e when Find(e.MemoryId) is { } moved:
                Place(moved with { Pinned = e.Pinned, UpdatedAt = place.At });
                break;
            case MemoryEvent.Forgotten e:
                Remove(e.MemoryId);
                _forgotten[e.MemoryId] = book;
                break;
        }
    }

    private IReadOnlyList<KeptMemory> Pinned() => [.. _pinned.Reverse().Take(Limits.MemoriesPinnedFound).Select(place => _memories[place.Id])];

    private void Put(KeptMemory memory, Personal? sealedContent)
    {
        Remove(memory.MemoryId);
        if (sealedContent?.Read<MemoryContent>() is not { } content) return;

        var vector = memory.Model is null ? null : content.Vector;
        Place(memory with { Model = vector is null ? null : memory.Model });
        if (vector is not null)
        {
            var of = (memory.Model!, vector.Length);
            if (!_vectors.TryGetValue(of, out var set))
            {
                _vectors.Add(of, set = new(vector.Length));
            }

            set.Put(memory.MemoryId, vector);
        }

        if (_words is not null)
        {
            Count(memory.MemoryId, content.Text.Length);
            _words.Upsert(Document(memory.MemoryId, content.Text));
        }
    }

    private void Place(KeptMemory memory)
    {
        _memories[memory.MemoryId] = memory;
        var at = (memory.CreatedAt, memory.MemoryId);
        _byTime.Add(at);
        _ = memory.Pinned ? _pinned.Add(at) : _pinned.Remove(at);
    }

    private void Remove(Guid memoryId)
    {
        if (!_memories.Remove(memoryId, out var memory)) return;

        _byTime.Remove((memory.CreatedAt, memoryId));
        _pinned.Remove((memory.CreatedAt, memoryId));
        foreach (var set in _vectors.Values)
        {
            set.Remove(memoryId);
        }

        Count(memoryId, 0);
        _words?.Remove(memoryId.ToString("N"));
    }

    private void Count(Guid memoryId, int characters)
    {
        _allCharacters += characters - _characters.GetValueOrDefault(memoryId);
        _characters[memoryId] = characters;
        if (characters == 0)
        {
            _characters.Remove(memoryId);
        }
    }

    private static SearchDocument Document(Guid memoryId, string text) => new(memoryId.ToString("N"), "", text, "", 0);

    private readonly record struct BookRead(long Seq, int Kept, long Bytes);
}

/// <summary>Where and when something happened in a book.</summary>
internal readonly record struct MemoryPlace(long Seq, DateTimeOffset At);
