using Agora.Journal.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>How the catalogue is read: nothing is sorted, and a change in one tenant is found without a look at what stood before it.</summary>
public sealed class CatalogueOrderTests : IAsyncLifetime
{
    private readonly SqliteFile _file = new();

    public async Task InitializeAsync() => await SqliteJournal.Open(_file.Options()).DisposeAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("campaigns", "campaign_id")]
    [InlineData("services", "service_id")]
    public async Task A_start_reads_all_tenants_in_the_order_of_change_without_a_sort_of_them(string table, string id)
    {
        var plan = await Plan(table, id, "updated_at >= 1");

        Assert.Contains($"USING INDEX {table}_order (updated_at>?)", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE FOR ORDER BY", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("campaigns", "campaign_id")]
    [InlineData("services", "service_id")]
    public async Task A_change_is_found_by_its_tenant_and_time(string table, string id) =>
        Assert.Contains($"USING INDEX {table}_updated (tenant=? AND updated_at>?)", await Plan(table, id, "tenant IS 'default' AND updated_at >= 1"), StringComparison.Ordinal);

    /// <summary>Of the statement that <see cref="SqliteTables.Query"/> makes.</summary>
    private async Task<string> Plan(string table, string id, string where)
    {
        await using var connection = _file.Connect();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            EXPLAIN QUERY PLAN SELECT definition FROM {table} WHERE {where}
            ORDER BY updated_at COLLATE BINARY ASC, {id} COLLATE BINARY ASC, tenant COLLATE BINARY ASC, tenant COLLATE BINARY ASC, {id} COLLATE BINARY ASC LIMIT 1000 OFFSET 0
            """;
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(3));
        }

        return string.Join('\n', lines);
    }
}
