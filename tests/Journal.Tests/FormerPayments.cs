using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>Payments that stand in a store from before sums of users were kept, and what must be known of them once they are.</summary>
internal static class FormerPayments
{
    public static IReadOnlyList<Migration> Before(IReadOnlyList<Migration> own) => [.. own.TakeWhile(migration => migration.Name != "user_sums")];

    /// <summary>One that was refunded since, one that had been when it was rebuilt and was again, one that failed, and one of another user.</summary>
    public static async Task Write(IJournal journal)
    {
        await journal.Write([Payment("p1", "u1", 1, 100)], default);
        await journal.Write([Back("p1", 1, 30)], default);
        await journal.Write([Back("p2", 1, 20)], default);
        await journal.Write([Payment("p2", "u1", 1, 200), Payment("p3", "u2", 2, 400), Payment(null, "u1", 2, 800)], default);
        await journal.Write([Back("p2", 2, 50)], default);
    }

    public static async Task Check(IJournal journal)
    {
        await Equal(journal, "u1", new(2, 300, 80), 1, 2);
        await Equal(journal, "u2", new(1, 400, 0), 0, 9);

        // A payment more, one that comes again, one that turns out to be another's, and what is given back later.
        await journal.Write([Payment("p4", "u1", 1, 1_000), Payment("p1", "u1", 1, 100)], default);
        await journal.Write([Payment("p3", "u1", 2, 400) with { Seq = 2 }, Back("p2", 3, 60)], default);
        await Equal(journal, "u1", new(4, 1_700, 90), 0, 9);
        await Equal(journal, "u2", default, 0, 9);

        await journal.Clear([Payments, Refunded], default);
        await Equal(journal, "u1", default, 0, 9);
        await Write(journal);
        await Equal(journal, "u1", new(2, 300, 80), 0, 9);
    }

    private static async Task Equal(IJournal journal, string user, DaySums expected, long from, long to) =>
        Assert.Equal(expected, await journal.Sums(new(Summed, "default", "user_id", user, from, to), default));

    public static OwnedUpsert Payment(string? id, string user, long day, long amount) => new($"s/{id}", 1, new(Payments, [
        "default", $"run {id}", "session", user, "a1", "s1", null, id is null ? "failed" : "succeeded", amount, id, (day * DaysQuery.DayMicros) + 5, (day * DaysQuery.DayMicros) + 6, "run_service", "POST /run", "", 200L, 0L, "w1"]));

    private static OwnedUpsert Back(string payment, long seq, long micros) => new($"p/{payment}", seq, new(Refunded, ["default", payment, micros, seq]));
}
