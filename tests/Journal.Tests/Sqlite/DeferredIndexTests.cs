using Agora.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>Orders that are kept behind the append: who asks finds all that was written, wherever it stands by then, and a process that ends in between loses none.</summary>
public sealed class DeferredIndexTests : IDisposable
{
    private static readonly TableShape Runs = new("runs", 2, [
        "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "requested_at", "settled_at",
        "operation", "endpoint", "request_summary", "response_status", "related_party", "provider", "payer", "source"]);

    private static readonly TableShape Audit = new("audit", 2, [
        "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at", "agent_id", "user_id"]);

    private static readonly Order[] Newest = [new("settled_at", Descending: true), new("run_id", Descending: true)];

    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("user_id", "u1")]
    [InlineData("agent_id", "a1")]
    [InlineData("campaign_id", "c1")]
    [InlineData("service_id", "s1")]
    [InlineData("provider", "w1")]
    [InlineData("payer", "p1")]
    [InlineData("source", "from 1")]
    [InlineData("amount_micros", 1L)]
    public async Task Pages_by_whose_they_are_hold_what_was_just_written_newest_first_and_nothing_of_others(string column, object value)
    {
        await using var journal = SqliteJournal.Open(_file.Options());
        for (var n = 0; n < 40; n++)
        {
            await journal.Write([Run("default", n, n % 2 == 0 ? "1" : "2"), Run("other", n, "1")], default);
        }

        var seen = new List<string>();
        for (object[]? after = null; ;)
        {
            var page = await journal.Query(Query("default", column, value) with { After = after, CountUpTo = 7 }, default);
            Assert.Equal(7, page.TotalCount);
            if (page.Rows.Count == 0) break;
            seen.AddRange(page.Rows.Select(row => (string)row.Values[1]!));
            after = [page.Rows[^1].Values[11]!, page.Rows[^1].Values[1]!];
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"run {2 * n:00}").Reverse(), seen);
    }

    [Fact]
    public async Task What_waited_when_the_process_ended_is_found_and_summed_once_by_the_next()
    {
        await using (var journal = SqliteJournal.Open(_file.Options(new StoppedClock())))
        {
            for (var n = 0; n < 10; n++) await journal.Write([Run("default", n, "1")], default);
        }

        Assert.True(Number("SELECT count(*) FROM runs_pending") > 0);
        await using (var journal = SqliteJournal.Open(_file.Options()))
        {
            Assert.Equal(10, (await journal.Query(Query("default", "user_id", "u1") with { Limit = 20 }, default)).Rows.Count);
            await journal.Write([Run("default", 3, "1")], default); // A row that comes twice is not written.
            Assert.Equal(10, (await journal.Query(Query("default", "user_id", "u1") with { Limit = 20 }, default)).Rows.Count);
        }

        Assert.Equal(0, Number("SELECT count(*) FROM runs_pending"));
        Assert.Equal(80, Number("SELECT count(*) FROM runs_index"));
        Assert.Equal(10, Number("SELECT payments FROM runs_days WHERE kind = ''"));
    }

    [Fact]
    public async Task Places_that_were_taken_before_an_end_are_taken_again_and_sums_are_not_added_twice()
    {
        await using (var journal = SqliteJournal.Open(_file.Options(new StoppedClock()))) await journal.Write([Run("default", 1, "1"), Run("default", 2, "1")], default);
        Do("CREATE TABLE waiting AS SELECT * FROM runs_pending");
        await using (var journal = SqliteJournal.Open(_file.Options())) await journal.Query(Query("default", "agent_id", "a1"), default);
        Do("INSERT INTO runs_pending SELECT * FROM waiting; DELETE FROM runs_days"); // As an end in between leaves it.

        await using (var journal = SqliteJournal.Open(_file.Options())) Assert.Equal(2, (await journal.Query(Query("default", "agent_id", "a1"), default)).Rows.Count);
        Assert.Equal(16, Number("SELECT count(*) FROM runs_index"));
        Assert.Equal(2, Number("SELECT payments FROM runs_days WHERE kind = 'agent_id'"));
    }

    [Fact]
    public async Task What_is_added_to_the_sums_no_longer_waits_from_the_same_moment_on()
    {
        await using (var journal = SqliteJournal.Open(_file.Options(new StoppedClock())))
        {
            await journal.Write([Run("default", 1, "1")], default);
            Do("CREATE TRIGGER stays BEFORE DELETE ON runs_pending BEGIN SELECT RAISE(ABORT, 'it stays'); END");
            await Assert.ThrowsAsync<SqliteException>(() => journal.Query(Query("default", "agent_id", "a1"), default));
            Do("DROP TRIGGER stays");
            Assert.Single((await journal.Query(Query("default", "agent_id", "a1"), default)).Rows);
        }

        Assert.Equal(1, Number("SELECT payments FROM runs_days WHERE kind = 'agent_id'"));
    }

    /// <summary>More than are brought to their places at a time.</summary>
    [Fact]
    public async Task However_much_waits_who_asks_finds_the_last_of_it()
    {
        const int Many = 16_384 + 1;
        await using var journal = SqliteJournal.Open(_file.Options(new StoppedClock()));
        await journal.Write([.. Enumerable.Range(0, Many).Select(n => Run("default", n, "1"))], default);
        Assert.Equal(Many, Number("SELECT count(*) FROM runs_pending"));

        var newest = (await journal.Query(Query("default", "user_id", "u1"), default)).Rows[0];
        Assert.Equal($"run {Many - 1}", newest.Values[1]);
        Assert.Equal(Many, Number("SELECT payments FROM runs_days WHERE kind = ''"));
    }

    [Fact]
    public async Task A_row_that_changes_moves_and_a_cleared_table_leaves_no_place_behind()
    {
        await using (var journal = SqliteJournal.Open(_file.Options()))
        {
            await journal.Write([Run("default", 1, "1")], default);
            await journal.Write([Run("default", 1, "2") with { Seq = 2 }], default);
            Assert.Empty((await journal.Query(Query("default", "user_id", "u1"), default)).Rows);
            Assert.Single((await journal.Query(Query("default", "user_id", "u2"), default)).Rows);
            await journal.Clear([Runs], default);
            Assert.Empty((await journal.Query(Query("default", "user_id", "u2"), default)).Rows);
        }

        Assert.Equal(0, Number("SELECT count(*) FROM runs_index"));
    }

    [Fact]
    public async Task Who_only_reads_finds_what_waits_too()
    {
        await using (var journal = SqliteJournal.Open(_file.Options(new StoppedClock()))) await journal.Write([Run("default", 1, "1")], default);
        await using var reading = SqliteJournal.Open(_file.Options() with { ReadOnly = true });
        Assert.Single((await reading.Query(Query("default", "user_id", "u1"), default)).Rows);
    }

    /// <summary>Of the statement that a page by whose they are is read with.</summary>
    [Fact]
    public async Task Pages_come_in_the_order_of_their_places_without_a_sort()
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = """
            EXPLAIN QUERY PLAN SELECT runs.state FROM runs_index AS place CROSS JOIN runs AS runs ON place.series = 1 AND runs.run_id = place.id
            WHERE "tenant" = 'default' AND "user_id" = 'u1' AND (place.at, place.id) < (5, 'f') ORDER BY place.at COLLATE BINARY DESC, place.id COLLATE BINARY DESC LIMIT 51
            """;
        var plan = new List<string>();
        using var rows = command.ExecuteReader();
        while (rows.Read()) plan.Add(rows.GetString(3));
        Assert.Collection(
            plan,
            place => Assert.Contains("USING PRIMARY KEY (series=? AND (at,id)<(?,?))", place, StringComparison.Ordinal),
            row => Assert.Contains("USING INDEX sqlite_autoindex_runs_1 (tenant=? AND run_id=?)", row, StringComparison.Ordinal)); // And no sort.
    }

    /// <summary>The whole audit has its order there too; what one session did has an index of its own.</summary>
    [Fact]
    public async Task Calls_wait_and_have_a_place_in_each_order_once_somebody_asks()
    {
        await using (var journal = SqliteJournal.Open(_file.Options(new StoppedClock())))
        {
            await journal.Write([new("s/1", 1, new(Audit, ["default", "a1", "session", "do_task", "POST /x", "", 200L, 5L, "g1", "u1"]))], default);
            Assert.Single((await journal.Query(Calls("session_id", "session"), default)).Rows);
            Assert.Equal((1, 0), (Number("SELECT count(*) FROM audit_pending"), Number("SELECT count(*) FROM audit_index")));
            foreach (var (column, value) in new (string, object)[] { ("tenant", "default"), ("user_id", "u1"), ("agent_id", "g1"), ("operation", "do_task"), ("response_status", 200L) })
            {
                Assert.Single((await journal.Query(Calls(column, value), default)).Rows);
            }
        }

        Assert.Equal((0, 5), (Number("SELECT count(*) FROM audit_pending"), Number("SELECT count(*) FROM audit_index")));
    }

    private static TableQuery Calls(string column, object value) => new(
        Audit, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("created_at", true), new("audit_id", true)], 0, 6) { CountUpTo = 0 };

    private static TableQuery Query(string tenant, string column, object value) =>
        new(Runs, [new("tenant", Comparison.Equal, tenant), new(column, Comparison.Equal, value)], Newest, 0, 6) { CountUpTo = 0 };

    private static OwnedUpsert Run(string tenant, int n, string whose) => new($"s/{tenant}/{n}", 1, new(Runs, [
        tenant, $"run {n:00}", "session", $"u{whose}", $"a{whose}", $"s{whose}", $"c{whose}", "succeeded", long.Parse(whose, System.Globalization.CultureInfo.InvariantCulture), $"payment {tenant} {n}", 10L + n, 20L + (n / 4), // Some end at one time.
        "run_service", "POST /run", "", 200L, 0L, $"w{whose}", $"p{whose}", $"from {whose}"]));

    private void Do(string sql)
    {
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Nothing is done in the background.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
