namespace Agora.Journal.Feed;

/// <summary>What is to be read of a stream: so many rows, or as many as there are below the cut.</summary>
internal readonly record struct StreamPage(string Stream, long FromSeq, int Rows);

/// <summary>A row without its body, and how many bytes that has.</summary>
internal readonly record struct MeasuredRow(PlacedRow Placed, long Bytes);

/// <summary>
/// Fills a window from named streams. A store tells it with which row each stream goes on behind the cursor, reads the pages that it asks for, and at last
/// the bodies of <see cref="Rows"/> alone.
/// <para>InOrder: a row is taken when the next one of every other stream is known, or known to stand behind it.</para>
/// <para>Proportional: each page of a stream is twice as long as the one before, and is read when half of that one was taken. So what was read in vain is
/// <see cref="FirstPage"/> rows a stream and twice what is answered, at most.</para>
/// </summary>
/// <param name="firsts">The place of the first row behind the cursor, of each stream that has one.</param>
internal sealed class StreamMerge(FeedQuery query, IEnumerable<RowPlace> firsts)
{
    private const int FirstPage = 8;
    private const int LongestPage = 512;
    private const int PagesAtOnce = 64;

    private readonly PriorityQueue<Source, RowPlace> _sources = new(firsts.Select(static first => (new Source(first), first)));
    private readonly List<PlacedRow> _rows = [];
    private List<Source> _asked = [];
    private long _bytes;

    public IReadOnlyList<PlacedRow> Rows => _rows;

    private bool IsFull => _rows.Count >= query.MostRows || _bytes >= query.MostBytes;

    /// <summary>What it needs to go on; nothing when it has all.</summary>
    public IReadOnlyList<StreamPage> Missing()
    {
        while (!IsFull && _sources.TryPeek(out var source, out _) && source.Read.TryDequeue(out var row))
        {
            _rows.Add(row.Placed);
            _bytes += Math.Min(row.Bytes, query.BodyBytes ?? long.MaxValue);
            _sources.Dequeue();
            if (source.Next is { } next)
            {
                _sources.Enqueue(source, next);
            }
        }

        _asked = IsFull || _sources.Count == 0 ? [] : [.. FirstUnread(), .. _sources.UnorderedItems.Select(static item => item.Element).Where(static source => source.IsHalfTaken)];
        return [.. _asked.Select(static source => source.Page)];
    }

    /// <param name="pages">Of each page that was missing its rows.</param>
    public void Add(IReadOnlyList<IReadOnlyList<MeasuredRow>> pages)
    {
        foreach (var (source, page) in _asked.Zip(pages))
        {
            var isQueued = source.Read.Count > 0;
            source.Add(page);
            if (!isQueued && source.Next is { } next)
            {
                _sources.Enqueue(source, next);
            }
        }
    }

    /// <param name="end">The last row that can be seen; null: none, or it stands before the cursor.</param>
    /// <param name="bodies">Of <see cref="Rows"/>.</param>
    public FeedLook Done(FeedCursor after, PlacedRow? end, IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        var last = IsFull ? _rows[^1] : end?.Place.CompareTo(after.Place) > 0 ? end : null;
        return new FeedLook(
            last is null ? after : new FeedCursor(last.Place, last.Hash),
            [.. _rows.Zip(bodies, static (row, body) => new JournalRow(row.Place.Stream, row.Place.Seq, row.Hash, body))],
            [.. _rows.Select(static row => row.Place.Position)],
            HasMore: IsFull);
    }

    // Taken out: they are queued again by what is read.
    private IEnumerable<Source> FirstUnread()
    {
        for (var pages = 0; pages < PagesAtOnce && _sources.TryPeek(out var source, out _) && source.Read.Count == 0; pages++) yield return _sources.Dequeue();
    }

    private sealed class Source(RowPlace first)
    {
        private RowPlace? _unread = first; // Where what was not read begins, at the earliest.
        private int _pageRows = FirstPage;

        public Queue<MeasuredRow> Read { get; } = [];

        public bool IsHalfTaken => _unread is not null && Read.Count > 0 && Read.Count <= _pageRows / 4;

        public StreamPage Page => new(first.Stream, _unread!.Value.Seq, _pageRows);

        public RowPlace? Next => Read.TryPeek(out var row) ? row.Placed.Place : _unread;

        public void Add(IReadOnlyList<MeasuredRow> page)
        {
            foreach (var row in page) Read.Enqueue(row);
            _unread = page.Count < _pageRows ? null : page[^1].Placed.Place with { Seq = page[^1].Placed.Place.Seq + 1 };
            _pageRows = Math.Min(2 * _pageRows, LongestPage);
        }
    }
}
