using Agora.Journal.Postgres;

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

    private static Task<DaySums?> Sums(PostgresJournal journal) => journal.Sums(new(Samples.Summed, "default", "user_id", "u1", 0, 9), default);
}
