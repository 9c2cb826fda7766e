using System.Text.Json;
using Agora.Journal.Feed;

namespace Agora.Journal.Sqlite;

/// <summary>One process appends, and what a reader sees is committed: the rowid is the order, and nothing waits for anything.</summary>
public sealed partial class SqliteJournal
{
    // A look takes a reading thread for some milliseconds at most; between two there is time for what else is read.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private const int MostPassed = 1_000;

    // The kind of the row's stream, between slashes. Bodies of rows of other kinds are not read, because they would be most of the cost.
    private const string KindOf = "substr(s.name, instr(s.name, '/'), 1 + instr(substr(s.name, 1 + instr(s.name, '/')), '/'))";

    private readonly FeedSignal _appended = new();

    public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) =>
        new Follower(_appended, _bodies, Pace, TimeProvider.System, (after, asked, stop) => _reads.Add(session => Look(session, after, asked), stop)).Follow(query, cancel);

    public Task<string> FeedEnd(CancellationToken cancel) =>
        _reads.Add(session => (End(session) is { } last ? new FeedCursor(last.Place, last.Hash) : FeedCursor.Start).ToString(), cancel);

    private static FeedLook Look(SqliteSession session, FeedCursor after, FeedQuery query)
    {
        if (after.IsCutOff(Place(session, after.Place.Stream, after.Place.Seq))) return FeedLook.CutOff;
        if (query.Streams is { } streams) return Look(session, after, query, streams);
        var most = Math.Min(query.MostRows, MostPassed);
        var filling = new FeedFilling(after, query with { MostRows = most });
        using var rows = session.Query(
            $"SELECT j.rowid, s.name, j.seq, j.hash, CASE WHEN $3 = '' OR instr($3, {KindOf}) > 0 THEN coalesce(substr(j.body, 1, $2), x'') END "
            + "FROM journal j JOIN streams s ON s.id = j.stream WHERE j.rowid > $0 ORDER BY j.rowid LIMIT $1",
            after.Place.Position, (long)most, query.BodyBytes ?? int.MaxValue, query.Kinds.Count == 0 ? "" : $"/{string.Join('/', query.Kinds)}/");
        while (rows.Read())
        {
            var row = rows;
            if (!filling.Add(new PlacedRow(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3)), () => Bytes(row, 4)))
            {
                break;
            }
        }

        return filling.Done();
    }

    // What was appended since the end was read waits for the next look.
    private static FeedLook Look(SqliteSession session, FeedCursor after, FeedQuery query, IReadOnlyList<string> streams)
    {
        if (End(session) is not { } end) return new FeedLook(after, [], []);
        var merge = new StreamMerge(query, session.List(
            "SELECT j.rowid, n.value, j.seq FROM json_each($0) n CROSS JOIN streams s ON s.name = n.value CROSS JOIN journal j "
            + "ON j.stream = s.id AND j.seq = (SELECT max(seq) FROM journal WHERE stream = s.id) WHERE j.rowid > $1",
            static row => new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), JsonSerializer.Serialize(streams), after.Place.Position)
            .ConvertAll(head => First(session, head, after.Place.Position)));
        while (merge.Missing() is { Count: > 0 } pages) merge.Add([.. pages.Select(page => Read(session, page, end.Place.Position))]);
        return merge.Done(after, end, merge.Rows.Select(row => session.First(
            "SELECT coalesce(substr(body, 1, $1), x'') FROM journal WHERE rowid = $0", static body => (ReadOnlyMemory<byte>)Bytes(body, 0), row.Place.Position, query.BodyBytes ?? int.MaxValue)));
    }

    /// <summary>The first row of a stream behind a position, from its last on: as many searches as the number of those between has bits, twice.</summary>
    private static RowPlace First(SqliteSession session, RowPlace last, long position)
    {
        var first = last;
        var before = 0L;
        for (var step = 1L; first.Seq - before > 1; step *= 2)
        {
            var seq = before > 0 ? before + ((first.Seq - before) / 2) : Math.Max(1, first.Seq - step);
            var rowid = session.First("SELECT rowid FROM journal WHERE stream = (SELECT id FROM streams WHERE name = $0) AND seq = $1", static row => row.GetInt64(0), last.Stream, seq);
            if (rowid > position)
                first = first with { Position = rowid, Seq = seq };
            else
                before = seq;
        }

        return first;
    }

    private static List<MeasuredRow> Read(SqliteSession session, StreamPage page, long upTo) =>
        session.List(
            "SELECT rowid, seq, hash, length(body) FROM journal WHERE stream = (SELECT id FROM streams WHERE name = $0) AND seq >= $1 AND +rowid <= $3 ORDER BY seq LIMIT $2",
            row => new MeasuredRow(new PlacedRow(new RowPlace(row.GetInt64(0), page.Stream, row.GetInt64(1)), Bytes(row, 2)), row.GetInt64(3)),
            page.Stream, page.FromSeq, (long)page.Rows, upTo);

    private static PlacedRow? End(SqliteSession session) =>
        session.First(
            "SELECT j.rowid, s.name, j.seq, j.hash FROM journal j JOIN streams s ON s.id = j.stream WHERE j.rowid = (SELECT max(rowid) FROM journal)",
            static row => new PlacedRow(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3)));
}
