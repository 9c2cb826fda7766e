using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Benchmarks;

/// <summary>
/// From when a row is durable (its append was acknowledged) until a follower in another process has it, on PostgreSQL: at rest, where each append comes after a
/// pause, and beside writers who append without one; both also beside a transaction that is open all the time and does not write the journal; and at rest
/// without notifications, as under a pooler. Both processes read the machine's one monotonic clock. A line to the other process and back says what the
/// machine itself takes at that time.
/// </summary>
internal static class Feed
{
    private const string Kind = "benchmark";
    private const string Ping = "ping";
    private const int WarmUp = 50;

    public static async Task<Measures> Run(Options options)
    {
        var (appends, pause, writers) = (options.Number("appends", 1_000), options.Number("pause-ms", 10), options.Number("writers", 16));
        using var server = PostgresServer.Start();
        var (lines, databases) = (new List<(string, string, string)>(), 0);
        async Task Measure(string what, int beside, bool foreign, bool pooler)
        {
            var connection = server.CreateDatabase($"feed_{databases++}");
            var (delays, rows, cpu) = await Delays(connection, appends, TimeSpan.FromMilliseconds(pause), beside, foreign, pooler);
            lines.Add(($"{what}: p50", Report.Milliseconds(Report.Percentile(delays, 0.50)), $"{Report.Of(rows)} rows/s in all"));
            lines.Add(("  p99", Report.Milliseconds(Report.Percentile(delays, 0.99)), "goal <= 20 ms"));
            lines.Add(("  longest", Report.Milliseconds(Report.Percentile(delays, 1)), ""));
            lines.Add(("  CPU of the follower, of one core", $"{Report.Of(100 * cpu, 1)} %", ""));
        }

        await Measure("warm-up", 0, foreign: false, pooler: false);
        lines.Clear(); // It was for the just-in-time compiler.
        await Measure("at rest", 0, foreign: false, pooler: false);
        await Measure("beside a long transaction", 0, foreign: true, pooler: false);
        await Measure($"beside {writers} writers", writers, foreign: false, pooler: false);
        await Measure($"beside {writers} writers and a long transaction", writers, foreign: true, pooler: false);
        await Measure("at rest, without notifications", 0, foreign: false, pooler: true);
        var pings = await Pings(server.ConnectionString("feed_0"), appends, TimeSpan.FromMilliseconds(pause));
        lines.Add(("a line to another process and back: p50", Report.Milliseconds(Report.Percentile(pings, 0.50)), ""));
        lines.Add(("  p99", Report.Milliseconds(Report.Percentile(pings, 0.99)), ""));
        return Measures.Of([.. lines]);
    }

    /// <summary>The other process: follows, and says when it saw what.</summary>
    public static async Task Follow(Options options)
    {
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = options.Text("postgres", ""), ReadOnly = true });
        var (seen, ticks) = (0, new Dictionary<long, long>());
        _ = Task.Run(async () =>
        {
            await foreach (var window in journal.Follow(new FeedQuery(null, Kind), default))
            {
                var now = Stopwatch.GetTimestamp();
                lock (ticks)
                {
                    foreach (var row in window.Rows)
                    {
                        ticks.Add(row.Seq, now);
                    }
                }

                Volatile.Write(ref seen, ticks.Count);
            }
        });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == Ping)
            {
                Console.WriteLine(Ping);
                continue;
            }

            var wanted = int.Parse(line, CultureInfo.InvariantCulture);
            while (Volatile.Read(ref seen) < wanted)
            {
                await Task.Delay(1);
            }

            lock (ticks)
            {
                Console.WriteLine(string.Join(',', ticks.OrderBy(t => t.Key).Select(t => t.Value)));
            }
        }
    }

    private static async Task<(long[] Delays, double RowsPerSecond, double Cpu)> Delays(
        string connection, int appends, TimeSpan pause, int writers, bool foreign, bool pooler)
    {
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = connection });
        await using var follower = Child.Start("follow", "--postgres", connection + (pooler ? ";Pooler=true" : ""));
        var own = StreamHead.Empty;
        for (var i = 0; i < WarmUp; i++)
        {
            own = await Append(journal, $"default/{Kind}/1", own);
        }

        await follower.Ask($"{WarmUp}");
        await using var open = foreign ? await LongTransaction(connection) : null;
        using var over = new CancellationTokenSource();
        long others = 0;
        var beside = Enumerable.Range(0, writers).Select(n => Task.Run(async () =>
        {
            for (var head = StreamHead.Empty; !over.IsCancellationRequested; Interlocked.Increment(ref others))
            {
                head = await Append(journal, $"default/other/{n}", head);
            }
        })).ToList();
        var (acknowledged, began, cpu) = (new long[appends], Stopwatch.GetTimestamp(), follower.Cpu);
        for (var i = 0; i < appends; i++)
        {
            await Task.Delay(pause);
            own = await Append(journal, $"default/{Kind}/1", own);
            acknowledged[i] = Stopwatch.GetTimestamp();
        }

        var seen = (await follower.Ask($"{WarmUp + appends}")).Split(',').Skip(WarmUp).Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToList();
        var took = Stopwatch.GetElapsedTime(began);
        var used = follower.Cpu - cpu;
        await over.CancelAsync();
        await Task.WhenAll(beside);
        return ([.. acknowledged.Select((at, i) => Math.Max(0, seen[i] - at))], (appends + others) / took.TotalSeconds, used / took);
    }

    private static async Task<long[]> Pings(string connection, int count, TimeSpan pause)
    {
        await using var other = Child.Start("follow", "--postgres", connection);
        var ticks = new long[count];
        await other.Ask(Ping);
        for (var i = 0; i < count; i++)
        {
            await Task.Delay(pause);
            var sent = Stopwatch.GetTimestamp();
            await other.Ask(Ping);
            ticks[i] = Stopwatch.GetTimestamp() - sent;
        }

        return ticks;
    }

    private static async Task<StreamHead> Append(PostgresJournal journal, string stream, StreamHead head)
    {
        var row = RowCodec.Next(stream, head, [new(Guid.Empty, 1, default, [new("benchmark.said", 1, Encoding.UTF8.GetBytes(new string('x', 500)))])]);
        var outcomes = await journal.Append([new(stream, head, row, 1, [], [], null)], false, default);
        return outcomes is [AppendOutcome.Written] ? new(row.Seq, row.Hash) : throw new InvalidOperationException("A row was refused.");
    }

    private static async Task<NpgsqlConnection> LongTransaction(string connection)
    {
        var open = PostgresServer.Connect(connection);
        await using var begin = new NpgsqlCommand("BEGIN; CREATE TABLE big AS SELECT generate_series(1, 1000) AS id; CREATE INDEX ON big (id)", open);
        await begin.ExecuteNonQueryAsync();
        return open;
    }
}
