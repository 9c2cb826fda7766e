using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>A server of its own, which stops, starts, and comes back as another one.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly PostgresServer _server = PostgresServer.Missing is null ? PostgresServer.Start(settings: "-c synchronous_commit=off") : null!;

    /// <summary>Notes with which setting each commit ends.</summary>
    private const string See = """
        CREATE TABLE seen (setting text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE ON personal_keys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
        """;

    public void Dispose() => _server?.Dispose();

    [PostgresFact]
    public async Task Stopped_and_started_under_load_everything_acknowledged_is_there_once()
    {
        var database = PostgresDatabase.Create(_server);
        await using var writers = await Writers.Start(PostgresDatabase.Options(database), "w", "s/1", "s/2", "s/3", "s/4");
        await writers.More(100);
        _server.Stop();
        _server.Resume();
        await writers.More(100);
        _server.Kill();
        _server.Resume();
        await writers.More(100);
        await writers.Stop();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await Writers.Check(journal, writers);
    }

    [PostgresFact]
    public async Task After_a_fail_over_that_lost_rows_a_writer_is_Moved_and_never_leaves_a_gap()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        var copy = Standby();
        await using var another = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var second = Append("s/1", HeadAfter(first), Entry("b"));
        await another.Append([second], false, default);
        var other = Append("s/2", StreamHead.Empty, Entry("lost"));
        await another.Append([other], false, default);

        FailOver(copy);
        await Assert.ThrowsAsync<JournalUnknownException>(() => journal.Append([Append("s/4", StreamHead.Empty, Entry("whoever finds out"))], false, default));
        StreamAppend[] batch = [Append("s/1", HeadAfter(second), Entry("c")), Append("s/2", HeadAfter(other), Entry("d")), Append("s/3", StreamHead.Empty, Entry("e"))];
        Assert.Equal([AppendOutcome.Moved, AppendOutcome.Moved, AppendOutcome.Written], await journal.Append(batch, false, default));
        Assert.Equal(["a"], Said(await journal.Read("s/1", 0, 10, default)));
        Assert.Equal(["s/1", "s/3"], await journal.Streams("", null, 10, default));
        Assert.Equal([AppendOutcome.Written], await journal.Append([Append("s/1", HeadAfter(first), Entry("b2"))], false, default));
    }

    [PostgresFact]
    public async Task After_a_fail_over_that_lost_rows_no_head_among_them_is_confirmed_whatever_stands_in_its_place()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        var copy = Standby();
        await using var another = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var lost = Append("s/1", HeadAfter(first), Entry("b"));
        await another.Append([lost], false, default);
        Assert.Equal([AppendOutcome.Written], await Eventually(journal, [Check("s/1", HeadAfter(lost))]));

        FailOver(copy);
        Assert.Equal([AppendOutcome.Moved], await Eventually(journal, [Check("s/1", HeadAfter(lost))]));
        var instead = Append("s/1", HeadAfter(first), Entry("c"));
        Assert.Equal([AppendOutcome.Written], await journal.Append([instead], false, default));
        StreamAppend[] batch = [Check("s/1", HeadAfter(lost)), Append("s/2", StreamHead.Empty, Entry("d"))];
        Assert.Equal([AppendOutcome.Moved, AppendOutcome.Written], await journal.Append(batch, false, default));
        Assert.Equal([AppendOutcome.Written], await journal.Append([Check("s/1", HeadAfter(instead))], false, default));
    }

    [PostgresFact]
    public async Task A_process_whose_acknowledged_rows_are_gone_after_a_fail_over_writes_nothing_more()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        var copy = Standby();
        var lost = Append("s/2", StreamHead.Empty, Entry("lost"));
        await Eventually(journal, [lost]);
        await using var late = await PostgresJournal.Open(PostgresDatabase.Options(database));

        FailOver(copy);
        foreach (var away in new[] { journal, late })
        {
            await Assert.ThrowsAsync<JournalCutOffException>(() => Eventually(away, [Append("s/3", StreamHead.Empty, Entry("what follows from it"))]));
            Assert.True(away.CutOff.IsCompleted);
            await Assert.ThrowsAsync<JournalCutOffException>(() => away.Append([Append("s/1", HeadAfter(first), Entry("b"))], false, default));
            await Assert.ThrowsAsync<JournalCutOffException>(() => away.Append([lost], true, default));
            await Assert.ThrowsAsync<JournalCutOffException>(() => away.Append([Check("s/1", HeadAfter(first))], false, default));
            await Assert.ThrowsAsync<JournalCutOffException>(() => away.Probe(default));
            await Assert.ThrowsAsync<JournalCutOffException>(() => away.PutKey("user-1", new byte[] { 1 }, default));
        }

        await using var anew = await PostgresJournal.Open(PostgresDatabase.Options(database));
        Assert.Equal(["s/1"], await anew.Streams("", null, 10, default));
        Assert.Equal([AppendOutcome.Written], await anew.Append([Append("s/1", HeadAfter(first), Entry("b"))], false, default));
    }

    [PostgresFact]
    public async Task A_batch_that_was_written_before_a_fail_over_lost_other_rows_is_not_confirmed_to_who_was_told_of_these()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var sent = Append("s/1", StreamHead.Empty, Entry("its answer never came"));
        await using (var attempt = await PostgresJournal.Open(PostgresDatabase.Options(database))) await attempt.Append([sent], false, default);
        var copy = Standby();
        await Eventually(journal, [Append("s/2", StreamHead.Empty, Entry("lost"))]);

        FailOver(copy);
        await Assert.ThrowsAsync<JournalCutOffException>(() => Eventually(journal, [sent]));
    }

    [PostgresFact]
    public async Task A_batch_that_was_found_written_is_acknowledged_as_any()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var copy = Standby();
        var sent = Append("s/1", StreamHead.Empty, Entry("its answer never came"));
        await using (var attempt = await PostgresJournal.Open(PostgresDatabase.Options(database))) await attempt.Append([sent], false, default);
        Assert.Equal([AppendOutcome.Written], await journal.Append([sent], true, default));

        FailOver(copy);
        await Assert.ThrowsAsync<JournalCutOffException>(() => Eventually(journal, [sent]));
    }

    [PostgresTheory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("remote_write", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task An_append_waits_for_the_disks_of_all_synchronous_servers_whatever_the_databases_default_is(string setting, string used)
    {
        var database = PostgresDatabase.Create(_server);
        PostgresServer.Execute(database, $"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {setting}', current_database()); END $$");
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        PostgresServer.Execute(database, See);
        var first = Append("s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        await journal.Append([Append("s/1", HeadAfter(first), Entry("b")), Check("s/2", StreamHead.Empty)], false, default);
        Assert.Equal(2L, PostgresServer.Scalar<long>(database, $"SELECT count(*) FROM seen WHERE setting = '{used}'"));
    }

    [PostgresFact]
    public async Task Commits_wait_for_the_disk_whatever_the_servers_default_is()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        PostgresServer.Execute(database, See);
        Assert.Equal("off", PostgresServer.Scalar<string>(database, "SHOW synchronous_commit"));
        await journal.Append([Append("s/1", StreamHead.Empty, Entry("a"))], false, default);
        await journal.PutKey("user-1", new byte[] { 1 }, default);
        await journal.DestroyKey("user-1", default);
        Assert.Equal(3L, PostgresServer.Scalar<long>(database, "SELECT count(*) FROM seen WHERE setting = 'on'"));
        Assert.Equal(3L, PostgresServer.Scalar<long>(database, "SELECT count(*) FROM seen"));
    }

    [PostgresFact]
    public async Task A_destruction_is_told_to_who_follows_across_a_restart_too()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await journal.DestroyKey("user-1", default);
        var first = (await journal.DestroyedKeys(null, default))!;
        Assert.False(first.Follows);

        // The earlier transaction ends later, and is told nevertheless.
        await using (var slow = PostgresServer.Connect(database))
        {
            await using var transaction = await slow.BeginTransactionAsync();
            await using var destroy = new Npgsql.NpgsqlCommand("INSERT INTO personal_keys (id, wrapped, destroyed) VALUES ('user-2', '', pg_current_xact_id())", slow);
            await destroy.ExecuteNonQueryAsync();
            await journal.DestroyKey("user-3", default);
            var second = (await journal.DestroyedKeys(first.Position, default))!;
            Assert.Equal((true, "user-3"), (second.Follows, Assert.Single(second.Ids)));
            await transaction.CommitAsync();
            var third = (await journal.DestroyedKeys(second.Position, default))!;
            Assert.Contains("user-2", third.Ids);
            first = third;
        }

        Assert.Empty((await journal.DestroyedKeys(first.Position, default))!.Ids);
        _server.Stop();
        _server.Resume();
        Assert.False((await journal.DestroyedKeys(first.Position, default))!.Follows);
    }

    // Pooled connections do not know that the server is gone: the first use of each is Unknown.
    [PostgresFact]
    public async Task A_cursor_from_before_a_fail_over_goes_on_where_its_row_is_there_and_is_Reset_where_it_was_cut_off()
    {
        var database = PostgresDatabase.Create(_server);
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        var first = Append("t/s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        var kept = (await JournalConformance.Seen(journal, new FeedQuery(null), 1)).Windows[^1].Cursor;
        var copy = Standby();
        var lost = Append("t/s/1", HeadAfter(first), Entry("lost"));
        await Eventually(journal, [lost]);
        var cutOff = (await JournalConformance.Seen(journal, new FeedQuery(kept), 1)).Windows[^1].Cursor;

        FailOver(copy);
        await using var after = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await after.Append([Append("t/s/1", HeadAfter(first), Entry("b")), Append("t/s/2", StreamHead.Empty, Entry("c"))], false, default);

        await foreach (var window in after.Follow(new FeedQuery(cutOff), default)) Assert.True(window.Reset);
        Assert.Equal(["b", "c"], Said((await JournalConformance.Seen(after, new FeedQuery(kept), 2)).Rows));
    }

    /// <returns>A copy of what the server has: a standby that hears of nothing that comes.</returns>
    private string Standby()
    {
        _server.Stop();
        var copy = _server.Copy();
        _server.Resume();
        return copy;
    }

    private void FailOver(string copy)
    {
        _server.Stop();
        _server.Restore(copy);
        _server.Resume();
    }

    private static async Task<IReadOnlyList<AppendOutcome>> Eventually(PostgresJournal journal, StreamAppend[] batch)
    {
        for (var again = false; ; again = true)
        {
            try
            {
                return await journal.Append(batch, again, default);
            }
            catch (JournalUnknownException)
            {
            }
        }
    }
}
