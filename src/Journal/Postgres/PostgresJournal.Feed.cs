using Agora.Journal.Feed;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// A look is one round trip; <c>sql/postgres/0015_feed.sql</c> says what its cut is, <c>0018_feed_passes_rows.sql</c> how it passes rows. Of named streams one that finds
/// rows asks for their pages and then for their bodies (<c>0033_feed_of_streams.sql</c>): what stands below the cut changes no more in between.
/// </summary>
public sealed partial class PostgresJournal
{
    private readonly FeedSignal _appended = new();
    private readonly PostgresWakes _wakes;

    public IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel)
    {
        _wakes.Hear();
        return new Follower(_appended, _bodies, PostgresWakes.Pace, TimeProvider.System, query.Streams is null ? Look : LookAtStreams).Follow(query, cancel);
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
                var positions = new List<long>();
                while (await reader.ReadAsync(cancel) && reader.IsDBNull(0))
                {
                    var hasBody = !reader.IsDBNull(6);
                    (position, last) = (reader.GetInt64(2), new JournalRow(reader.GetString(3), reader.GetInt64(4), Bytes(reader, 5), hasBody ? Bytes(reader, 6) : default));
                    if (hasBody)
                    {
                        rows.Add(last);
                        positions.Add(position);
                    }
                }

                if (reader.GetBoolean(0)) return FeedLook.CutOff;
                var cursor = last is null ? after : new FeedCursor(new RowPlace(position, last.Stream, last.Seq), last.Hash);
                return new FeedLook(cursor, rows, positions, HasMore: reader.GetBoolean(1), Cut: reader.GetInt64(2), Top: reader.IsDBNull(4) ? long.MinValue : reader.GetInt64(4));
            },
            cancel);

    private Task<FeedLook> LookAtStreams(FeedCursor after, FeedQuery query, CancellationToken cancel) =>
        Use(
            async connection =>
            {
                var (firsts, end, cut, top) = await Behind(connection, after, query.Streams!, cancel);
                if (cut is null) return FeedLook.CutOff;
                var merge = new StreamMerge(query, firsts);
                while (merge.Missing() is { Count: > 0 } pages) merge.Add(await Read(connection, pages, cut.Value, cancel));
                return merge.Done(after, end, await Bodies(connection, merge.Rows, query.BodyBytes, cancel)) with { Cut = cut.Value, Top = top };
            },
            cancel);

    /// <summary>No cut: the cursor's row is gone.</summary>
    private static async Task<(List<RowPlace> Firsts, PlacedRow? End, long? Cut, long Top)> Behind(NpgsqlConnection connection, FeedCursor after, IReadOnlyList<string> streams, CancellationToken cancel)
    {
        await using var command = Command(
            connection,
            "SELECT is_cut_off, tx, stream, seq, hash, cut, top FROM journal_behind($1, $2, $3, $4, $5)",
            PostgresColumns.Text([.. streams]),
            PostgresColumns.Number(after.Place.Position), PostgresColumns.Text(after.Place.Stream), PostgresColumns.Number(after.Place.Seq), PostgresColumns.Bytes(after.Hash));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var firsts = new List<RowPlace>();
        while (await reader.ReadAsync(cancel) && reader.IsDBNull(0)) firsts.Add(PlaceOf(reader));
        if (reader.GetBoolean(0)) return ([], null, null, 0);
        return (firsts, reader.IsDBNull(1) ? null : new PlacedRow(PlaceOf(reader), Bytes(reader, 4)), reader.GetInt64(5), reader.IsDBNull(6) ? long.MinValue : reader.GetInt64(6));

        static RowPlace PlaceOf(NpgsqlDataReader row) => new(row.GetInt64(1), row.GetString(2), row.GetInt64(3));
    }

    private static async Task<IReadOnlyList<IReadOnlyList<MeasuredRow>>> Read(NpgsqlConnection connection, IReadOnlyList<StreamPage> pages, long cut, CancellationToken cancel)
    {
        await using var command = Command(
            connection,
            "SELECT page, tx, seq, hash, bytes FROM journal_pages($1, $2, $3, $4)",
            PostgresColumns.Text([.. pages.Select(static page => page.Stream)]), PostgresColumns.Numbers([.. pages.Select(static page => page.FromSeq)]),
            PostgresColumns.Numbers([.. pages.Select(static page => (long)page.Rows)]), PostgresColumns.Number(cut));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var read = new List<MeasuredRow>[pages.Count];
        for (var i = 0; i < read.Length; i++) read[i] = [];
        while (await reader.ReadAsync(cancel))
        {
            var page = (int)reader.GetInt64(0) - 1;
            read[page].Add(new(new PlacedRow(new RowPlace(reader.GetInt64(1), pages[page].Stream, reader.GetInt64(2)), Bytes(reader, 3)), reader.GetInt64(4)));
        }

        return read;
    }

    private static async Task<List<ReadOnlyMemory<byte>>> Bodies(NpgsqlConnection connection, IReadOnlyList<PlacedRow> rows, int? bodyBytes, CancellationToken cancel)
    {
        var bodies = new List<ReadOnlyMemory<byte>>(rows.Count);
        if (rows.Count == 0) return bodies;
        await using var command = Command(
            connection,
            "SELECT journal_bodies($1, $2, $3)",
            PostgresColumns.Text([.. rows.Select(static row => row.Place.Stream)]), PostgresColumns.Numbers([.. rows.Select(static row => row.Place.Seq)]), PostgresColumns.NumberOrNull(bodyBytes));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) bodies.Add(Bytes(reader, 0));
        return bodies;
    }
}
