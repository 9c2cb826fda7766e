using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>The order of rows where it rests on PostgreSQL's transactions.</summary>
public sealed class OrderTests
{
    [PostgresFact]
    public async Task A_cut_stays_below_a_transaction_that_is_open_whatever_was_committed_after_it_and_above_it_when_it_is_over()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var slow = PostgresServer.Connect(database);
        await using var transaction = await slow.BeginTransactionAsync();
        await Execute(slow, "INSERT INTO journal (stream, seq, hash, body) VALUES ('s/slow', 1, decode(repeat('00', 32), 'hex'), '')");
        await journal.Append([Append("s/quick", StreamHead.Empty, Entry("a"))], false, default);

        var during = await journal.Cut(default);
        Assert.Empty(await journal.Placed(RowPlace.Start, during, 10, default));
        Assert.True((await journal.PlaceOf("s/quick", 1, default))!.Place.Position > during);

        await transaction.CommitAsync();
        var after = await journal.Placed(RowPlace.After(during), await JournalConformance.CutOver(journal, ("s/slow", 1), ("s/quick", 1)), 10, default);
        Assert.Equal(["s/slow", "s/quick"], after.Select(row => row.Place.Stream));
    }

    [PostgresFact]
    public async Task Rows_restored_to_a_server_that_counts_from_lower_numbers_stay_before_those_that_come()
    {
        var database = PostgresDatabase.Create();
        await using (var journal = await PostgresJournal.Open(PostgresDatabase.Options(database)))
        {
            await journal.Append([Append("s/restored", StreamHead.Empty, Entry("a"))], false, default);
        }

        await using (var restore = PostgresServer.Connect(database))
        {
            await Execute(restore, "UPDATE journal SET tx = 1000000000000");
        }

        await using var next = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await next.Append([Append("s/new", StreamHead.Empty, Entry("b"))], false, default);
        await using var again = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await again.Append([Append("s/newer", StreamHead.Empty, Entry("c"))], false, default);

        var rows = await next.Placed(RowPlace.Start, await JournalConformance.CutOver(next, ("s/newer", 1)), 10, default);
        Assert.Equal(["s/restored", "s/new", "s/newer"], rows.Select(row => row.Place.Stream));
    }

    [PostgresFact]
    public async Task A_process_of_an_earlier_release_which_does_not_name_the_transaction_writes_rows_with_it()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var old = PostgresServer.Connect(database);
        await Execute(old, "INSERT INTO journal (stream, seq, hash, body) VALUES ('s/old', 1, decode(repeat('00', 32), 'hex'), '')");
        await journal.Append([Append("s/new", StreamHead.Empty, Entry("a"))], false, default);

        Assert.Equal(["s/old", "s/new"], (await journal.Placed(RowPlace.Start, await JournalConformance.CutOver(journal, ("s/new", 1)), 10, default)).Select(row => row.Place.Stream));
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
