using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>The connection ends before the commit, after it, or its answer takes long.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private string _database = "";
    private PostgresProxy _proxy = null!;
    private PostgresJournal _journal = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null) return;
        _database = PostgresDatabase.Create();
        _proxy = new PostgresProxy(PostgresServer.Shared.Port, "agora journal writer");
        _journal = await PostgresJournal.Open(Proxied());
        foreach (var stream in new[] { "warm/1", "warm/2" }) await _journal.Append([Append(stream, StreamHead.Empty, Entry("first"))], false, default);
    }

    public async Task DisposeAsync()
    {
        if (PostgresServer.Missing is not null) return;
        await _journal.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [PostgresFact]
    public async Task Cut_before_the_commit_is_Unknown_and_Written_when_sent_again()
    {
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] }, Append("s/2", StreamHead.Empty, Entry("b"))];
        var struck = _proxy.Arm(ProxyFault.CutBeforeCommit);
        await Assert.ThrowsAsync<JournalUnknownException>(() => _journal.Append(batch, false, default));
        await struck;
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await _journal.Append(batch, true, default));
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));
    }

    [PostgresFact]
    public async Task Cut_after_the_commit_is_Unknown_and_what_is_there_counts_as_Written()
    {
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] }, Append("s/2", StreamHead.Empty, Entry("b"))];
        var struck = _proxy.Arm(ProxyFault.CutAfterCommit);
        await Assert.ThrowsAsync<JournalUnknownException>(() => _journal.Append(batch, false, default));
        await struck;
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));

        // Meanwhile nobody may take what is unknown for refused, and another row in its place is Moved.
        Assert.Equal([AppendOutcome.Moved], await _journal.Append([Append("s/2", StreamHead.Empty, Entry("other"))], true, default));
        Assert.Equal([AppendOutcome.Written, AppendOutcome.Written], await _journal.Append(batch, true, default));
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));
    }

    [PostgresFact]
    public async Task An_attempt_that_is_still_going_on_is_waited_for_when_sent_again()
    {
        // The first attempt waits on the server for a row that another transaction is about to write.
        await using var other = PostgresServer.Connect(_database);
        await using var hold = await other.BeginTransactionAsync();
        await Run(other, "INSERT INTO due (stream, at) VALUES ('s/1', 1)");
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")) with { Alarm = new AlarmChange(7) }];
        var first = _journal.Append(batch, false, default);
        await WaitsForLock(1);
        await using var second = await PostgresJournal.Open(PostgresDatabase.Options(_database));
        var again = second.Append(batch, true, default);
        await WaitsForLock(2);
        Assert.False(again.IsCompleted);
        await hold.RollbackAsync();
        Assert.Equal([AppendOutcome.Written], await first);
        Assert.Equal([AppendOutcome.Written], await again);
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));
    }

    [PostgresFact]
    public async Task A_slow_commit_holds_up_its_own_streams_only()
    {
        await using var committer = new GroupCommitter(_journal, new CommitterOptions { MaxBatchesInFlight = 2 }, TaskScheduler.Default, TimeProvider.System);
        var slow = committer.Open("s/1", StreamHead.Empty);
        var quick = committer.Open("s/2", StreamHead.Empty);
        var struck = _proxy.Arm(ProxyFault.HoldAnswer);
        var first = slow.Append(Pending("a"));
        await struck;
        var second = slow.Append(Pending("b"));
        Assert.Equal(AppendStatus.Written, (await quick.Append(Pending("c"))).Status);
        Assert.Equal(AppendStatus.Written, (await quick.Append(Pending("d"))).Status);
        Assert.False(first.IsCompleted);
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));
        _proxy.Release();
        Assert.Equal(AppendStatus.Written, (await first).Status);
        Assert.Equal(AppendStatus.Written, (await second).Status);
        Assert.Equal(["a", "b"], Said(await _journal.Read("s/1", 0, 10, default)));
    }

    /// <summary>It broke while the refusal of the batch was read.</summary>
    [PostgresFact]
    public async Task Look_after_a_refusal_on_a_connection_that_has_broken_is_unavailable()
    {
        await using var connection = PostgresServer.Connect(_database);
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => Run(connection, "SELECT pg_terminate_backend(pg_backend_pid())"));
        Assert.NotEqual(System.Data.ConnectionState.Open, connection.State);

        await Assert.ThrowsAsync<JournalUnavailableException>(() => PostgresLook.At(connection, [Append("s/1", StreamHead.Empty, Entry("a"))], new PostgresHeads().Last(), again: false, default));
    }

    /// <summary>It broke while it was read that the transaction had met a deadlock. Npgsql then reports the retry as a wrong use of the connection.</summary>
    [PostgresFact]
    public async Task Retry_on_a_connection_that_has_broken_is_Unknown_and_Written_when_sent_again()
    {
        PostgresServer.Execute(_database, """
            CREATE FUNCTION meets_a_deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40P01'; END $$;
            CREATE TRIGGER meets_a_deadlock BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION meets_a_deadlock()
            """);
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a"))];
        var struck = _proxy.Arm(ProxyFault.CutAfterCommit);
        await Assert.ThrowsAsync<JournalUnknownException>(() => _journal.Append(batch, false, default));
        await struck;

        PostgresServer.Execute(_database, "DROP TRIGGER meets_a_deadlock ON journal");
        Assert.Equal([AppendOutcome.Written], await _journal.Append(batch, true, default));
        Assert.Equal(["a"], Said(await _journal.Read("s/1", 0, 10, default)));
    }

    [PostgresFact]
    public async Task Connections_cut_again_and_again_lose_and_repeat_nothing()
    {
        await using var writers = await Writers.Start(Proxied(), "w", "s/1", "s/2", "s/3", "s/4", "s/5", "s/6");
        for (var i = 0; i < 12; i++)
        {
            await _proxy.Arm(i % 2 == 0 ? ProxyFault.CutBeforeCommit : ProxyFault.CutAfterCommit);
            await writers.More(20);
        }

        await writers.Stop();
        Assert.Empty(writers.Failures);
        await Writers.Check(_journal, writers);
    }

    private PostgresOptions Proxied() =>
        PostgresDatabase.Options(_database.Replace($"Port={PostgresServer.Shared.Port}", $"Port={_proxy.Port}", StringComparison.Ordinal) + ";SSL Mode=Disable");

    private static async Task Run(Npgsql.NpgsqlConnection connection, string sql)
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    // The server itself waits until so many of its sessions on this database wait.
    private Task WaitsForLock(int sessions) => Task.Run(() => PostgresServer.Execute(_database, PostgresDatabase.UntilWaiting(sessions)));
}
