using System.Data.Common;
using System.Diagnostics;
using Agora.Api.Refunds;
using Agora.Benchmarks.Results;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Agora.Benchmarks;

/// <summary>
/// What a row of <c>runs</c>, <c>audit</c>, <c>approvals</c> or <c>completions</c> (<c>--table</c>) costs an append in processor time, ours and the server's, and how much of that is each of its indexes and triggers: the same
/// appends onto the same filled table, without one of them by turns, in one run. With <c>--strangers</c> each payment is another user's, which is the dearest for sums of users.
/// </summary>
internal static class IndexCosts
{
    private const int Batch = 500;
    private const int BodyBytes = 540;

    public static async Task<Measures> Run(Options options)
    {
        var only = options.Text("part", "");
        var table = options.Text("table", "runs");
        var rowsOf = new Rows(
            table,
            table switch
            {
                "audit" => AuditRows.Of,
                "approvals" => ApprovalRows.Of,
                "completions" => CompletionRows.Of,
                _ => options.Flag("strangers") ? PaymentRows.OfStranger : PaymentRows.Of,
            },
            only);
        var (rows, appends, turns) = (options.Number("rows", 100_000), options.Number("appends", 10_000), options.Number("turns", 3));
        var lines = new List<(string, string, string)>();
        using (var directory = new ScratchDirectory())
        {
            var path = Path.Combine(directory.Path, "costs.db");
            await using var journal = SqliteJournal.Open(new() { Path = path });
            await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            lines.AddRange(await Measure("SQLite", journal, connection, rowsOf, SqliteParts(rowsOf.Table), static () => TimeSpan.Zero, rows, appends, turns));
        }

        using (var server = PostgresServer.Start(settings: "-c shared_buffers=512MB -c max_wal_size=4GB -c autovacuum=off"))
        {
            var database = server.CreateDatabase("costs");
            await using var journal = await PostgresJournal.Open(new() { ConnectionString = database });
            await using var connection = new NpgsqlConnection(database);
            lines.AddRange(await Measure("PostgreSQL", journal, connection, rowsOf, PostgresParts(rowsOf.Table), () => server.ProcessorTime, rows, appends, turns));
        }

        return Measures.Of([.. lines]);
    }

    /// <param name="Only">Parts that have this in their names.</param>
    private sealed record Rows(string Table, Func<int, OwnedUpsert> Of, string Only);

    private static string SqliteParts(string table) => $"""
        SELECT name, 'DROP ' || type || ' ' || name, sql FROM sqlite_master
        WHERE tbl_name = '{table}' AND (type = 'index' AND sql IS NOT NULL OR type = 'trigger' AND name LIKE '%inserted%')
        UNION ALL SELECT 'sums of users', 'CREATE TRIGGER without BEFORE INSERT ON runs_days WHEN NEW.kind = ''user_id'' BEGIN SELECT RAISE(IGNORE); END', 'DROP TRIGGER without' WHERE '{table}' = 'runs'
        ORDER BY 2, 1
        """;

    private static string PostgresParts(string table) => $"""
        SELECT indexname, 'DROP INDEX ' || indexname, indexdef FROM pg_indexes WHERE tablename = '{table}' AND indexname <> '{table}_pkey'
        UNION ALL SELECT tgname, 'ALTER TABLE {table} DISABLE TRIGGER ' || tgname, 'ALTER TABLE {table} ENABLE TRIGGER ' || tgname FROM pg_trigger
        WHERE tgrelid = '{table}'::regclass AND tgname LIKE '%inserted%'
        UNION ALL SELECT 'sums of users', replace(pg_get_functiondef('runs_add'::regproc), ', (''user_id'', r.user_id, '''')', ''), pg_get_functiondef('runs_add'::regproc) WHERE '{table}' = 'runs' ORDER BY 1
        """;

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(
        string store, IJournal journal, DbConnection connection, Rows of, string parts, Func<TimeSpan> server, int rows, int appends, int turns)
    {
        await connection.OpenAsync();
        for (var n = 0; n < rows; n += Batch) await journal.Write([.. Enumerable.Range(n, Math.Min(Batch, rows - n)).Select(of.Of)], default);
        var without = (await Parts(connection, parts)).Where(part => part.Key.Contains(of.Only, StringComparison.Ordinal)).ToDictionary();
        var costs = without.Keys.Prepend("").Prepend(null!).ToDictionary(name => name ?? "journal", _ => new List<double>());
        for (var turn = -1; turn < turns; turn++)
        {
            foreach (var (name, cost) in costs)
            {
                var part = without.GetValueOrDefault(name);
                if (part.Drop is not null)
                {
                    await Say(connection, part.Drop);
                }

                var took = await Append(journal, server, of, rows, appends, withRows: name != "journal");
                rows += appends;
                if (part.Drop is not null)
                {
                    await Say(connection, part.Make);
                }

                if (turn >= 0)
                {
                    cost.Add(took);
                }
            }
        }

        var (journalRow, all) = (Median(costs["journal"]), Median(costs[""]));
        return
        [
            ($"{store}: a row of the journal", $"{Report.Of(journalRow, 1)} us", ""),
            ($"  with a row of {of.Table}", $"{Report.Of(all, 1)} us", $"{Report.Of(all / journalRow, 2)} times, the row {Report.Of(all - journalRow, 1)} us"),
            .. without.Keys.Select(name => ($"  of that {name}", $"{Report.Of(all - Median(costs[name]), 1)} us", $"{Report.Of(100 * (all - Median(costs[name])) / all, 0)} % of the append")),
        ];
    }

    private static double Median(List<double> costs) => costs.Order().ElementAt(costs.Count / 2);

    /// <returns>µs of processor time a row.</returns>
    private static async Task<double> Append(IJournal journal, Func<TimeSpan> server, Rows of, int start, int count, bool withRows)
    {
        var heads = new Dictionary<string, StreamHead>(StringComparer.Ordinal);
        var body = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(BodyBytes))[..BodyBytes]);
        var batches = Enumerable.Range(start, count).GroupBy(n => (n / (Batch * PaymentRows.RunsOfASession), n % PaymentRows.RunsOfASession))
            .Select(batch => batch.Select(n =>
            {
                var upsert = of.Of(n);
                var head = heads.GetValueOrDefault(upsert.Stream, StreamHead.Empty);
                var row = RowCodec.Next(upsert.Stream, head, [new(Guid.Empty, 1, default, [new("session.run_settled", 1, body)])]);
                heads[upsert.Stream] = new(row.Seq, row.Hash);
                return new StreamAppend(upsert.Stream, head, row, 1, withRows ? [upsert.Upsert] : [], [], null);
            }).ToList()).ToList();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime + server();
        foreach (var batch in batches)
        {
            if ((await journal.Append(batch, false, default)).Any(outcome => outcome != AppendOutcome.Written))
            {
                throw new InvalidOperationException("A row was not written.");
            }
        }

        await PaymentTotals.Of(journal, Tenant.Default, null, null, null, null, default); // What is kept behind the append is done then.
        await journal.Query(new(AuditRows.Table, [new("tenant", Comparison.Equal, StreamId.DefaultTenant)], [new("created_at", true), new("audit_id", true)], 0, 1) { CountUpTo = 0 }, default);
        process.Refresh();
        return (process.TotalProcessorTime + server() - before).TotalMicroseconds / count;
    }

    private static async Task<Dictionary<string, (string Drop, string Make)>> Parts(DbConnection connection, string sql)
    {
        var parts = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync()) parts[row.GetString(0)] = (row.GetString(1), row.GetString(2));
        return parts;
    }

    private static async Task Say(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
