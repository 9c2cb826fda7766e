using System.Diagnostics;
using System.Globalization;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;
using Agora.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// Transfers between wallets by calls of grains, without HTTP, on PostgreSQL: between random pairs, and all into one wallet, beside pgbench on the
/// two-row transfer in plain SQL. A transfer counts when it is durable at its payer, which is when its caller is told; the time until all of them have
/// arrived at their payees too is the second rate. Each of ours leaves two entries in statements and the totals of the ledger.
/// </summary>
internal static class TransfersContest
{
    private const int AtOnce = 256;

    public static async Task<Measures> Run(Options options)
    {
        var wallets = options.Number("wallets", 100_000);
        await using var server = new Database();
        using var directory = new ScratchDirectory();
        var (plain, journal) = (server.Create("plain"), server.Create("agora"));
        PlainTransfers.Create(plain, wallets);
        await using var product = await Product.Start(directory.Path, journal, counts: options.Flag("rows"));
        var ours = new Ours(product, wallets, options.Number("callers", 512));
        await ours.Fill(AtOnce);

        var lines = new List<(string, string, string)>();
        foreach (var hot in new[] { false, true })
        {
            var seconds = options.Number("seconds", 15);
            await server.Checkpoint();
            var (sql, _, _) = await Pgbench.Run(server.Port, "plain", PlainTransfers.Script(wallets, hot), seconds);
            await server.Checkpoint();
            await ours.Run(hot, TimeSpan.FromSeconds(options.Number("warm-up", 10)));
            lines.AddRange(Lines(hot ? "all into one wallet" : $"random pairs of {Report.Of(wallets)} wallets", sql, await ours.Run(hot, TimeSpan.FromSeconds(seconds))));
        }

        PlainTransfers.Check(plain, wallets);
        await ours.Check();
        return Measures.Of([.. lines]).Noting(await server.Describe());
    }

    private static IEnumerable<(string, string, string)> Lines(string how, double sql, Measured seen)
    {
        var (told, arrived) = (seen.Transfers / seen.Told.TotalSeconds, seen.Transfers / seen.Arrived.TotalSeconds);
        yield return ($"transfers a second, {how}", Report.Of(told), "goal 10,000");
        yield return ("  and arrived", Report.Of(arrived), "");
        yield return ("  pgbench, two rows", Report.Of(sql), "");
        yield return ("  ratio", Report.Of(told / sql, 2), "");
        yield return ("  ratio, when arrived", Report.Of(arrived / sql, 2), "");
        yield return ("  p50", Report.Milliseconds(Report.Percentile(seen.Ticks, 0.50)), "");
        yield return ("  p99", Report.Milliseconds(Report.Percentile(seen.Ticks, 0.99)), "");
        yield return ("  CPU a transfer, without PostgreSQL's", $"{Report.Of((seen.Cpu / seen.Transfers).TotalMicroseconds)} us", "");
        foreach (var (table, rows) in seen.Rows.Where(r => r.Value > 0))
        {
            yield return ($"  rows a transfer, {table}", Report.Of(rows / (double)seen.Transfers, 2), "");
        }
    }

    private sealed record Measured(long Transfers, TimeSpan Told, TimeSpan Arrived, TimeSpan Cpu, long[] Ticks, IReadOnlyDictionary<string, long> Rows);

    private sealed class Ours(Product product, int wallets, int callers)
    {
        private readonly IEntities _entities = product.Services.GetRequiredService<IEntities>();
        private readonly ITables _tables = product.Services.GetRequiredService<ITables>();
        private long _made;

        public Task Fill(int atOnce) => Parallel.ForEachAsync(Enumerable.Range(0, wallets + 1), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (n, cancel) =>
            Taken<WalletView>(await _entities.Wallet(Name(n)).Send(new WalletCommand.Deposit(PlainTransfers.EachMicros), new(Guid.CreateVersion7()), cancel)));

        public async Task<Measured> Run(bool hot, TimeSpan span)
        {
            var rows = Rows();
            var (started, cpu) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
            var ticks = await Task.WhenAll(Enumerable.Range(0, callers).Select(n => Task.Run(() => Call(new Random(n), hot, started, span))));
            var (told, used) = (Stopwatch.GetElapsedTime(started), Process.GetCurrentProcess().TotalProcessorTime - cpu);
            _made += ticks.Sum(t => t.Count);
            await Arrived();
            return new(ticks.Sum(t => t.Count), told, Stopwatch.GetElapsedTime(started), used, [.. ticks.SelectMany(t => t)], Rows().ToDictionary(r => r.Key, r => r.Value - rows.GetValueOrDefault(r.Key)));
        }

        /// <summary>No money was made or lost.</summary>
        public async Task Check()
        {
            var totals = await Totals();
            if (totals is not [var balance, var entered, 0, var sent, var received] || balance != entered || sent != received || balance != (wallets + 1) * PlainTransfers.EachMicros)
            {
                throw new InvalidOperationException($"The books do not balance: {string.Join(", ", totals)}.");
            }
        }

        private async Task<List<long>> Call(Random random, bool hot, long started, TimeSpan span)
        {
            var ticks = new List<long>();
            while (Stopwatch.GetElapsedTime(started) < span)
            {
                var payer = random.Next(1, wallets + 1);
                var payee = hot ? 0 : 1 + ((payer - 1 + random.Next(1, wallets)) % wallets);
                var before = Stopwatch.GetTimestamp();
                var transfer = new WalletCommand.Transfer(Guid.CreateVersion7(), Name(payee), 1, "thanks", PayeeKnown: true);
                Taken<TransferTaken>(await _entities.Wallet(Name(payer)).Send(transfer, new(transfer.TransferId)));
                ticks.Add(Stopwatch.GetTimestamp() - before);
            }

            return ticks;
        }

        // Each is of one micro-dollar; some are not sent yet when the last of them is made.
        private async Task Arrived()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while ((await Totals())[^1] != _made)
            {
                await timer.WaitForNextTickAsync();
            }
        }

        private Task<IReadOnlyList<long>> Totals() => _tables.Totals(
            TableShapes.Of(FundTables.Funds), StreamId.DefaultTenant, ["balance_micros", "entered_micros", "left_micros", "sent_micros", "received_micros"], CancellationToken.None);

        private IReadOnlyDictionary<string, long> Rows() =>
            product.Services.GetRequiredService<IJournal>() is CountingJournal counting ? counting.Rows.ToDictionary(r => r.Key, r => r.Value) : new Dictionary<string, long>();

        private static string Name(int n) => WalletIds.Agent(n.ToString(CultureInfo.InvariantCulture));

        private static void Taken<TReply>(Answer answer)
        {
            if (answer.Reply is not TReply) throw new InvalidOperationException(answer.Rejection?.Message ?? "A wallet gave no answer.");
        }
    }
}
