using Agora.Journal.Postgres;
using Agora.Journal.Tests.Fakes;
using Agora.Testing.Postgres;
using Npgsql;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Single rows, which are looked for together.</summary>
public sealed class FindTests
{
    private const string Damage = """
        CREATE FUNCTION read(id text, state text) RETURNS text LANGUAGE plpgsql AS
          $$ BEGIN IF id = 'damaged' THEN RAISE EXCEPTION 'invalid page' USING ERRCODE = 'data_corrupted'; END IF; RETURN state; END $$;
        ALTER TABLE sample_runs RENAME TO kept;
        CREATE VIEW sample_runs AS SELECT tenant, id, read(id, state) AS state, amount, stream, seq FROM kept
        """;

    [PostgresFact]
    public async Task A_row_that_cannot_be_read_keeps_those_from_nobody_that_are_looked_for_at_the_same_time()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await journal.Append([Append("s/1", StreamHead.Empty, Entry("a")) with { Upserts = [Run("damaged", "p", 1), Run("whole", "p", 2)] }], false, default);
        PostgresServer.Execute(database, Damage);

        var linked = new LinkedTables(Runs, Refunded, ["tenant", "state"]);
        var finds = Enumerable.Range(0, 40).Select(n => (IsDamaged: n % 2 == 0, Row: journal.Find(linked, ["default", n % 2 == 0 ? "damaged" : "whole"], default))).ToList();
        foreach (var (isDamaged, row) in finds)
        {
            if (isDamaged)
            {
                await Assert.ThrowsAsync<JournalUnavailableException>(() => row);
            }
            else
            {
                Assert.Equal(2L, (await row)!.Row.Values[3]);
            }
        }
    }

    [PostgresFact]
    public async Task Who_gives_up_does_not_wait_for_the_statement_that_looks_for_the_row()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync();
        await using var hold = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE sample_runs IN ACCESS EXCLUSIVE MODE", other);
        await command.ExecuteNonQueryAsync();
        using var over = new CancellationTokenSource();
        var found = journal.Find(new(Runs, Refunded, ["tenant", "state"]), ["default", "r1"], over.Token);

        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => found.Soon());
        await hold.RollbackAsync();
    }
}
