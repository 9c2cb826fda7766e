namespace Agora.Journal.Feed;

/// <summary>One look of a store behind a cursor.</summary>
/// <param name="Cursor">Of the last row that was looked at, or behind which nothing is missing.</param>
/// <param name="Positions">Of its rows.</param>
/// <param name="IsCutOff">The cursor's row is not there any more.</param>
/// <param name="HasMore">The window's bound was reached: the next look begins at once.</param>
/// <param name="Cut">Up to which position rows may be looked at.</param>
/// <param name="Top">The last position at which a row can be seen: above the cut, as long as a transaction before it is open.</param>
internal sealed record FeedLook(FeedCursor Cursor, IReadOnlyList<JournalRow> Rows, IReadOnlyList<long> Positions, bool IsCutOff = false, bool HasMore = false, long Cut = 0, long Top = 0)
{
    /// <summary>The same rows, or the first of them, which then are a window.</summary>
    public FeedLook With(IReadOnlyList<JournalRow> rows) =>
        rows == Rows ? this
        : rows.Count == Rows.Count ? this with { Rows = rows }
        : this with { Rows = rows, Cursor = new(new(Positions[rows.Count - 1], rows[^1].Stream, rows[^1].Seq), rows[^1].Hash), Positions = [.. Positions.Take(rows.Count)], HasMore = true };

    public static FeedLook CutOff { get; } = new(FeedCursor.Start, [], [], IsCutOff: true);
}

/// <summary>Fills a window from rows in order, where the store itself knows no kinds. It passes no more rows than it may have.</summary>
internal sealed class FeedFilling(FeedCursor after, FeedQuery query)
{
    private readonly List<JournalRow> _rows = [];
    private readonly List<long> _positions = [];
    private PlacedRow? _last;
    private long _bytes;
    private int _looked;

    private bool IsFull => _looked >= query.MostRows || _bytes >= query.MostBytes;

    /// <summary>False when the window was full before.</summary>
    public bool Add(PlacedRow placed, Func<ReadOnlyMemory<byte>> body)
    {
        if (IsFull) return false;
        _looked++;
        _last = placed;
        if (!query.IsOfKind(placed.Place.Stream)) return true;
        var bytes = body();
        _rows.Add(new JournalRow(placed.Place.Stream, placed.Place.Seq, placed.Hash, query.BodyBytes < bytes.Length ? bytes[..query.BodyBytes.Value] : bytes));
        _positions.Add(placed.Place.Position);
        _bytes += _rows[^1].Body.Length;
        return true;
    }

    public FeedLook Done() => new(_last is { } last ? new FeedCursor(last.Place, last.Hash) : after, _rows, _positions, HasMore: IsFull);
}
