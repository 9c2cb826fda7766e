using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Journal.Tests.Postgres;

/// <summary>What is read of one moment, while others go on writing.</summary>
public sealed class MomentTests
{
    [PostgresFact]
    public async Task What_is_written_after_the_first_question_is_not_seen_and_whoever_writes_does_not_wait()
    {
        var database = PostgresDatabase.Create();
        await using var owner = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var moment = await PostgresJournal.Open(PostgresDatabase.Options(database) with { ReadOnly = true, AtOneMoment = true });
        await Moments.Stands(owner, moment);
    }

    [PostgresFact]
    public async Task A_moment_whose_connection_was_ended_answers_nothing_more()
    {
        var database = PostgresDatabase.Create();
        await using var owner = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var moment = await PostgresJournal.Open(PostgresDatabase.Options(database) with { ReadOnly = true, AtOneMoment = true });
        await Moments.Stands(owner, moment);

        await using (var other = PostgresServer.Connect(database))
        {
            await using var end = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'", other);
            Assert.Equal(1L, await end.ExecuteScalarAsync());
        }

        await Assert.ThrowsAsync<JournalUnavailableException>(() => moment.Read("s/1", 0, 10, default));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => moment.Read("s/1", 0, 10, default));
    }
}
