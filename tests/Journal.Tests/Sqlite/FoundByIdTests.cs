using Agora.Journal.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>What is found by something that few rows have is found by its index, however many rows the tenant has.</summary>
public sealed class FoundByIdTests : IDisposable
{
    private readonly SqliteFile _file = new();

    [Theory]
    [InlineData("runs", "payment_id", "run_id", "USING INDEX runs_payment (tenant=? AND payment_id=?)")]
    [InlineData("runs", "tx_hash", "run_id", "USING INDEX runs_tx (tenant=? AND tx_hash=?)")]
    [InlineData("agents", "owner", "agent_id", "USING INDEX agents_owner (tenant=? AND owner=?)")]
    [InlineData("refunds", "refund_id", "payment_id", "USING INDEX refunds_id (tenant=? AND refund_id=?)")]
    [InlineData("runs", "run_id", "run_id", "USING INDEX sqlite_autoindex_runs_1 (tenant=? AND run_id=?)")]
    public Task It_is_found_by_its_index(string table, string column, string key, string plan) => Found(table, $"\"{column}\" = 'x'", key, plan);

    [Fact]
    public Task Another_payment_of_a_payer_by_one_transaction_is_found_by_its_index() =>
        Found("settlements", "\"wallet_id\" = 'x' AND \"tx_hash\" = 'x' AND \"run_id\" <> 'x'", "run_id", "USING INDEX settlements_tx (tenant=? AND wallet_id=? AND tx_hash=?)");

    private async Task Found(string table, string where, string key, string plan)
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        // As SqliteRows says it of a query without an order.
        command.CommandText = $"EXPLAIN QUERY PLAN SELECT stream FROM {table} WHERE \"tenant\" = 'default' AND {where} ORDER BY +\"tenant\" COLLATE BINARY ASC, +\"{key}\" COLLATE BINARY ASC LIMIT 1 OFFSET 0";
        using var rows = command.ExecuteReader();
        Assert.True(rows.Read());
        Assert.Contains(plan, rows.GetString(3), StringComparison.Ordinal);
    }

    public void Dispose() => _file.Dispose();
}
