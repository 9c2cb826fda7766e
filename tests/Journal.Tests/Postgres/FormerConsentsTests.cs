using Agora.Journal.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Silos of 0.5 write and read consents by the table's former name, which is a view's now.</summary>
public sealed class FormerConsentsTests
{
    private static readonly string[] Columns = ["tenant", "consent_id", "user_id", "session_id", "campaign_id", "type", "granted_via", "granted_at", "withdrawn_at"];
    private static readonly TableShape Former = new("consents", 2, Columns), Now = new("user_consents", 2, Columns);

    [PostgresFact]
    public async Task What_a_former_silo_writes_reads_and_clears_is_the_table_behind_the_view()
    {
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(PostgresDatabase.Create()));
        await journal.Write([Row(Former, 1, null), Row(Former, 2, 9)], default);
        await journal.Write([Row(Former, 1, null)], default);

        foreach (var table in new[] { Former, Now })
        {
            var page = await journal.Query(new(table, [new("tenant", Comparison.Equal, "default"), new("user_id", Comparison.Equal, "u1")], [new("granted_at")], 0, 10), default);
            Assert.Equal(("user/u1", 2L, 9L), (page.Rows.Single().Stream, page.Rows.Single().Seq, page.Rows.Single().Values[^1]));
        }

        await journal.Write([Row(Now, 3, 10)], default);
        Assert.Equal(10L, (await journal.Query(new(Former, [], [], 0, 10), default)).Rows.Single().Values[^1]);
        await journal.Clear([Former], default);
        Assert.Empty((await journal.Query(new(Now, [], [], 0, 10), default)).Rows);
    }

    private static OwnedUpsert Row(TableShape table, long seq, long? withdrawn) =>
        new("user/u1", seq, new(table, ["default", "c1", "u1", "s1", "survey", "contact", "session:s1", 5L, withdrawn]));
}
