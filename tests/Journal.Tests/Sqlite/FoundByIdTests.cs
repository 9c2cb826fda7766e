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

    /// <summary>Lists of the tables that keep no places behind the append.</summary>
    [Theory]
    [InlineData("completions", "completed_at", "completion_id", "user_id", "agent_id", "session_id", "campaign_id")]
    [InlineData("approvals", "requested_at", "run_id", "state", "user_id", "agent_id", "session_id", "service_id")]
    public async Task A_list_of_what_one_has_comes_in_the_order_of_its_index(string table, string time, string id, params string[] columns)
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        foreach (var column in columns)
        {
            Assert.Contains(
                $"USING INDEX {table}_{column.Replace("_id", "", StringComparison.Ordinal)} (tenant=? AND {column}=? AND {time}<?)",
                Plan($"SELECT * FROM {table} WHERE \"tenant\" = 'default' AND \"{column}\" = 'x' AND \"{time}\" <= 5 AND (\"{time}\", \"{id}\") < (5, 'f') ORDER BY \"{time}\" COLLATE BINARY DESC, \"{id}\" COLLATE BINARY DESC LIMIT 51"),
                StringComparison.Ordinal);
        }
    }

    /// <summary>With both ends given, on the first page and behind a cursor: a plan by the tenant's time would read what all others have in between.</summary>
    [Theory]
    [InlineData("completions", "completed_at", "completion_id", "user_id")]
    [InlineData("approvals", "requested_at", "run_id", "user_id")]
    [InlineData("approvals", "requested_at", "run_id", "agent_id")]
    public async Task A_list_of_what_one_has_between_two_times_comes_by_its_index(string table, string time, string id, string column)
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        foreach (var behind in new[] { "", $" AND (\"{time}\", \"{id}\") < (5, 'f')" })
        {
            Assert.Contains(
                $"USING INDEX {table}_{column.Replace("_id", "", StringComparison.Ordinal)} (tenant=? AND {column}=? AND {time}>? AND {time}<?)",
                Plan($"SELECT * FROM {table} WHERE \"tenant\" = 'default' AND \"{column}\" = 'x' AND \"{time}\" >= 1 AND \"{time}\" <= 5{behind} ORDER BY \"{time}\" COLLATE BINARY DESC, \"{id}\" COLLATE BINARY DESC LIMIT 51"),
                StringComparison.Ordinal);
        }
    }

    /// <summary>It is of an older release, or the process that applied the last migration died before it wrote them.</summary>
    [Theory]
    [InlineData("DROP TABLE sqlite_stat1")]
    [InlineData("DELETE FROM sqlite_stat1 WHERE tbl = 'completions'")]
    [InlineData("DELETE FROM sqlite_stat1 WHERE idx = 'completions_user'")]
    public async Task A_file_that_lacks_statistics_gets_them_when_it_is_opened(string lacks)
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        var before = Statistics();
        Statistics(lacks);

        await SqliteJournal.Open(_file.Options()).DisposeAsync();

        Assert.Contains("completions_user 1000000 ", before, StringComparison.Ordinal);
        Assert.Equal(before, Statistics());
    }

    [Fact]
    public Task Another_payment_of_a_payer_by_one_transaction_is_found_by_its_index() =>
        Found("settlements", "\"wallet_id\" = 'x' AND \"tx_hash\" = 'x' AND \"run_id\" <> 'x'", "run_id", "USING INDEX settlements_tx (tenant=? AND wallet_id=? AND tx_hash=?)");

    private async Task Found(string table, string where, string key, string plan)
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        // As SqliteRows says it of a query without an order.
        Assert.Contains(plan, Plan($"SELECT stream FROM {table} WHERE \"tenant\" = 'default' AND {where} ORDER BY +\"tenant\" COLLATE BINARY ASC, +\"{key}\" COLLATE BINARY ASC LIMIT 1 OFFSET 0"), StringComparison.Ordinal);
    }

    private string? Statistics(string? before = null)
    {
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = before ?? "SELECT group_concat(idx || ' ' || stat, ', ') FROM (SELECT idx, stat FROM sqlite_stat1 ORDER BY tbl, idx)";
        return command.ExecuteScalar() as string;
    }

    /// <summary>Its first step.</summary>
    private string Plan(string sql)
    {
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        using var rows = command.ExecuteReader();
        Assert.True(rows.Read());
        return rows.GetString(3);
    }

    public void Dispose() => _file.Dispose();
}
