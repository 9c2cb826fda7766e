using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Others on the same database: writers of the same streams, sessions that hold locks, operators who end connections.</summary>
public sealed class ContentionTests
{
    private readonly string _database = PostgresServer.Missing is null ? PostgresDatabase.Create() : "";

    [PostgresFact]
    public async Task Two_processes_that_write_the_same_streams_keep_every_chain_whole()
    {
        string[] streams = ["s/1", "s/2", "s/3"];
        await using var one = await Writers.Start(PostgresDatabase.Options(_database), "one", streams);
        await using var other = await Writers.Start(PostgresDatabase.Options(_database), "other", streams);
        await Task.WhenAll(one.More(150), other.More(150));
        await Task.WhenAll(one.Stop(), other.Stop());
        await using var journal = await Open();
        await Writers.Check(journal, one, other);
        Assert.Equal([AppendStatus.Conflict], one.Failures.Keys.Union(other.Failures.Keys));
    }

    [PostgresFact]
    public async Task Connections_that_an_operator_ends_under_load_lose_and_repeat_nothing()
    {
        await using var writers = await Writers.Start(PostgresDatabase.Options(_database), "w", "s/1", "s/2", "s/3", "s/4");
        for (var i = 0; i < 10; i++)
        {
            await writers.More(20);
            PostgresServer.Execute(_database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'agora journal writer' AND datname = current_database()");
        }

        await writers.More(20);
        await writers.Stop();
        Assert.Empty(writers.Failures);
        await using var journal = await Open();
        await Writers.Check(journal, writers);
    }

    [PostgresFact]
    public async Task The_victim_of_a_deadlock_is_tried_again_at_once()
    {
        await using var journal = await Open();
        var head = await Written(journal, Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "x", 1), Run("r2", "x", 1)] });
        await using var other = PostgresServer.Connect(_database);
        await using var transaction = await other.BeginTransactionAsync();
        await Execute(other, "SET LOCAL deadlock_timeout = '1min'; UPDATE sample_runs SET amount = 7 WHERE id = 'r2'");
        var append = journal.Append([Append("s/1", head, Entry("b")) with { Upserts = [Run("r1", "y", 2), Run("r2", "y", 2)] }], false, default);
        await Execute(other, PostgresDatabase.UntilWaiting(1) + "; UPDATE sample_runs SET amount = 7 WHERE id = 'r1'"); // Ours holds r1 and waits for r2.
        await transaction.CommitAsync();
        Assert.Equal([AppendOutcome.Written], await append);
        var page = await journal.Query(new TableQuery(Runs, [], [], 0, 10), default);
        Assert.Equal([2L, 2L], page.Rows.Select(row => row.Values[3]));
    }

    [PostgresFact]
    public async Task A_batch_that_is_the_victim_every_time_is_Unavailable_and_nothing_of_it_is_written()
    {
        await using var journal = await Open();
        PostgresServer.Execute(_database, """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON due FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")), Append("s/2", StreamHead.Empty, Entry("b")) with { Alarm = new AlarmChange(1) }];
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.Append(batch, false, default));
        Assert.Empty(await journal.Streams("", null, 10, default));
        PostgresServer.Execute(_database, "DROP TRIGGER refuse ON due");
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await journal.Append(batch, false, default));
    }

    [PostgresFact]
    public async Task A_server_that_only_reads_is_Unavailable_and_its_readers_go_on()
    {
        await using (var journal = await Open()) await Written(journal, Append("s/1", StreamHead.Empty, Entry("a")));
        PostgresServer.Execute(_database, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_database).Database} SET default_transaction_read_only = on");
        await using var reader = await PostgresJournal.Open(PostgresDatabase.Options(_database) with { ReadOnly = true });
        Assert.Equal(["a"], Said(await reader.Read("s/1", 0, 10, default)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => reader.Append([Append("s/2", StreamHead.Empty, Entry("a"))], false, default));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => reader.Probe(default));
    }

    [PostgresFact]
    public async Task A_value_that_PostgreSQL_cannot_hold_does_not_refuse_the_batch()
    {
        await using var journal = await Open();
        Assert.Equal([AppendOutcome.Written], await journal.Append([Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "a\0b", 1)] }], false, default));
        var page = await journal.Query(new TableQuery(Runs, [], [], 0, 10), default);
        Assert.Equal("a\uFFFDb", Assert.Single(page.Rows).Values[2]);
    }

    [PostgresFact]
    public async Task No_more_connections_are_used_than_the_options_say()
    {
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(_database) with { Writers = 2, Others = 3 });
        await using var other = PostgresServer.Connect(_database);
        await using var transaction = await other.BeginTransactionAsync();
        await Execute(other, "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE");
        var appends = Enumerable.Range(0, 6).Select(i => journal.Append([Append($"s/{i}", StreamHead.Empty, Entry("a"))], false, default)).ToList();
        var reads = Enumerable.Range(0, 20).Select(_ => journal.Read("s/1", 0, 10, default)).ToList();
        await Execute(other, PostgresDatabase.UntilWaiting(5));
        Assert.Equal(5L, PostgresServer.Scalar<long>(_database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'agora journal%'"));
        await transaction.RollbackAsync();
        await Task.WhenAll(reads);
        foreach (var outcome in await Task.WhenAll(appends)) Assert.Equal([AppendOutcome.Written], outcome);
    }

    [PostgresFact]
    public async Task Processes_that_start_at_once_bring_the_schema_up_to_date_once()
    {
        var journals = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(Open)));
        Assert.Equal(PostgresDatabase.Schema.Count, PostgresServer.Scalar<long>(_database, "SELECT count(*) FROM migrations"));
        foreach (var journal in journals) await journal.DisposeAsync();
    }

    [PostgresFact]
    public async Task An_older_schema_is_refused_for_reading_and_an_address_where_nobody_answers_for_writing()
    {
        var empty = await Assert.ThrowsAnyAsync<JournalRefusedException>(() => PostgresJournal.Open(PostgresDatabase.Options(_database) with { ReadOnly = true }));
        Assert.Contains("older schema", empty.Message, StringComparison.Ordinal);
        var nobody = await Assert.ThrowsAsync<JournalRefusedException>(() => PostgresJournal.Open(new() { ConnectionString = "Host=127.0.0.1;Port=1;Password=secret;Database=x" }));
        Assert.Contains("127.0.0.1:1/x cannot be opened", nobody.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", nobody.Message, StringComparison.Ordinal);
    }

    private Task<PostgresJournal> Open() => PostgresJournal.Open(PostgresDatabase.Options(_database));

    private static async Task<StreamHead> Written(PostgresJournal journal, StreamAppend append)
    {
        Assert.Equal([AppendOutcome.Written], await journal.Append([append], false, default));
        return HeadAfter(append);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
