using Agora.Journal.Feed;

namespace Agora.Journal.Sqlite;

/// <summary>One process appends, and what a reader sees is committed: the rowid is the order, and nothing waits for anything.</summary>
public sealed partial class SqliteJournal
{
    // A look takes a reading thread for some milliseconds at most; between two there is time for what else is read.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private const int MostPassed = 1_000;

    private readonly FeedSignal _appended = new();

    public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) =>
        new Follower(_appended, Pace, TimeProvider.System, (after, asked, stop) => _reads.Add(session => Look(session, after, asked), stop)).Follow(query, cancel);

    public Task<string> FeedEnd(CancellationToken cancel) =>
        _reads.Add(
            session => (session.First(
                "SELECT j.rowid, s.name, j.seq, j.hash FROM journal j JOIN streams s ON s.id = j.stream WHERE j.rowid = (SELECT max(rowid) FROM journal)",
                static row => new FeedCursor(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3))) ?? FeedCursor.Start).ToString(),
            cancel);

    private static FeedLook Look(SqliteSession session, FeedCursor after, FeedQuery query)
    {
        if (after.IsCutOff(Place(session, after.Place.Stream, after.Place.Seq))) return FeedLook.CutOff;
        var most = Math.Min(query.MostRows, MostPassed);
        var filling = new FeedFilling(after, query with { MostRows = most });
        using var rows = session.Query(
            "SELECT j.rowid, s.name, j.seq, j.hash, substr(j.body, 1, $2) FROM journal j JOIN streams s ON s.id = j.stream WHERE j.rowid > $0 ORDER BY j.rowid LIMIT $1",
            after.Place.Position, (long)most, query.BodyBytes ?? int.MaxValue);
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
}
