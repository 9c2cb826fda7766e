using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Journal.Tests.Postgres;
using Agora.Journal.Tests.Sqlite;
using Npgsql;

namespace Agora.Journal.Tests;

/// <summary>agent_audit_logs, for people with SQL.</summary>
public sealed class AuditViewTests : IDisposable
{
    /// <summary>A name that occurs twice: GET /admin/audit shows the last.</summary>
    private const string Entry = """
        INSERT INTO audit (tenant, audit_id, session_id, operation, endpoint, request_summary, response_status, created_at, agent_id, user_id, stream, seq)
        VALUES ('default', 'e1', 's1', 'find_services', 'GET /agent/services', 'b=1 a=1 b=2', 200, 1, 'a1', 'u1', 'default/session/s1', 1)
        """;

    private const string Summary = "SELECT request_summary FROM agent_audit_logs";

    private readonly SqliteFile _file = new();

    [Fact]
    public async Task A_name_that_stands_twice_in_a_summary_has_its_last_value_in_SQLite()
    {
        await SqliteJournal.Open(_file.Options()).DisposeAsync();
        using var connection = _file.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"{Entry}; {Summary}";

        Assert.Equal("""{"a":"1","b":"2"}""", command.ExecuteScalar());
    }

    [PostgresFact]
    public async Task A_name_that_stands_twice_in_a_summary_has_its_last_value_in_PostgreSQL()
    {
        var database = PostgresDatabase.Create();
        await using (await PostgresJournal.Open(PostgresDatabase.Options(database))) await Run(database, Entry);

        Assert.Equal("""{"a": "1", "b": "2"}""", await Run(database, Summary));
    }

    [PostgresFact]
    public async Task A_reader_of_the_view_keeps_its_grants_when_the_view_is_made_again()
    {
        var database = PostgresDatabase.Create();
        var roles = new[] { "giver", "reader", "narrow" }.Select(name => $"{name}_{Guid.NewGuid():N}").ToArray();
        await using (await PostgresJournal.Open(new() { ConnectionString = database, Migrations = [.. Migrations.Of("postgres").TakeWhile(static migration => migration.Name != "task_outlines")] }))
        {
            await Run(database, $"""
                CREATE ROLE {roles[0]}; CREATE ROLE {roles[1]}; CREATE ROLE {roles[2]};
                GRANT SELECT ON agent_audit_logs TO {roles[0]} WITH GRANT OPTION; GRANT SELECT ON agent_audit_logs TO {roles[1]}; GRANT SELECT (id, operation) ON agent_audit_logs TO {roles[2]};
                """);
        }

        try
        {
            await using var journal = await PostgresJournal.Open(PostgresDatabase.Options(database));

            Assert.Equal(true, await Run(database, $"SELECT has_table_privilege('{roles[0]}', 'agent_audit_logs', 'SELECT WITH GRANT OPTION')"));
            Assert.Equal(true, await Run(database, $"SELECT has_table_privilege('{roles[1]}', 'agent_audit_logs', 'SELECT')"));
            Assert.Equal(false, await Run(database, $"SELECT has_table_privilege('{roles[1]}', 'agent_audit_logs', 'SELECT WITH GRANT OPTION')"));
            Assert.Equal(true, await Run(database, $"SELECT has_column_privilege('{roles[2]}', 'agent_audit_logs', 'id', 'SELECT') AND has_column_privilege('{roles[2]}', 'agent_audit_logs', 'operation', 'SELECT')"));
            Assert.Equal(false, await Run(database, $"SELECT has_column_privilege('{roles[2]}', 'agent_audit_logs', 'user_id', 'SELECT')"));
        }
        finally
        {
            await Run(database, $"DROP OWNED BY {string.Join(", ", roles)}; DROP ROLE {string.Join(", ", roles)}");
        }
    }

    public void Dispose() => _file.Dispose();

    private static async Task<object?> Run(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
