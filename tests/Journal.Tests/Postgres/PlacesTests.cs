using System.Globalization;
using Agora.Journal.Memory;
using Agora.Journal.Postgres;
using Agora.Testing.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Lists of runs and of the audit by whose they are, whose places stand in postings or wait for one. The reference says what each must hold.</summary>
public sealed class PlacesTests : IAsyncLifetime
{
    private const string Indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'runs'";

    private static readonly TableShape Runs = new("runs", 2, [
        "tenant", "run_id", "session_id", "user_id", "agent_id", "service_id", "campaign_id", "state", "amount_micros", "payment_id", "requested_at", "settled_at",
        "operation", "endpoint", "request_summary", "response_status", "related_party", "provider", "payer", "source"]);

    private static readonly TableShape Audit = new("audit", 2, [
        "tenant", "audit_id", "session_id", "operation", "endpoint", "request_summary", "response_status", "created_at", "agent_id", "user_id"]);

    private static readonly Order[] Newest = [new("settled_at", Descending: true), new("run_id", Descending: true)];

    private readonly MemoryJournal _reference = new(TimeProvider.System, _ => default);
    private readonly string _database = PostgresServer.Missing is null ? PostgresDatabase.Create() : "";
    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _reference.DisposeAsync().AsTask();

    public static TheoryData<string, object> Orders => new()
    {
        { "user_id", "u1" }, { "agent_id", "a1" }, { "campaign_id", "c1" }, { "service_id", "s1" }, { "provider", "w1" }, { "payer", "p1" }, { "source", "from 1" }, { "amount_micros", 1L },
    };

    [PostgresTheory]
    [MemberData(nameof(Orders))]
    public async Task A_list_has_what_was_just_committed_newest_first_wherever_its_places_are(string column, object value)
    {
        await using var journal = await Open();
        foreach (var taken in new[] { true, false, true, false })
        {
            await Write(journal, [.. Enumerable.Range(taken ? 0 : 30, 60).SelectMany(n => new[] { Run("default", n, n % 2 == 0 ? 1 : 2, 20 + (n / 4)), Run("other", n, 1, n) })]);
            await Compare(journal, Of(column, value));
            if (taken)
            {
                await journal.AddSums(default);
            }

            await Compare(journal, Of(column, value));
            await Pages(journal, Of(column, value));
        }
    }

    [PostgresTheory]
    [InlineData("user_id", "u1")]
    [InlineData("agent_id", "a1")]
    [InlineData("operation", "o1")]
    [InlineData("response_status", 201L)]
    public async Task A_list_of_the_audit_has_what_was_just_committed_newest_first_wherever_its_places_are(string column, object value)
    {
        await using var journal = await Open();
        foreach (var taken in new[] { true, false, true, false })
        {
            // A run of the same user at the same time, and another tenant's call.
            await Write(journal, [.. Enumerable.Range(taken ? 0 : 30, 60).SelectMany(n => new[] { Call("default", n, n % 2 == 0 ? 1 : 2, 20 + (n / 4)), Call("other", n, 1, n), Run("default", n, 1, n) })]);
            await Compare(journal, Calls(column, value));
            if (taken)
            {
                await journal.AddAudit(default, most: 50);
                await journal.AddSums(default);
            }

            await Compare(journal, Calls(column, value));
            await Pages(journal, Calls(column, value));
            await Compare(journal, Calls(column, value) with { Sieve = [new("session_id", Comparison.Equal, "session 0")], LookAt = 500, Limit = 5 });
        }
    }

    [PostgresFact]
    public async Task Postings_are_kept_until_runs_and_audit_are_empty_both()
    {
        await using var journal = await Open();
        await Write(journal, [.. Enumerable.Range(0, 9).SelectMany(n => new[] { Call("default", n, 1, n), Run("default", n, 1, n) })]);
        await journal.AddAudit(default, most: 50);
        await journal.AddSums(default);

        await journal.Clear([Runs], default);
        await Compare(journal, Calls("user_id", "u1"));
        await journal.Clear([Audit], default);
        Assert.Equal(0, Number("SELECT count(*) FROM runs_places"));
        Assert.Empty((await journal.Query(Calls("user_id", "u1"), default)).Rows);
    }

    [PostgresFact]
    public async Task Calls_of_before_the_migration_have_their_places_a_silo_of_before_goes_on_and_each_waits_for_a_round()
    {
        await using var former = await PostgresJournal.Open(new() { ConnectionString = _database, Migrations = [.. Migrations.Of("postgres").TakeWhile(migration => migration.Name != "audit_places")], RoundEvery = TimeSpan.FromHours(1) });
        await Write(former, [.. Enumerable.Range(0, 300).Select(n => Call("default", n, n % 2, n * 1_000_000_000L))]);

        await using var journal = await Open();
        Assert.Equal(["audit_pkey", "audit_session", "audit_time"], PostgresServer.Scalar<string[]>(_database, "SELECT array_agg(indexname::text ORDER BY 1) FROM pg_indexes WHERE tablename = 'audit'"));
        Assert.Equal(0, Number("SELECT count(*) FROM audit_waiting"));
        await Write(former, [Call("default", 300, 1, 5), Call("default", 301, 0, 6)]);
        Assert.Equal(2, Number("SELECT count(*) FROM audit_waiting"));
        foreach (var silo in new[] { journal, former }) await Compare(silo, Calls("user_id", "u1"));

        await journal.AddAllSums(default);
        Assert.Equal(0, Number("SELECT count(*) FROM audit_waiting"));
        foreach (var silo in new[] { journal, former }) await Compare(silo, Calls("user_id", "u1"));
    }

    /// <summary>Postings overlap, are wide or not, are begun in the middle, and a page goes across many.</summary>
    [PostgresTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_overlaps_each_page_from_each_place_is_what_it_would_be_of_the_table_alone(int seed)
    {
        await using var journal = await Open();
        var random = new Random(seed);
        for (var round = 0; round < 12; round++)
        {
            // Of seconds, minutes or days; some end at one time, and some come again, then or as another's.
            var span = random.Next(3) switch { 0 => 50L, 1 => 600_000_000, _ => 3 * DaysQuery.DayMicros };
            await Write(journal, [.. Enumerable.Range(0, random.Next(1, 90)).Select(_ => Run("default", random.Next(600), random.Next(1, 4), random.NextInt64(span), random.Next(1, 3)))]);
            if (random.Next(4) > 0)
            {
                await journal.AddSums(default, most: random.Next(1, 120));
            }

            var query = Of("user_id", $"u{random.Next(1, 4)}");
            var all = (await Compare(journal, query)).Rows;
            await Pages(journal, query);
            for (var turn = 0; turn < 6 && all.Count > 0; turn++)
            {
                var (after, from, to) = (Position(all[random.Next(all.Count)]), (long)Position(all[random.Next(all.Count)])[0], (long)Position(all[random.Next(all.Count)])[0]);
                await Compare(journal, query with { After = after, Limit = random.Next(1, 40) });
                await Compare(journal, query with { After = random.Next(2) == 0 ? after : null, Where = [.. query.Where, new("settled_at", Comparison.AtLeast, from), new("settled_at", Comparison.LessThan, to)] });
                await Compare(journal, query with { Where = [.. query.Where, new("settled_at", Comparison.GreaterThan, from), new("settled_at", Comparison.AtMost, to)], Offset = random.Next(9), Limit = 5 });
                await Sieved(journal, query with { After = after, Sieve = [new("service_id", Comparison.Equal, "s1")], LookAt = random.Next(1, 50), Limit = 8, CountUpTo = random.Next(2) * 20 });
            }
        }
    }

    [PostgresTheory]
    [InlineData(59_999_999)]
    [InlineData(60_000_000)]
    [InlineData(DaysQuery.DayMicros - 1)]
    public async Task A_posting_is_found_from_its_first_time_however_long_it_is(long last)
    {
        await using var journal = await Open();
        await Write(journal, [Run("default", 1, 1, 0), Run("default", 2, 1, last)]);
        await journal.AddSums(default);
        var query = Of("user_id", "u1");
        Assert.Single((await Compare(journal, query with { Where = [.. query.Where, new("settled_at", Comparison.AtMost, 0L)] })).Rows);
        await Pages(journal, query);
    }

    [PostgresFact]
    public async Task Values_that_share_a_hash_are_told_apart_and_a_page_is_full_all_the_same()
    {
        await using var journal = await Open();
        PostgresServer.Execute(_database, "CREATE OR REPLACE FUNCTION place_series(tenant text, name text, value text) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN 1");
        await Write(journal, [.. Enumerable.Range(0, 200).Select(n => Run("default", n, n < 20 ? 1 : 2, n))]);
        await Write(journal, [.. Enumerable.Range(0, 200).Select(n => Run("other", n, 1, n))]);
        await journal.AddSums(default);
        await Write(journal, [Run("default", 200, 1, 7)]);

        foreach (var query in new[] { Of("user_id", "u1"), Of("user_id", "u2"), Of("agent_id", "a1") })
        {
            await Compare(journal, query with { Limit = 3 });
            await Compare(journal, query with { Limit = 3, CountUpTo = 5 });
            await Compare(journal, query with { CountUpTo = 0 });
        }
    }

    [PostgresFact]
    public async Task Rows_that_are_gone_leave_no_gap_and_a_rebuild_begins_without_places()
    {
        await using var journal = await Open();
        for (var n = 0; n < 90; n++) await Write(journal, [Run("default", n, 1, n)]);
        await journal.AddSums(default);
        PostgresServer.Execute(_database, "DELETE FROM runs WHERE settled_at BETWEEN 20 AND 85");

        var left = await journal.Query(Of("user_id", "u1") with { Limit = 10 }, default);
        Assert.Equal([89L, 88, 87, 86, 19, 18, 17, 16, 15, 14], left.Rows.Select(row => (long)Position(row)[0]));
        Assert.Equal(24, left.TotalCount);

        await journal.Clear([Runs], default);
        await _reference.Clear([Runs], default);
        Assert.Equal(0, Number("SELECT count(*) FROM runs_places"));
        await Compare(journal, Of("user_id", "u1"));
        for (var turn = 0; turn < 2; turn++)
        {
            await Write(journal, [.. Enumerable.Range(0, 90).Select(n => Run("default", n, 1, n))]);
            await Compare(journal, Of("user_id", "u1"));
            await journal.AddSums(default);
            await Compare(journal, Of("user_id", "u1"));
        }
    }

    [PostgresFact]
    public async Task A_round_brings_all_that_it_takes_to_its_place_however_many_statements_that_are()
    {
        const int Days = 250;
        await using var journal = await Open();
        await Write(journal, [.. Enumerable.Range(0, Days).Select(n => Run("default", n, n, n * DaysQuery.DayMicros))]);
        await journal.AddSums(default);

        Assert.InRange(Number("SELECT count(*) FROM runs_places"), 1_001, long.MaxValue);
        Assert.InRange(Number("SELECT count(*) FROM runs_days"), 1_001, long.MaxValue);
        for (var n = 0; n < Days; n += 25) Assert.Single((await Compare(journal, Of("user_id", $"u{n}"))).Rows);
        Assert.Equal(new(Days, Enumerable.Range(0, Days).Sum(), 0), await journal.Sums(new(Samples.Summed, "default", null, null, 0, Days), default));
    }

    [PostgresFact]
    public async Task Who_asks_while_places_are_taken_never_misses_what_was_acknowledged()
    {
        const int Each = 150;
        await using var one = await PostgresJournal.Open(PostgresDatabase.Options(_database));
        await using var other = await PostgresJournal.Open(PostgresDatabase.Options(_database));
        PostgresJournal[] silos = [one, other];
        var (acknowledged, over) = (0L, false);

        var writing = Task.WhenAll(silos.Select(Write));
        var adding = Task.WhenAll(silos.Select(Add));
        var reading = Task.WhenAll(silos.Select(Read));
        await writing;
        Volatile.Write(ref over, true);
        await Task.WhenAll(adding, reading);

        async Task Write(PostgresJournal journal, int silo)
        {
            for (var n = 0; n < Each; n++)
            {
                await journal.Write([Run("default", (silo * Each) + n, 1, n)], default);
                Interlocked.Increment(ref acknowledged);
            }
        }

        async Task Add(PostgresJournal journal)
        {
            while (!Volatile.Read(ref over)) await journal.AddSums(default);
        }

        async Task Read(PostgresJournal journal)
        {
            for (var last = false; !last;)
            {
                last = Volatile.Read(ref over);
                var before = Interlocked.Read(ref acknowledged);
                var page = await journal.Query(Of("user_id", "u1"), default);
                Assert.InRange(page.Rows.Count, before, Interlocked.Read(ref acknowledged) + silos.Length);
                Assert.Equal(page.Rows.Count, page.Rows.Select(row => row.Values[1]).Distinct().Count());
                Assert.Equal(page.Rows.Count, page.TotalCount);
            }
        }
    }

    [PostgresFact]
    public async Task Rows_of_before_the_migration_have_their_places_and_a_silo_of_before_goes_on()
    {
        await using var former = await PostgresJournal.Open(new() { ConnectionString = _database, Migrations = [.. Migrations.Of("postgres").TakeWhile(migration => migration.Name != "places")], RoundEvery = TimeSpan.FromHours(1) });
        await Write(former, [.. Enumerable.Range(0, 300).Select(n => Run("default", n, n % 2, n * 1_000_000_000L))]);
        var indexes = Number(Indexes);
        PostgresServer.Execute(_database, "SELECT runs_days_add(1000)");

        await using var journal = await Open();
        Assert.Equal(indexes - 8, Number(Indexes));
        Assert.Equal(0, Number("SELECT count(*) FROM runs_days_waiting"));
        await Write(former, [Run("default", 300, 1, 5), Run("default", 301, 0, 6)]);
        foreach (var silo in new[] { journal, former })
        {
            await Compare(silo, Of("user_id", "u1"));
            await Compare(silo, Of("amount_micros", 0L));
            Assert.Equal(new(302, 151, 0), await silo.Sums(new(Samples.Summed, "default", null, null, 0, 9), default));
            await journal.AddSums(default);
        }
    }

    /// <summary>Nothing is taken but by a round of the test's own.</summary>
    private Task<PostgresJournal> Open() => PostgresJournal.Open(PostgresDatabase.Options(_database) with { RoundEvery = TimeSpan.FromHours(1) });

    private async Task Write(PostgresJournal journal, IReadOnlyList<OwnedUpsert> rows)
    {
        await journal.Write(rows, default);
        await _reference.Write(rows, default);
    }

    private static TableQuery Calls(string column, object value) => new(
        Audit, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], [new("created_at", Descending: true), new("audit_id", Descending: true)], 0, 1_000);

    private static OwnedUpsert Call(string tenant, int n, long whose, long at)
    {
        var one = whose.ToString(CultureInfo.InvariantCulture);
        return new($"s/{tenant}/{n}", 1, new(Audit, [tenant, $"call {n:000}", $"session {n % 3}", $"o{one}", "GET /agent/services", "", 200 + whose, at, $"a{one}", $"u{one}"]));
    }

    private async Task<TablePage> Compare(PostgresJournal journal, TableQuery query)
    {
        var (expected, page) = (await _reference.Query(query, default), await journal.Query(query, default));
        Assert.Equal(expected.Rows.Select(row => row.Values[1]), page.Rows.Select(row => row.Values[1]));
        Assert.Equal((expected.TotalCount, expected.IsCounted, expected.LookedTo?[0], expected.LookedTo?[1]), (page.TotalCount, page.IsCounted, page.LookedTo?[0], page.LookedTo?[1]));
        return page;
    }

    private async Task Pages(PostgresJournal journal, TableQuery query)
    {
        IReadOnlyList<object>? after = null;
        do
        {
            var page = await Compare(journal, query with { After = after, Limit = 7, CountUpTo = 9 });
            after = page.Rows.Count == 0 ? null : Position(page.Rows[^1], query);
        }
        while (after is not null);
    }

    /// <summary>A place whose row is elsewhere by now is looked at too, so a page may look less far. Whoever goes on meets the same.</summary>
    private async Task Sieved(PostgresJournal journal, TableQuery query)
    {
        var (expected, met) = (await _reference.Query(query with { LookAt = int.MaxValue, Limit = 1_000 }, default), new List<TableRow>());
        for (var after = query.After; after is not null;)
        {
            var page = await journal.Query(query with { After = after }, default);
            Assert.True(page.IsCounted ? page.TotalCount == expected.TotalCount : page.TotalCount <= expected.TotalCount, $"{page.TotalCount} were counted of {expected.TotalCount}");
            met.AddRange(page.Rows);
            after = page.Rows.Count == query.Limit ? Position(page.Rows[^1]) : page.LookedTo;
        }

        Assert.Equal(expected.Rows.Select(row => row.Values[1]), met.Select(row => row.Values[1]));
    }

    private long Number(string sql) => PostgresServer.Scalar<long>(_database, sql);

    private static object[] Position(TableRow row, TableQuery? query = null) => [row.Values[(query?.Table ?? Runs).Columns.ToList().IndexOf((query?.OrderBy ?? Newest)[0].Column)]!, row.Values[1]!];

    private static TableQuery Of(string column, object value) =>
        new(Runs, [new("tenant", Comparison.Equal, "default"), new(column, Comparison.Equal, value)], Newest, 0, 1_000);

    private static OwnedUpsert Run(string tenant, int n, long whose, long at, long seq = 1)
    {
        var one = whose.ToString(CultureInfo.InvariantCulture);
        return new($"s/{tenant}/{n}", seq, new(Runs, [
            tenant, $"run {n:000}", "session", $"u{one}", $"a{one}", $"s{n % 3}", $"c{one}", "succeeded", whose, $"payment {tenant} {n}", at, at,
            "run_service", "POST /run", "", 200L, 0L, $"w{one}", $"p{one}", $"from {one}"]));
    }
}
