using Agora.Journal.Postgres;
using Agora.Journal.Tests.Fakes;
using Agora.Testing.Postgres;
using Npgsql;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>What a look reads of the journal, by PostgreSQL's own count, and how it passes what it does not answer.</summary>
public sealed class FeedCostTests
{
    private const int EachWanted = 8;
    private const int SortedAtOnce = 32; // Rows that PostgreSQL gathers before it sorts a few transactions.
    private const int Transactions = 1_000;
    private const int OfOneTransaction = 10;
    private const int AtItsEnds = 5 * OfOneTransaction;

    private const string Unnumbered = "INSERT INTO journal (stream, seq, hash, body, tx) SELECT 't/old/' || i, 1, '\\x00', '\\x00', 0 FROM generate_series(1, 20000) i";

    private const string Numbered = """
        UPDATE journal_numbering SET shift = 1000000;
        INSERT INTO journal (stream, seq, hash, body, tx)
        SELECT 't/' || CASE WHEN i % 8 = 0 THEN 'wanted' ELSE 'other' END || '/' || i, 1, '\x00', decode(repeat('00', 1000), 'hex'), 1 + i / 10 FROM generate_series(0, 19999) i
        """;

    // One row in five is of twenty streams, each in its turn: of 250 rows each.
    private const string Talk = """
        UPDATE journal_numbering SET shift = 1000000;
        INSERT INTO journal (stream, seq, hash, body, tx)
        SELECT CASE WHEN i % 5 = 0 THEN 't/wanted/' || i / 5 % 20 ELSE 't/other/' || i END, CASE WHEN i % 5 = 0 THEN 1 + i / 100 ELSE 1 END, '\x00', decode(repeat('00', 1000), 'hex'), 1 + i
        FROM generate_series(0, 24999) i
        """;

    [PostgresTheory]
    [InlineData(Numbered)]
    [InlineData(Numbered, "ANALYZE journal")]
    [InlineData(Unnumbered, "ANALYZE journal", Numbered)] // All that the statistics know has one number.
    public async Task A_look_reads_what_it_passes_once_and_nothing_behind_its_window(params string[] statements)
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        foreach (var statement in statements)
        {
            PostgresServer.Execute(database, statement);
        }

        foreach (var plan in new[] { "force_custom_plan", "force_generic_plan" })
        {
            foreach (var after in new[] { 1, 250, 900 })
            {
                Assert.InRange(await Reads(database, plan, after, "wanted", mostRows: 100, mostBytes: 1 << 20), 0, (EachWanted * (100 + SortedAtOnce)) + AtItsEnds);
                Assert.InRange(await Reads(database, plan, after, "wanted", mostRows: 100, mostBytes: 4_000), 0, (EachWanted * (4 + SortedAtOnce)) + AtItsEnds);
                Assert.InRange(await Reads(database, plan, after, "none", mostRows: 100, mostBytes: 1 << 20), 0, (Transactions * OfOneTransaction) + AtItsEnds);
            }
        }
    }

    [PostgresFact]
    public async Task Rows_without_a_number_come_first_and_windows_end_within_transactions_and_between_them()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        for (var i = 0; i < 12; i++)
        {
            var appends = Enumerable.Range(0, 1 + (i % 5)).Select(n => Append($"t/{"abc"[n % 3]}/{n} {i}", StreamHead.Empty, Entry($"{i}"))).ToList();
            await journal.Append(appends, false, default);
        }

        PostgresServer.Execute(database, "UPDATE journal SET tx = 0 WHERE tx <= (SELECT tx FROM journal ORDER BY tx OFFSET 15 LIMIT 1)");
        var placed = await journal.Placed(RowPlace.Start, long.MaxValue, 1_000, default);
        Assert.Contains(placed, row => row.Place.Position == 0);
        foreach (var kinds in new string[][] { [], ["a"], ["b", "c"], ["none"] })
        {
            var expected = placed.Select(row => row.Place.Stream).Where(stream => kinds.Length == 0 || kinds.Contains(stream.Split('/')[1])).ToList();
            foreach (var most in new[] { 1, 2, 3, 5, 16, 1_000 })
            {
                var query = new FeedQuery(null, kinds) { MostRows = most };
                var (rows, windows) = await JournalConformance.Seen(journal, query, expected.Count).Soon();
                Assert.Equal(expected, rows.Select(row => row.Stream));
                Assert.All(windows, window => Assert.InRange(window.Rows.Count, 0, most));
            }
        }
    }

    [PostgresTheory]
    [InlineData(Talk)]
    [InlineData(Talk, "ANALYZE journal")]
    [InlineData(Unnumbered, "ANALYZE journal", Talk)]
    public async Task A_look_at_streams_reads_a_few_rows_of_each_and_none_of_others(params string[] statements)
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        foreach (var statement in statements) PostgresServer.Execute(database, statement);

        foreach (var plan in new[] { "force_custom_plan", "force_generic_plan" })
        {
            Assert.InRange(await ReadsOfStreams(database, plan, after: 99, firsts: 20), 0, AtItsEnds + (20 * (1 + (2 * 9))));
            Assert.InRange(await ReadsOfStreams(database, plan, after: 24_899, firsts: 20), 0, AtItsEnds + (20 * (1 + (2 * 3))));
            Assert.InRange(await ReadsOfStreams(database, plan, after: 24_999, firsts: 0), 0, AtItsEnds + 20);
        }
    }

    [PostgresFact]
    public async Task Of_streams_rows_without_a_number_come_first_and_what_an_open_append_holds_back_comes_after_its_end()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var heads = new Dictionary<string, StreamHead>();
        for (var i = 0; i < 12; i++)
        {
            var appends = Enumerable.Range(0, 1 + (i % 3)).Select(n => Append($"t/s/{n}", heads.GetValueOrDefault($"t/s/{n}", StreamHead.Empty), Entry($"{n} {i}"))).ToList();
            await journal.Append(appends, false, default);
            foreach (var append in appends) heads[append.Stream] = HeadAfter(append);
        }

        PostgresServer.Execute(database, "UPDATE journal SET tx = 0 WHERE tx <= (SELECT tx FROM journal ORDER BY tx OFFSET 9 LIMIT 1)");
        await using var slow = await FeedTests.Begin(database, FeedTests.Insert(RowCodec.Next("t/s/slow", StreamHead.Empty, [Entry("slow")])));
        await journal.Append([Append("t/s/2", heads["t/s/2"], Entry("behind"))], false, default);
        var below = (await journal.Placed(RowPlace.Start, long.MaxValue, 1_000, default)).SkipLast(1).Select(row => row.Place).ToList();
        Assert.Contains(below, place => place.Position == 0);
        Assert.Contains(below, place => place.Position > 0);

        string[] streams = ["t/s/2", "t/s/1", "t/s/slow"];
        foreach (var most in new[] { 1, 4, 1_000 })
        {
            var (rows, windows) = await JournalConformance.Seen(journal, new FeedQuery(null) { Streams = streams, MostRows = most }, 0);
            Assert.Equal(below.Where(place => streams.Contains(place.Stream)).Select(place => (place.Stream, place.Seq)), rows.Select(row => (row.Stream, row.Seq)));
            Assert.Equal(await journal.FeedEnd(default), windows[^1].Cursor);
        }

        var behind = JournalConformance.Seen(journal, new FeedQuery(await journal.FeedEnd(default)) { Streams = streams, Patience = TimeSpan.FromDays(1) }, 2);
        await FeedTests.Execute(slow, "COMMIT");
        Assert.Equal(["slow", "behind"], Said((await behind.Soon()).Rows));
    }

    /// <summary>Rows of the journal that are read to find where twenty streams go on.</summary>
    private static async Task<long> ReadsOfStreams(string database, string plan, long after, int firsts)
    {
        PostgresServer.Execute(database, $"DROP TABLE IF EXISTS first; CREATE TABLE first AS SELECT tx, stream, seq, hash FROM journal WHERE tx = {after}");
        await using var connection = PostgresServer.Connect(database); // Of its own: it counts from nothing.
        await using var command = new NpgsqlCommand(
            $"""
            SET plan_cache_mode = {plan};
            SELECT count(*) FROM first, journal_behind((SELECT array_agg('t/wanted/' || n) FROM generate_series(0, 19) n), first.tx, first.stream, first.seq, first.hash) b WHERE b.is_cut_off IS NULL;
            SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'journal'
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal(firsts, reader.GetInt64(0));
        Assert.True(await reader.NextResultAsync() && await reader.ReadAsync());
        return reader.GetInt64(0);
    }

    /// <summary>Rows of the journal that one look reads, from the first row of a transaction on.</summary>
    private static async Task<long> Reads(string database, string plan, long afterTx, string kind, long mostRows, long mostBytes)
    {
        PostgresServer.Execute(database, $"DROP TABLE IF EXISTS first; CREATE TABLE first AS SELECT tx, stream, seq, hash FROM journal WHERE tx = {afterTx} ORDER BY stream LIMIT 1");
        await using var connection = PostgresServer.Connect(database); // Of its own: it counts from nothing.
        await using var command = new NpgsqlCommand(
            $"""
            SET plan_cache_mode = {plan};
            SELECT count(*) FROM first, journal_follow(first.tx, first.stream, first.seq, first.hash, ARRAY['{kind}'], {mostRows}, {mostBytes}, NULL);
            SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'journal'
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.True(reader.GetInt64(0) > (kind == "none" ? 1 : 4), "It found what it was to find.");
        Assert.True(await reader.NextResultAsync() && await reader.ReadAsync());
        return reader.GetInt64(0);
    }
}
