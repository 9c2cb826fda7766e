using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace Agora.Benchmarks.Filled;

/// <summary>
/// A database of SQLite with many payments, as appends would have left it: rows first, then indexes and sums of all at once, and the places of
/// <c>runs_index</c> in their order.
/// </summary>
internal static class FilledSqlite
{
    private static readonly (string Column, Func<int, string?> Value)[] Places =
    [
        ("user_id", PaymentRows.User), ("agent_id", PaymentRows.Agent), ("campaign_id", PaymentRows.CampaignPaying), ("service_id", PaymentRows.Service), ("provider", PaymentRows.Provider),
        ("amount_micros", static n => PaymentRows.Amount(n).ToString(CultureInfo.InvariantCulture)), ("payer", PaymentRows.Payer), ("source", PaymentRows.Source),
    ];

    public static async Task Make(string path, int rows)
    {
        await SqliteJournal.Open(new() { Path = path }).DisposeAsync(); // the schema
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        Say(connection, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -1000000; PRAGMA temp_store = FILE");
        var parts = Parts(connection);
        foreach (var (name, type, _) in parts) Say(connection, $"DROP {type} {name}");
        Rows(connection, rows);
        foreach (var (column, value) in Places) Place(connection, column, value, rows);
        Say(
            connection,
            """
            INSERT INTO runs_days
            SELECT tenant, settled_at / 86400000000, '', '', '', count(*), sum(amount_micros), 0 FROM runs GROUP BY 1, 2
            UNION ALL SELECT tenant, settled_at / 86400000000, 'agent_id', agent_id, '', count(*), sum(amount_micros), 0 FROM runs GROUP BY 1, 2, 4
            UNION ALL SELECT tenant, settled_at / 86400000000, 'campaign_id', campaign_id, '', count(*), sum(amount_micros), 0 FROM runs WHERE campaign_id IS NOT NULL GROUP BY 1, 2, 4
            UNION ALL SELECT tenant, settled_at / 86400000000, 'service_id', service_id, provider, count(*), sum(amount_micros), 0 FROM runs GROUP BY 1, 2, 4, 5
            UNION ALL SELECT tenant, settled_at / 86400000000, 'user_id', user_id, '', count(*), sum(amount_micros), 0 FROM runs GROUP BY 1, 2, 4
            """);
        foreach (var (_, _, sql) in parts) Say(connection, sql);
    }

    private static void Rows(SqliteConnection connection, int rows)
    {
        Say(connection, "BEGIN");
        using var insert = connection.CreateCommand();
        var columns = PaymentRows.Table.Columns.Append("stream").Append("seq").ToList();
        insert.CommandText = $"INSERT INTO runs ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))})";
        var parameters = columns.Select((_, i) => insert.Parameters.Add(new($"${i}", null))).ToList();
        for (var n = 0; n < rows; n++)
        {
            var row = PaymentRows.Of(n);
            for (var i = 0; i < row.Upsert.Values.Count; i++) parameters[i].Value = row.Upsert.Values[i] ?? DBNull.Value;
            (parameters[^2].Value, parameters[^1].Value) = (row.Stream, row.Seq);
            insert.ExecuteNonQuery();
        }

        Say(connection, "COMMIT");
    }

    /// <summary>One column's places, sorted in memory, so that the tree grows in runs of neighbours.</summary>
    private static void Place(SqliteConnection connection, string column, Func<int, string?> value, int rows)
    {
        var (series, numbers, known) = (new long[rows], new int[rows], new Dictionary<string, long>(StringComparer.Ordinal));
        var count = 0;
        for (var n = 0; n < rows; n++)
        {
            if (value(n) is not { } text) continue;

            if (!known.TryGetValue(text, out var number))
            {
                known[text] = number = Series(column, text);
            }

            (series[count], numbers[count++]) = (number, n);
        }

        Array.Sort(series, numbers, 0, count);
        Say(connection, "BEGIN");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO runs_index (series, at, id) VALUES ($0, $1, $2)";
        var (one, at, id) = (insert.Parameters.Add(new("$0", null)), insert.Parameters.Add(new("$1", null)), insert.Parameters.Add(new("$2", null)));
        for (var (start, end) = (0, 0); start < count; start = end)
        {
            while (end < count && series[end] == series[start]) end++;
            Array.Sort(numbers, start, end - start);
            one.Value = series[start];
            for (var i = start; i < end; i++)
            {
                (at.Value, id.Value) = (PaymentRows.SettledAt(numbers[i]), PaymentRows.RunId(numbers[i]));
                insert.ExecuteNonQuery();
            }
        }

        Say(connection, "COMMIT");
    }

    /// <summary>As the store computes it; a page by any column that came out empty would say that it does no longer.</summary>
    private static long Series(string column, string value) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{StreamId.DefaultTenant}\n{column}\n{value}")));

    private static List<(string Name, string Type, string Sql)> Parts(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, type, sql FROM sqlite_master WHERE tbl_name = 'runs' AND (type = 'index' AND sql IS NOT NULL OR type = 'trigger')";
        using var reader = command.ExecuteReader();
        var parts = new List<(string, string, string)>();
        while (reader.Read()) parts.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return parts;
    }

    private static void Say(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 0);
        command.ExecuteNonQuery();
    }
}
