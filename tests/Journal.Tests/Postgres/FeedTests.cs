using Agora.Journal.Postgres;
using Agora.Journal.Tests.Fakes;
using Agora.Testing.Postgres;
using Npgsql;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>The feed where it rests on PostgreSQL's transactions, locks and notifications.</summary>
public sealed class FeedTests
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    [PostgresFact]
    public async Task A_journal_that_tells_and_hears_ends_as_often_as_it_is_ended()
    {
        var journal = await PostgresJournal.Open(PostgresDatabase.Options(PostgresDatabase.Create()));
        await journal.Append([Append("t/s/1", StreamHead.Empty, Entry("a"))], false, default);
        await journal.DisposeAsync();

        await journal.DisposeAsync();
    }

    [PostgresFact]
    public async Task A_long_transaction_that_does_not_write_the_journal_holds_back_the_checkpoints_and_not_the_feed()
    {
        var (database, elsewhere) = (PostgresDatabase.Create(), PostgresDatabase.Create());
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var beside = await Begin(database, "CREATE TABLE big AS SELECT generate_series(1, 1000) AS id", "CREATE INDEX ON big (id)", "SELECT count(*) FROM journal");
        await using var outside = await Begin(elsewhere, "CREATE TABLE big (id integer)");
        var first = Append("t/s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);

        var (rows, windows) = await JournalConformance.Seen(journal, new FeedQuery(null) { Patience = Never }, 1).Soon();
        Assert.Equal(["a"], Said(rows));
        Assert.True((await journal.PlaceOf("t/s/1", 1, default))!.Place.Position > await journal.Cut(default));

        var waiting = JournalConformance.Seen(journal, new FeedQuery(windows[^1].Cursor) { Patience = Never }, 1);
        await journal.Append([Append("t/s/1", HeadAfter(first), Entry("b"))], false, default);
        Assert.Equal(["b"], Said((await waiting.Soon()).Rows));
    }

    [PostgresTheory]
    [InlineData("COMMIT", "first,second")]
    [InlineData("ROLLBACK", "second")]
    public async Task What_was_committed_behind_an_open_append_waits_for_its_end_of_which_nobody_tells(string end, string seen)
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var row = RowCodec.Next("t/s/slow", StreamHead.Empty, [Entry("first")]);
        await using var slow = await Begin(database, Insert(row));
        await journal.Append([Append("t/s/quick", StreamHead.Empty, Entry("second"))], false, default);
        Assert.Empty((await JournalConformance.Seen(journal, new FeedQuery(null), 0)).Rows);

        var waiting = JournalConformance.Seen(journal, new FeedQuery(null) { Patience = Never }, seen.Split(',').Length);
        await Execute(slow, end);
        Assert.Equal(seen.Split(','), Said((await waiting.Soon()).Rows));
    }

    [PostgresFact]
    public async Task Who_was_woken_and_found_an_open_append_before_the_row_looks_again_until_that_has_ended()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var slow = await Begin(database, Insert(RowCodec.Next("t/s/slow", StreamHead.Empty, [Entry("first")])));
        var waiting = JournalConformance.Seen(journal, new FeedQuery(null) { Patience = Never }, 2);
        PostgresServer.Execute(database, UntilListening);
        await journal.Append([Append("t/s/quick", StreamHead.Empty, Entry("second"))], false, default);
        PostgresServer.Execute(database, UntilLookedAgain);

        await Execute(slow, "COMMIT");
        Assert.Equal(["first", "second"], Said((await waiting.Soon()).Rows));
    }

    [PostgresFact]
    public async Task Who_waits_in_another_process_is_woken()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var other = await PostgresJournal.Open(PostgresDatabase.Options(database) with { ReadOnly = true });
        await using var following = other.Follow(new FeedQuery(null) { Patience = Never }, default).GetAsyncEnumerator();
        var head = StreamHead.Empty;
        foreach (var said in new[] { "a", "b", "c" })
        {
            var waiting = following.MoveNextAsync().AsTask();
            var append = Append("t/s/1", head, Entry(said));
            await journal.Append([append], false, default);
            head = HeadAfter(append);
            Assert.True(await waiting.Soon());
            Assert.Equal([said], Said(following.Current.Rows));
        }
    }

    [PostgresFact]
    public async Task Who_waits_is_woken_again_after_its_connection_was_lost()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var other = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var waiting = JournalConformance.Seen(other, new FeedQuery(null) { Patience = Never }, 1);
        PostgresServer.Execute(database, UntilListening);
        PostgresServer.Execute(database, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agora feed'");
        await journal.Append([Append("t/s/1", StreamHead.Empty, Entry("a"))], false, default);

        Assert.Equal(["a"], Said((await waiting.Soon()).Rows));
    }

    [PostgresFact]
    public async Task What_a_process_of_an_earlier_release_appends_is_seen_when_patience_is_over()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var waiting = JournalConformance.Seen(journal, new FeedQuery(null) { Patience = TimeSpan.FromMilliseconds(20) }, 1);
        PostgresServer.Execute(database, UntilListening);
        PostgresServer.Execute(database, Insert(RowCodec.Next("t/s/old", StreamHead.Empty, [Entry("a")])));

        Assert.Equal(["a"], Said((await waiting.Soon()).Rows));
    }

    [PostgresFact]
    public async Task Nothing_is_missing_and_nothing_comes_twice_while_processes_append_and_other_transactions_begin_and_end()
    {
        const int Streams = 4;
        const int RowsOfEach = 100;
        var database = PostgresDatabase.Create();
        PostgresServer.Execute(database, "CREATE TABLE beside (id integer)");
        IJournal[] processes = [await PostgresJournal.Open(PostgresDatabase.Options(database)), await PostgresJournal.Open(PostgresDatabase.Options(database))];
        await using var follower = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var following = JournalConformance.Seen(follower, new FeedQuery(null) { MostRows = 13 }, processes.Length * Streams * RowsOfEach);
        using var over = new CancellationTokenSource();
        var beside = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using var connection = PostgresServer.Connect(database);
            while (!over.IsCancellationRequested) await Execute(connection, "BEGIN; INSERT INTO beside VALUES (1); SELECT pg_sleep(0.002); COMMIT");
        })).ToList();
        await Task.WhenAll(processes.SelectMany((process, p) => Enumerable.Range(0, Streams).Select(n => Task.Run(async () =>
        {
            for (var head = StreamHead.Empty; head.Seq < RowsOfEach;)
            {
                var append = Append($"t/{p}/{n}", head, Entry($"{head.Seq}"));
                Assert.Equal([AppendOutcome.Written], await process.Append([append], false, default));
                head = HeadAfter(append);
            }
        }))));
        var (rows, _) = await following.Soon();
        await over.CancelAsync();
        await Task.WhenAll(beside);

        Assert.Equal(processes.Length * Streams * RowsOfEach, rows.DistinctBy(row => (row.Stream, row.Seq)).Count());
        var places = await Task.WhenAll(rows.Select(row => follower.PlaceOf(row.Stream, row.Seq, default)));
        Assert.Equal(places.Select(placed => placed!.Place).Order(), places.Select(placed => placed!.Place));
        foreach (var process in processes) await process.DisposeAsync();
    }

    internal static string Insert(JournalRow row) =>
        $"INSERT INTO journal (stream, seq, hash, body) VALUES ('{row.Stream}', {row.Seq}, '\\x{Convert.ToHexString(row.Hash.Span)}', '\\x{Convert.ToHexString(row.Body.Span)}')";

    /// <summary>Or until it is plain that nobody does.</summary>
    private const string UntilLookedAgain = """
        DO $$ DECLARE began timestamptz := clock_timestamp(); BEGIN
          WHILE clock_timestamp() < began + interval '3 s' AND NOT EXISTS (SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%journal_follow(%' AND state = 'idle' AND query_start > began) LOOP
            PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
          END LOOP;
        END $$
        """;

    private const string UntilListening = """
        DO $$ BEGIN
          WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle') LOOP
            PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
          END LOOP;
        END $$
        """;

    internal static async Task<NpgsqlConnection> Begin(string database, params IEnumerable<string> statements)
    {
        var connection = PostgresServer.Connect(database);
        await Execute(connection, "BEGIN");
        foreach (var statement in statements) await Execute(connection, statement);
        return connection;
    }

    internal static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
