using Agora.Journal.Postgres;
using Agora.Testing.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>How the catalogue is read: nothing is sorted, and a change in one tenant is found without a look at what stood before it.</summary>
public sealed class CatalogueOrderTests
{
    [PostgresFact]
    public Task A_start_reads_all_tenants_in_the_order_of_change_without_a_sort_of_them() => Each(async (database, table, id) =>
    {
        var plan = await Plan(database, table, id, "updated_at >= 1");
        Assert.Contains($"Index Scan using {table}_order", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
    });

    [PostgresFact]
    public Task A_change_is_found_by_an_index_and_its_time() => Each(async (database, table, id) =>
        Assert.Matches($"using {table}_(updated|order) on .*\n.*Index Cond: .*updated_at >= ", await Plan(database, table, id, "tenant = 'default' AND updated_at >= 1")));

    private static async Task Each(Func<string, string, string, Task> check)
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));
        await check(database, "campaigns", "campaign_id");
        await check(database, "services", "service_id");
    }

    /// <summary>Of the statement that <see cref="PostgresRows.Query"/> makes; an empty table would be read whole and sorted.</summary>
    private static async Task<string> Plan(string database, string table, string id, string where)
    {
        await using var connection = PostgresServer.Connect(database);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
            EXPLAIN SELECT definition FROM {table} WHERE {where} ORDER BY updated_at ASC, {id} ASC, tenant ASC, tenant, {id} LIMIT 1000 OFFSET 0
            """;
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
