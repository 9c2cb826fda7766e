using Agora.Journal.Postgres;
using Npgsql;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Sums by the day, of which a part waits to be added.</summary>
public sealed class WaitingSumsTests
{
    private const int Silos = 2, Payments = 200;

    [PostgresFact]
    public async Task Who_asks_while_what_waits_is_added_never_sees_less_than_was_acknowledged_nor_more_than_was_sent()
    {
        var database = PostgresDatabase.Create();
        await using var one = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var other = await PostgresJournal.Open(PostgresDatabase.Options(database));
        PostgresJournal[] silos = [one, other];
        var (acknowledged, over) = (0L, false);

        var writing = Task.WhenAll(silos.Select(Write));
        var adding = Task.WhenAll(silos.Select(Add));
        var reading = Task.WhenAll(silos.Select(Read));
        await writing;
        Volatile.Write(ref over, true);
        await Task.WhenAll(adding, reading);

        Assert.Equal(new(Silos * Payments, Silos * Payments, 0), await Sums(one));
        await one.AddSums(default);
        Assert.Equal(0, await one.AddSums(default));
        Assert.Equal(new(Silos * Payments, Silos * Payments, 0), await Sums(other));

        async Task Write(PostgresJournal journal, int silo)
        {
            for (var n = 0; n < Payments; n++)
            {
                await journal.Write([FormerPayments.Payment($"{silo} {n}", "u1", 1, 1)], default);
                Interlocked.Increment(ref acknowledged);
            }
        }

        async Task Add(PostgresJournal journal)
        {
            while (!Volatile.Read(ref over)) await journal.AddSums(default);
        }

        async Task Read(PostgresJournal journal)
        {
            while (!Volatile.Read(ref over))
            {
                var before = Interlocked.Read(ref acknowledged);
                var sums = (await Sums(journal))!.Value;
                Assert.InRange(sums.Count, before, Interlocked.Read(ref acknowledged) + Silos);
                Assert.Equal(sums.Count, sums.AmountMicros);
            }
        }
    }

    [PostgresFact]
    public async Task What_waits_is_added_by_the_journal_itself_some_seconds_later()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await Execute(connection, """
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY added; RETURN NULL; END $$;
            CREATE TRIGGER tell AFTER DELETE ON runs_days_waiting FOR EACH ROW EXECUTE FUNCTION tell();
            LISTEN added;
            """);

        await journal.Write([FormerPayments.Payment("p1", "u1", 1, 1)], default);

        Assert.True(await connection.WaitAsync(Hang.Timeout), "nobody added it");
        Assert.Equal(new(1, 1, 0), await Sums(journal));
    }

    [PostgresFact]
    public async Task Adding_all_that_waits_ends_when_nothing_waits_any_more()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await journal.Write([FormerPayments.Payment("p1", "u1", 1, 1)], default);
        using var tooLong = new CancellationTokenSource(Hang.Timeout);

        await journal.AddAllSums(tooLong.Token);

        Assert.Equal(new(1, 1, 0), await Sums(journal));
    }

    [PostgresFact]
    public async Task What_waits_is_read_once_though_the_plan_was_made_while_nothing_waited()
    {
        const int Waiting = 5_000;
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await Execute(connection, "VACUUM runs_days_waiting");
        for (var n = 0; n < 10; n++) await Execute(connection, "SELECT runs_days_add(1)");
        await Execute(connection, $"INSERT INTO runs_days_waiting SELECT 'default', n, 'u1', 'a1', 'c1', 's1', 'p1', 1, 1, 0 FROM generate_series(1, {Waiting}) n");

        await using var transaction = await connection.BeginTransactionAsync();
        await Execute(connection, $"SELECT runs_days_add({Waiting})");
        await using var read = new NpgsqlCommand("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'runs_days_waiting'", connection);

        Assert.Equal((long)Waiting, await read.ExecuteScalarAsync());
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static Task<DaySums?> Sums(PostgresJournal journal) => journal.Sums(new(Samples.Summed, "default", "user_id", "u1", 0, 9), default);
}
