using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Grains.Memories;

namespace Agora.Application.Memories;

/// <summary>
/// Memories in process: an owner's books are read at the first use, and what has happened in them since before each further one, so whatever another process wrote before is found here.
/// <para>Bounds. All shelves together have <see cref="Limits.MemoryIndexBytes"/>: with more, those that were used least lately are dropped, and read anew when they are wanted. So many books are opened at once, for each is decrypted.</para>
/// </summary>
internal sealed class MemoryIndex(MemoryLog log, long mostBytes = Limits.MemoryIndexBytes) : IMemorySearch, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MemoryOwner, LinkedListNode<Slot>> _slots = [];
    private readonly LinkedList<Slot> _lately = [];
    private readonly SemaphoreSlim _opening = new(Limits.MemoryBooksOpened);
    private long _bytes;

    /// <summary>Of all shelves.</summary>
    public long Bytes
    {
        get { lock (_lock) return _bytes; }
    }

    public Task<(IReadOnlyList<KeptMemory> Memories, int Total)> List(MemoryOwner owner, bool onlyPinned, int offset, int limit, CancellationToken cancel) =>
        Use(owner, wantsWords: false, shelf => shelf.List(onlyPinned, offset, limit), cancel);

    public Task<KeptMemory?> Find(MemoryOwner owner, Guid memoryId, CancellationToken cancel) => Use(owner, wantsWords: false, shelf => shelf.Find(memoryId), cancel);

    public Task<int?> BookOf(MemoryOwner owner, Guid memoryId, CancellationToken cancel) => Use(owner, wantsWords: false, shelf => shelf.BookOf(memoryId), cancel);

    public Task<FoundMemories> Nearest(MemoryOwner owner, string model, byte[] direction, int limit, CancellationToken cancel) =>
        Use(owner, wantsWords: false, shelf => shelf.Nearest(model, direction, limit), cancel);

    public Task<FoundMemories> ByWords(MemoryOwner owner, string query, int limit, CancellationToken cancel) => Use(owner, wantsWords: true, shelf => shelf.ByWords(query, limit), cancel);

    public Task<int> LastBook(MemoryOwner owner, CancellationToken cancel) => Use(owner, wantsWords: false, shelf => Math.Max(0, shelf.Books - 1), cancel);

    public void Dispose() => _opening.Dispose();

    private async Task<T> Use<T>(MemoryOwner owner, bool wantsWords, Func<MemoryShelf, T> use, CancellationToken cancel)
    {
        var slot = SlotOf(owner);
        await slot.Gate.WaitAsync(cancel);
        try
        {
            await (slot.Shelf.Books > 0 && (slot.Shelf.HasWords || !wantsWords) ? CatchUp(owner, slot.Shelf, cancel) : Open(owner, slot.Shelf, wantsWords, cancel));

            // What was decrypted before the key was destroyed is forgotten with it. Who has kept nothing is not looked up, for that would make a key.
            if (slot.Shelf.Books == 0 || !await log.IsErased(owner.Tenant, owner.UserId, cancel)) return use(slot.Shelf);

            Drop(slot);
            return use(Words(new()));
        }
        finally
        {
            Measure(slot);
            slot.Gate.Release();
        }
    }

    private async Task Open(MemoryOwner owner, MemoryShelf shelf, bool wantsWords, CancellationToken cancel)
    {
        await _opening.WaitAsync(cancel);
        try
        {
            await CatchUp(owner, shelf, cancel);
            if (wantsWords && !shelf.HasWords)
            {
                shelf.Load(await Texts(owner, shelf, cancel));
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task CatchUp(MemoryOwner owner, MemoryShelf shelf, CancellationToken cancel)
    {
        for (var book = 0; book < Limits.MemoryBooks && (book < shelf.Books || shelf.IsLastFull); book++)
        {
            await foreach (var row in log.Read(owner.Book(book), shelf.ReadTo(book), cancel))
            {
                shelf.Apply(book, new(row.Seq, row.At), row.Happened);
            }

            if (book >= shelf.Books) return; // the next one was not begun
        }
    }

    /// <summary>What each says by now; the shelf has caught up, and only what it has read is taken.</summary>
    private async Task<IEnumerable<(Guid, string)>> Texts(MemoryOwner owner, MemoryShelf shelf, CancellationToken cancel)
    {
        var texts = new Dictionary<Guid, string>();
        for (var book = 0; book < shelf.Books; book++)
        {
            await foreach (var row in log.Read(owner.Book(book), 0, cancel))
            {
                if (row.Seq > shelf.ReadTo(book)) break;

                switch (row.Happened)
                {
                    case MemoryEvent.Kept { Content: { } content } e:
                        texts[e.MemoryId] = content.Read<MemoryContent>()!.Text;
                        break;
                    case MemoryEvent.Edited { Content: { } content } e:
                        texts[e.MemoryId] = content.Read<MemoryContent>()!.Text;
                        break;
                    case MemoryEvent.Forgotten e:
                        texts.Remove(e.MemoryId);
                        break;
                }
            }
        }

        return texts.Select(static said => (said.Key, said.Value));
    }

    private static MemoryShelf Words(MemoryShelf empty)
    {
        empty.Load([]);
        return empty;
    }

    private Slot SlotOf(MemoryOwner owner)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(owner, out var known))
            {
                _lately.Remove(known);
                _lately.AddFirst(known);
                return known.Value;
            }

            return (_slots[owner] = _lately.AddFirst(new Slot(owner))).Value;
        }
    }

    private void Drop(Slot slot)
    {
        lock (_lock) Leave(slot);
    }

    /// <summary>One that is dropped while somebody uses it is that one's alone, and gone with the use.</summary>
    private void Measure(Slot slot)
    {
        lock (_lock)
        {
            if (!_slots.TryGetValue(slot.Owner, out var node) || node.Value != slot) return;

            _bytes += slot.Shelf.Bytes - slot.Bytes;
            slot.Bytes = slot.Shelf.Bytes;
            while (_bytes > mostBytes && _lately.Last is { } least && least.Value != slot) Leave(least.Value);
        }
    }

    private void Leave(Slot slot)
    {
        if (!_slots.TryGetValue(slot.Owner, out var node) || node.Value != slot) return;

        _slots.Remove(slot.Owner);
        _lately.Remove(node);
        _bytes -= slot.Bytes;
    }

    private sealed class Slot(MemoryOwner owner)
    {
        public MemoryOwner Owner { get; } = owner;

        public SemaphoreSlim Gate { get; } = new(1);

        public MemoryShelf Shelf { get; } = new();

        /// <summary>As they were counted.</summary>
        public long Bytes { get; set; }
    }
}
