using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>A column of a query table: text or whole numbers, with or without null.</summary>
internal readonly record struct PostgresColumn(bool IsText, bool IsNullable);

/// <summary>What the database says of its query tables: a shape names columns, an array parameter needs their types too.</summary>
internal sealed class PostgresSchema
{
    private readonly Dictionary<(string Table, string Column), PostgresColumn> _columns = [];

    public static async Task<PostgresSchema> Read(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns "
            + "WHERE table_schema = current_schema() AND data_type IN ('text', 'bigint')",
            connection);
        await using var rows = await command.ExecuteReaderAsync();
        var schema = new PostgresSchema();
        while (await rows.ReadAsync()) schema._columns[(rows.GetString(0), rows.GetString(1))] = new PostgresColumn(rows.GetString(2) == "text", rows.GetBoolean(3));
        return schema;
    }

    public PostgresColumn Of(string table, string column) =>
        _columns.TryGetValue((table, column), out var found) ? found : throw new ArgumentException($"the database has no column {column} of text or bigint in a table {table}");
}
