using System.Diagnostics;
using System.Text;
using Agora.Benchmarks.Results;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;

namespace Agora.Benchmarks;

/// <summary>
/// What it takes to catch up with a few streams after a long time: their rows stand among many of others of the same kind, behind a cursor that was kept. Asked for by the kind, as whoever
/// follows all does, and by the names of the streams. Then once more from where that ended, when there is nothing new.
/// </summary>
internal static class CatchUp
{
    private const string Kind = "conversation";
    private const int Batch = 200;

    public static async Task<Measures> Run(Options options)
    {
        var (rows, streams, messages, rounds) = (options.Number("rows", 400_000), options.Number("streams", 20), options.Number("messages", 100), options.Number("rounds", 20));
        var lines = new List<(string, string, string)>();
        using (var directory = new ScratchDirectory())
        {
            await using var journal = SqliteJournal.Open(new() { Path = Path.Combine(directory.Path, "catch-up.db") });
            lines.AddRange(await Measure("SQLite", journal, rows, streams, messages, rounds));
        }

        using (var server = PostgresServer.Start())
        {
            await using var journal = await PostgresJournal.Open(new() { ConnectionString = server.CreateDatabase("catch_up") });
            lines.AddRange(await Measure("PostgreSQL", journal, rows, streams, messages, rounds));
        }

        return Measures.Of([.. lines]);
    }

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(string store, IJournal journal, int rows, int streams, int messages, int rounds)
    {
        List<string> own = [.. Enumerable.Range(0, streams).Select(n => $"default/{Kind}/own-{n}")];
        var heads = new Dictionary<string, StreamHead>();
        for (var i = 0; i < 50; i++) await Append(journal, heads, own); // What was read long ago.
        var (cursor, said) = (await journal.FeedEnd(default), 0);
        for (var i = 0; i < rows; i += Batch)
        {
            List<string> batch = [.. Enumerable.Range(i, Batch).Select(n => $"default/{Kind}/{n % (rows / 100)}")];
            for (; said < (long)messages * (i + Batch) / rows; said++) batch.Add(own[said % streams]);
            await Append(journal, heads, batch);
        }

        var names = own.ToHashSet(StringComparer.Ordinal);
        var byKind = await Times(3, () => Found(journal, new FeedQuery(cursor, Kind) { MostRows = 1_000 }, rows + messages, names));
        var byName = await Times(rounds, () => Found(journal, new FeedQuery(cursor) { Streams = own }, messages, names));
        var end = await journal.FeedEnd(default);
        var nothing = await Times(rounds, () => Found(journal, new FeedQuery(end) { Streams = own }, 0, names));
        List<string> many = [.. Enumerable.Range(0, FeedQuery.MaxStreams).Select(n => $"default/{Kind}/{n}")];
        var nothingOfMany = await Times(rounds, () => Found(journal, new FeedQuery(end) { Streams = many }, 0, names));
        return
        [
            ($"{store}: {messages} messages in {streams} streams among {Report.Of(rows)} rows, by kind", Report.Milliseconds(Report.Percentile(byKind, 0.5)), "p50"),
            ("  by the names of the streams", Report.Milliseconds(Report.Percentile(byName, 0.5)), $"longest {Report.Milliseconds(Report.Percentile(byName, 1))}"),
            ("  when there is nothing new", Report.Milliseconds(Report.Percentile(nothing, 0.5)), $"longest {Report.Milliseconds(Report.Percentile(nothing, 1))}"),
            ($"  when there is nothing new, of {Report.Of(many.Count)} streams", Report.Milliseconds(Report.Percentile(nothingOfMany, 0.5)), $"longest {Report.Milliseconds(Report.Percentile(nothingOfMany, 1))}"),
        ];
    }

    /// <summary>As who asks once: until so many rows came; of none, one look.</summary>
    private static async Task Found(IJournal journal, FeedQuery query, int rows, HashSet<string> own)
    {
        var (seen, found) = (0, 0);
        await foreach (var window in journal.Follow(query with { Patience = TimeSpan.Zero }, default))
        {
            seen += window.Rows.Count;
            found += window.Rows.Count(row => own.Contains(row.Stream));
            if (seen >= rows) break;
        }

        if (seen != rows || found == 0 != (rows == 0)) throw new InvalidOperationException($"{seen} rows came, and {found} of the streams.");
    }

    private static async Task<long[]> Times(int rounds, Func<Task> act)
    {
        await act(); // It was for the just-in-time compiler, and for the pages.
        var times = new long[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await act();
            times[i] = Stopwatch.GetTimestamp() - began;
        }

        return times;
    }

    private static async Task Append(IJournal journal, Dictionary<string, StreamHead> heads, List<string> streams)
    {
        foreach (var part in streams.GroupBy(static name => name).SelectMany(static same => same.Select(static (name, i) => (name, i))).GroupBy(static one => one.i, static one => one.name))
        {
            List<StreamAppend> appends = [];
            foreach (var stream in part)
            {
                var head = heads.GetValueOrDefault(stream, StreamHead.Empty);
                var row = RowCodec.Next(stream, head, [new(Guid.Empty, 1, default, [new("benchmark.said", 1, Encoding.UTF8.GetBytes(new string('x', 300)))])]);
                heads[stream] = new(row.Seq, row.Hash);
                appends.Add(new(stream, head, row, 1, [], [], null));
            }

            if ((await journal.Append(appends, false, default)).Any(static outcome => outcome != AppendOutcome.Written))
            {
                throw new InvalidOperationException("A row was refused.");
            }
        }
    }
}
