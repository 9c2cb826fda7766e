using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Agora.Benchmarks.Results;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;

using Agora.Testing;
using Agora.Testing.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Agora.Benchmarks;

/// <summary>
/// The journal alone on PostgreSQL against bare Npgsql: the same rows into the same tables of the same server, as many a transaction, as
/// many transactions at a time, as durable; by turns in one run. A row has about 600 bytes of body; every second one brings a row of
/// <c>runs</c>. Bare Npgsql knows each row beforehand: it makes no hashes, checks nothing and answers nobody.
/// </summary>
internal static class Append
{
    private const int BodyBytes = 540;
    private static readonly TableShape Runs = TableShapes.Of(RunTables.Runs);

    public static async Task<Measures> Run(Options options)
    {
        var (streams, rows, turns) = (options.Number("streams", 10_000), options.Number("batch", 1_024), options.Number("turns", 3));
        var time = TimeSpan.FromSeconds(options.Number("seconds", 8));
        using var server = PostgresServer.Start();
        await Agora(server, "warm_agora", streams, rows, time / 2);
        await Bare(server, "warm_bare", streams, rows, time / 2, copy: false);
        var (agora, unnest, copy) = (new List<Turn>(), new List<Turn>(), new List<Turn>());
        for (var turn = 0; turn < turns; turn++)
        {
            agora.Add(await Agora(server, $"agora_{turn}", streams, rows, time));
            unnest.Add(await Bare(server, $"unnest_{turn}", streams, rows, time, copy: false));
            copy.Add(await Bare(server, $"copy_{turn}", streams, rows, time, copy: true));
        }

        var (ours, bare) = (agora.Average(t => t.RowsPerSecond), Math.Max(unnest.Average(t => t.RowsPerSecond), copy.Average(t => t.RowsPerSecond)));
        return Measures.Of([
            .. Lines("journal", agora), .. Lines("bare Npgsql, unnest", unnest), .. Lines("bare Npgsql, binary copy", copy),
            ("journal against the better of both", $"{Report.Of(100 * ours / bare)} %", "goal 70 %")]);
    }

    private static IEnumerable<(string, string, string)> Lines(string what, List<Turn> turns) =>
    [
        ($"{what}: rows a second", Report.Of(turns.Average(t => t.RowsPerSecond)), $"in turn {string.Join(", ", turns.Select(t => Report.Of(t.RowsPerSecond)))}"),
        ("  rows a commit", Report.Of(turns.Average(t => t.RowsPerCommit)), ""),
        ("  CPU µs a row, client", Report.Of(turns.Average(t => t.ClientMicros), 1), ""),
        ("  CPU µs a row, server", Report.Of(turns.Average(t => t.ServerMicros), 1), ""),
    ];

    // Every stream always has one entry on its way: as many waiting callers as streams.
    private static async Task<Turn> Agora(PostgresServer server, string database, int streams, int rows, TimeSpan time)
    {
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = server.CreateDatabase(database) });
        var commits = new Commits(journal);
        await using var committer = new GroupCommitter(commits, new CommitterOptions { MaxBatchesInFlight = 2, MaxRowsPerBatch = rows }, TaskScheduler.Default, TimeProvider.System);
        var meter = new Meter(server);
        long written = 0;
        await Task.WhenAll(Enumerable.Range(0, streams).Select(n => Task.Run(async () =>
        {
            var writer = committer.Open(StreamName(n), StreamHead.Empty);
            for (var entry = n; meter.Elapsed < time; entry++)
            {
                if ((await writer.Append(Entry(n, entry))).Status != AppendStatus.Written) throw new InvalidOperationException("a row was refused");
                Interlocked.Increment(ref written);
            }
        })));
        return meter.Read(written, commits.Count);
    }

    private static async Task<Turn> Bare(PostgresServer server, string database, int streams, int rows, TimeSpan time, bool copy)
    {
        var connectionString = server.CreateDatabase(database);
        await (await PostgresJournal.Open(new() { ConnectionString = connectionString })).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(connectionString + ";Max Auto Prepare=20;No Reset On Close=true");
        var upsert = UpsertSql();
        var prepared = Enumerable.Range(0, rows).Select(n => Prepared(n)).ToArray();
        var meter = new Meter(server);
        long written = 0, commits = 0;

        // Two connections, each with half of the streams: a batch takes the next ones in turn.
        await Task.WhenAll(Enumerable.Range(0, 2).Select(half => Task.Run(async () =>
        {
            await using var connection = await source.OpenConnectionAsync();
            var seqs = new long[streams];
            for (var at = half * streams / 2; meter.Elapsed < time;)
            {
                var batch = new int[rows];
                for (var i = 0; i < rows; i++)
                {
                    batch[i] = at;
                    seqs[at]++;
                    at = at + 1 < (half + 1) * streams / 2 ? at + 1 : half * streams / 2;
                }

                if (copy)
                    await Copy(connection, batch, seqs, prepared, upsert);
                else
                    await Unnest(connection, batch, seqs, prepared, upsert);
                Interlocked.Add(ref written, rows);
                Interlocked.Increment(ref commits);
            }
        })));
        return meter.Read(written, commits);
    }

    private static async Task Unnest(NpgsqlConnection connection, int[] streams, long[] seqs, (byte[] Hash, byte[] Body, IReadOnlyList<object?> Run)[] rows, string upsert)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new("INSERT INTO journal SELECT *, 1 FROM unnest($1, $2, $3, $4)")
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(streams, StreamName) },
                new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(streams, n => seqs[n]) },
                new NpgsqlParameter<byte[][]> { TypedValue = Array.ConvertAll(rows, r => r.Hash) },
                new NpgsqlParameter<byte[][]> { TypedValue = Array.ConvertAll(rows, r => r.Body) },
            },
        });
        batch.BatchCommands.Add(RunsOf(streams, seqs, rows, upsert));
        await batch.ExecuteNonQueryAsync();
    }

    private static async Task Copy(NpgsqlConnection connection, int[] streams, long[] seqs, (byte[] Hash, byte[] Body, IReadOnlyList<object?> Run)[] rows, string upsert)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var copy = await connection.BeginBinaryImportAsync("COPY journal FROM STDIN (FORMAT binary)"))
        {
            for (var i = 0; i < streams.Length; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(StreamName(streams[i]), NpgsqlDbType.Text);
                await copy.WriteAsync(seqs[streams[i]], NpgsqlDbType.Bigint);
                await copy.WriteAsync(rows[i].Hash, NpgsqlDbType.Bytea);
                await copy.WriteAsync(rows[i].Body, NpgsqlDbType.Bytea);
                await copy.WriteAsync(1L, NpgsqlDbType.Bigint);
            }

            await copy.CompleteAsync();
        }

        // An upsert is no copy: it would need a table beside, and a second statement.
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(RunsOf(streams, seqs, rows, upsert));
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static NpgsqlBatchCommand RunsOf(int[] streams, long[] seqs, (byte[] Hash, byte[] Body, IReadOnlyList<object?> Run)[] rows, string upsert)
    {
        var every = Enumerable.Range(0, streams.Length).Where(i => i % 2 == 0).ToArray();
        var command = new NpgsqlBatchCommand(upsert);
        for (var column = 0; column < Runs.Columns.Count; column++)
        {
            var values = Array.ConvertAll(every, i => Runs.Columns[column] == "run_id" ? RunId(streams[i], seqs[streams[i]]) : rows[i].Run[column]);
            command.Parameters.Add(Array.Exists(values, v => v is long)
                ? new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(values, v => (long)v!) }
                : new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(values, v => (string?)v) });
        }

        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(every, i => StreamName(streams[i])) });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(every, i => seqs[streams[i]]) });
        return command;
    }

    private static string UpsertSql()
    {
        string[] all = [.. Runs.Columns, "stream", "seq"];
        return $"INSERT INTO runs ({string.Join(", ", all)}) SELECT * FROM unnest({string.Join(", ", all.Select((_, i) => $"${i + 1}"))}) ON CONFLICT (tenant, run_id) DO UPDATE SET "
            + string.Join(", ", all.Skip(2).Select(c => $"{c} = excluded.{c}")) + " WHERE excluded.seq > runs.seq";
    }

    private static PendingEntry Entry(int stream, int entry) => new()
    {
        Entry = new JournalEntry(new Guid(stream, 0, 0, BitConverter.GetBytes((long)entry)), 1, Array.Empty<byte>(), [new StoredEvent("session.run_settled", 1, Bodies[entry % Bodies.Length])]),
        Upserts = entry % 2 == 0 ? [new TableUpsert(Runs, Run(RunId(stream, entry)))] : [],
    };

    private static (byte[] Hash, byte[] Body, IReadOnlyList<object?> Run) Prepared(int n) =>
        (SHA256.HashData(BitConverter.GetBytes(n)), RowCodec.Next(StreamName(n), StreamHead.Empty, [Entry(n, n).Entry]).Body.ToArray(), Run(""));

    // As JSON's text would be: letters and digits of no pattern that the journal could gain from.
    private static readonly byte[][] Bodies = [.. Enumerable.Range(0, 1_000).Select(_ => System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(BodyBytes))[..BodyBytes]))];

    private static object?[] Run(string id) =>
    [
        "default", id, "session-0190d4f2-8f5b-7c3e", "user-0190d4f2-8f5b-7c3e", "agent-1", "service-sentiment", "campaign-17", "succeeded", 25_000L, "0190d4f2-8f5b-7c3e-9a8b-000000000000",
        "sponsor", "campaign", "posted", "first in order", null, 1_767_225_600_000_000L, 1_767_225_600_100_000L, "run_service", "/services/service-sentiment/run", "input of 120 bytes",
        200L, 0L, "provider-3",
    ];

    private static string StreamName(int n) => $"default/session/0190d4f2-8f5b-7c3e-9a8b-{n.ToString("D12", CultureInfo.InvariantCulture)}";

    private static string RunId(int stream, long entry) => $"0190d4f2-{stream:D6}-{entry:D12}";

    private sealed class Commits(IJournal inner) : DelegatingJournal(inner)
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            Interlocked.Increment(ref _count);
            return base.Append(batch, again, cancel);
        }
    }

    private sealed record Turn(double RowsPerSecond, double RowsPerCommit, double ClientMicros, double ServerMicros);

    private sealed class Meter
    {
        private readonly PostgresServer _server;
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly TimeSpan _client = Client();
        private readonly TimeSpan _serverBefore;

        public Meter(PostgresServer server)
        {
            _server = server;
            _serverBefore = server.ProcessorTime;
        }

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

        public Turn Read(long rows, long commits)
        {
            var took = Elapsed;
            return new(rows / took.TotalSeconds, rows / (double)commits, (Client() - _client).TotalMicroseconds / rows, (_server.ProcessorTime - _serverBefore).TotalMicroseconds / rows);
        }

        private static TimeSpan Client() => Process.GetCurrentProcess().TotalProcessorTime;
    }
}
