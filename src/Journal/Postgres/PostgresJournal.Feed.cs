using Agora.Journal.Feed;

namespace Agora.Journal.Postgres;

/// <summary>A look is one round trip; <c>sql/postgres/0015_feed.sql</c> says what its cut is, <c>0018_feed_passes_rows.sql</c> how it passes rows.</summary>
public sealed partial class PostgresJournal
{
    private readonly FeedSignal _appended = new();
    private readonly PostgresWakes _wakes;

    public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel)
    {
        _wakes.Hear();
        return new Follower(_appended, PostgresWakes.Pace, TimeProvider.System, Look).Follow(query, cancel);
    }

    public async Task<string> FeedEnd(CancellationToken cancel) =>
        (await First(
            "SELECT tx, stream, seq, hash FROM journal_feed_end()",
            static row => new FeedCursor(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3)), cancel) ?? FeedCursor.Start).ToString();

    private Task<FeedLook> Look(FeedCursor after, FeedQuery query, CancellationToken cancel) =>
        Use(
            async connection =>
            {
                await using var command = Command(
                    connection,
                    "SELECT is_cut_off, has_more, tx, stream, seq, hash, body FROM journal_follow($1, $2, $3, $4, $5, $6, $7, $8)",
                    PostgresColumns.Number(after.Place.Position), PostgresColumns.Text(after.Place.Stream), PostgresColumns.Number(after.Place.Seq), PostgresColumns.Bytes(after.Hash),
                    PostgresColumns.TextOrNull([.. query.Kinds]), PostgresColumns.Number(query.MostRows), PostgresColumns.Number(query.MostBytes), PostgresColumns.NumberOrNull(query.BodyBytes));
                await using var reader = await command.ExecuteReaderAsync(cancel);
                var (position, last, rows) = (after.Place.Position, (JournalRow?)null, new List<JournalRow>());
                while (await reader.ReadAsync(cancel) && reader.IsDBNull(0))
                {
                    var hasBody = !reader.IsDBNull(6);
                    (position, last) = (reader.GetInt64(2), new JournalRow(reader.GetString(3), reader.GetInt64(4), Bytes(reader, 5), hasBody ? Bytes(reader, 6) : default));
                    if (hasBody)
                    {
                        rows.Add(last);
                    }
                }

                if (reader.GetBoolean(0)) return FeedLook.CutOff;
                var cursor = last is null ? after : new FeedCursor(new RowPlace(position, last.Stream, last.Seq), last.Hash);
                return new FeedLook(cursor, rows, HasMore: reader.GetBoolean(1), Cut: reader.GetInt64(2), Top: reader.IsDBNull(4) ? long.MinValue : reader.GetInt64(4));
            },
            cancel);
}
