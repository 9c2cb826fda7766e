using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Agora.Benchmarks;

/// <summary>The trial balance over many wallets, from the totals that are kept, beside the sum over all rows; and the first page of the wallets' list.</summary>
internal static class LedgerTotals
{
    private const int Page = 1_000;
    private const int Times = 20;
    private const string Sum = "SELECT sum(balance_micros), sum(entered_micros), sum(left_micros), sum(sent_micros), sum(received_micros) FROM funds WHERE tenant = 'default'";
    private static readonly string[] Columns = ["balance_micros", "entered_micros", "left_micros", "sent_micros", "received_micros"];
    private static readonly TableShape Funds = TableShapes.Of(FundTables.Funds);

    public static async Task<Measures> Run(Options options)
    {
        var wallets = options.Number("wallets", 1_000_000);
        var lines = new List<(string, string, string)>();
        using (var server = PostgresServer.Start(settings: "-c shared_buffers=512MB -c max_wal_size=4GB"))
        {
            var database = server.CreateDatabase("ledger");
            await using var journal = await PostgresJournal.Open(new() { ConnectionString = database });
            lines.AddRange(await Measure("PostgreSQL", journal, wallets, async () =>
            {
                await using var connection = new NpgsqlConnection(database);
                await connection.OpenAsync();
                await using var command = new NpgsqlCommand(Sum, connection);
                await command.ExecuteScalarAsync();
            }));
        }

        using (var directory = new ScratchDirectory())
        {
            var path = Path.Combine(directory.Path, "ledger.db");
            await using var journal = SqliteJournal.Open(new() { Path = path });
            lines.AddRange(await Measure("SQLite", journal, wallets, async () =>
            {
                await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
                await connection.OpenAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = Sum;
                await command.ExecuteScalarAsync();
            }));
        }

        return Measures.Of([.. lines]);
    }

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(string store, IJournal journal, int wallets, Func<Task> sum)
    {
        var filled = Stopwatch.GetTimestamp();
        for (var start = 0; start < wallets; start += Page)
        {
            await journal.Write([.. Enumerable.Range(start, Math.Min(Page, wallets - start)).Select(n => Wallet(n, 1))], CancellationToken.None);
        }

        var took = Stopwatch.GetElapsedTime(filled);
        var totals = await journal.Totals(Funds, StreamId.DefaultTenant, Columns, CancellationToken.None);
        if (totals is not [var balance, var entered, ..] || balance != entered || balance != wallets * 100L)
        {
            throw new InvalidOperationException($"The totals are wrong: {string.Join(", ", totals)}.");
        }

        var (kept, summed, page) = (
            await Median(() => journal.Totals(Funds, StreamId.DefaultTenant, Columns, CancellationToken.None)),
            await Median(sum),
            await Median(() => journal.Query(new(Funds, [new("tenant", Comparison.Equal, StreamId.DefaultTenant), new("kind", Comparison.Equal, Kinds.Wallet)], [new("fund_id")], 0, 50), CancellationToken.None)));
        return
        [
            ($"{store}: trial balance over {Report.Of(wallets)} wallets", Report.Milliseconds(kept), "goal 100 ms"),
            ("  the sum over all rows", Report.Milliseconds(summed), ""),
            ("  a page of the list, with its count", Report.Milliseconds(page), ""),
            ("  rows a second while they were written", Report.Of(wallets / took.TotalSeconds), ""),
        ];
    }

    private static async Task<TimeSpan> Median(Func<Task> read)
    {
        var ticks = new long[Times];
        for (var i = 0; i < Times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await read();
            ticks[i] = Stopwatch.GetTimestamp() - started;
        }

        return Report.Percentile(ticks, 0.5);
    }

    private static OwnedUpsert Wallet(int n, long seq)
    {
        var stream = StreamId.Wallet($"agent:{n}");
        var row = FundTables.Row(stream, new FundBook(100, 0, 0, 0), heldMicros: 0, DateTimeOffset.UnixEpoch);
        return new(stream.ToString(), seq, new(Funds, row.Values));
    }
}
