using Agora.Journal.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>The migration that sums payments of users too.</summary>
public sealed class FormerPaymentsTests
{
    [PostgresFact]
    public async Task Sums_of_users_are_exact_of_payments_of_before_and_of_after()
    {
        var database = PostgresDatabase.Create();
        await using (var former = await PostgresJournal.Open(new() { ConnectionString = database, Migrations = FormerPayments.Before(Migrations.Of("postgres")) }))
        {
            await FormerPayments.Write(former);
        }

        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await FormerPayments.Check(journal);
    }

    [PostgresFact]
    public async Task A_silo_that_ran_before_the_migration_and_others_sum_one_user_together()
    {
        var database = PostgresDatabase.Create();
        await using var former = await PostgresJournal.Open(new() { ConnectionString = database, Migrations = FormerPayments.Before(Migrations.Of("postgres")) });
        await former.Write([FormerPayments.Payment("before", "u1", 1, 1)], default);
        await using var one = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await using var other = await PostgresJournal.Open(PostgresDatabase.Options(database));

        await Task.WhenAll(new[] { former, one, other }.SelectMany((journal, silo) => Enumerable.Range(0, 20).Select(n => journal.Write([FormerPayments.Payment($"{silo} {n}", "u1", 1, 1)], default))));

        Assert.Equal(new(61, 61, 0), await one.Sums(new(Samples.Summed, "default", "user_id", "u1", 0, 9), default));
    }
}
