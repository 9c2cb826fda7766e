using System.Diagnostics;
using Agora.Application.Catalogue;
using Agora.Application.Reading;
using Agora.Benchmarks.Results;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Benchmarks;

/// <summary>What a process's catalogue asks of the store when it starts, when a campaign changes, and of rows of campaigns that change nothing in it, as runs write them.</summary>
internal static class CatalogueFollow
{
    private const int Batch = 500;
    private static readonly TableShape Campaigns = TableShapes.Of(CampaignTables.Campaigns);

    public static async Task<Measures> Run(Options options)
    {
        var (campaigns, changes, rows) = (options.Number("campaigns", 10_000), options.Number("changes", 20), options.Number("rows", 10_000));
        var lines = new List<(string, string, string)>();
        using (var directory = new ScratchDirectory())
        {
            await using var journal = SqliteJournal.Open(new() { Path = Path.Combine(directory.Path, "catalogue.db") });
            lines.AddRange(await Measure("SQLite", journal, campaigns, changes, rows));
        }

        using (var server = PostgresServer.Start())
        {
            await using var journal = await PostgresJournal.Open(new() { ConnectionString = server.CreateDatabase("catalogue") });
            lines.AddRange(await Measure("PostgreSQL", journal, campaigns, changes, rows));
        }

        return Measures.Of([.. lines]);
    }

    private static async Task<IReadOnlyList<(string, string, string)>> Measure(string store, IJournal journal, int campaigns, int changes, int rows)
    {
        var heads = new Dictionary<StreamId, StreamHead>();
        for (var start = 0; start < campaigns; start += Batch)
        {
            await Append(journal, [.. Enumerable.Range(start, Math.Min(Batch, campaigns - start)).Select(n => Row(heads, n, isChanged: true))]);
        }

        var timed = new TimedTables(journal);
        var catalogues = new Catalogues();
        using var feed = new CatalogueFeed(journal, new TableReader(timed), catalogues, TimeProvider.System, NullLogger<CatalogueFeed>.Instance);
        using var stopped = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        await feed.StartAsync(stopped.Token);
        var load = Stopwatch.GetElapsedTime(began);
        if (catalogues.In(Tenant.Default).Campaigns.Count() != campaigns) throw new InvalidOperationException("Not all campaigns were loaded.");

        await feed.StopAsync(default);
        var (loadQueries, loadRows, loadTook) = (timed.Queries, timed.Rows, timed.Took);
        var took = new long[changes];
        (timed.Queries, timed.Rows) = (0, 0);
        for (var n = 0; n < changes; n++)
        {
            await Append(journal, [Row(heads, n, isChanged: true)]);
            await Task.Delay(TimeSpan.FromSeconds(1));
            var at = Stopwatch.GetTimestamp();
            await feed.Refresh(default);
            took[n] = Stopwatch.GetTimestamp() - at;
        }

        var (changeQueries, changeRows, change) = (timed.Queries, timed.Rows, timed.Longest);
        (timed.Queries, timed.Rows) = (0, 0);
        for (var n = 0; n < rows; n += Batch)
        {
            await Append(journal, [.. Enumerable.Range(n, Batch).Select(i => Row(heads, i % campaigns, isChanged: false))]);
        }

        var passed = Stopwatch.GetTimestamp();
        await feed.Refresh(default);
        var passing = Stopwatch.GetElapsedTime(passed);
        return
        [
            ($"{store}: start with {Report.Of(campaigns)} campaigns", Report.Milliseconds(load), $"{loadQueries} queries, {Report.Of(loadRows)} rows, in {Report.Milliseconds(loadTook)}"),
            ("  a change, once a second: p50", Report.Milliseconds(Report.Percentile(took, 0.5)), $"{changeQueries / (double)changes:N1} queries, {changeRows / (double)changes:N1} rows each, longest query {Report.Milliseconds(change)}"),
            ($"  {Report.Of(rows)} rows that change nothing", Report.Milliseconds(passing), $"{timed.Queries} queries, {Report.Of(timed.Rows)} rows"),
        ];
    }

    private static async Task Append(IJournal journal, IReadOnlyList<StreamAppend> appends)
    {
        if ((await journal.Append(appends, false, default)).Any(outcome => outcome != AppendOutcome.Written))
        {
            throw new InvalidOperationException("A row was not written.");
        }
    }

    private static StreamAppend Row(Dictionary<StreamId, StreamHead> heads, int n, bool isChanged)
    {
        var (id, at) = (Tenant.Default.Campaign($"campaign-{n:00000}"), DateTimeOffset.UtcNow);
        var head = heads.GetValueOrDefault(id, StreamHead.Empty);
        var state = CampaignState.Initial(id).Put(Definition(n), at);
        var happened = new CampaignEvent.DefinitionPut(state.View(state.Definition!));
        var encoded = CampaignEntity.Entity.Events.Encode(happened);
        var row = RowCodec.Next(id.ToString(), head, [new(Guid.Empty, at.ToMicros(), default, [new(encoded.Name, encoded.Version, encoded.Payload, null, default)])]);
        heads[id] = new(row.Seq, row.Hash);
        var upserts = isChanged ? CampaignTables.Rows(state, happened, at).Select(r => new TableUpsert(Campaigns, r.Values)).ToList() : [];
        return new(id.ToString(), head, row, at.ToMicros(), upserts, [], null);
    }

    private static CampaignDefinition Definition(int n) => new(
        "Acme", null, new("Survey", "survey", "Three questions", $$"""{"type":"object","description":"{{new string('x', 1_500)}}"}""", ["preferences"], ["data_sharing"]),
        [new($"service-{n}", 300_000)], [], 2, null, null, null, null, null, true);

    /// <summary>Counts what is asked of the tables.</summary>
    private sealed class TimedTables(ITables inner) : ITables
    {
        public int Queries { get; set; }

        public long Rows { get; set; }

        public TimeSpan Took { get; set; }

        /// <summary>Of those that gave two rows at most.</summary>
        public TimeSpan Longest { get; private set; }

        public async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
        {
            var began = Stopwatch.GetTimestamp();
            var page = await inner.Query(query, cancel);
            var took = Stopwatch.GetElapsedTime(began);
            (Queries, Rows, Took, Longest) = (Queries + 1, Rows + page.Rows.Count, Took + took, page.Rows.Count <= 2 && took > Longest ? took : Longest);
            return page;
        }

        public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => inner.Totals(table, tenant, columns, cancel);

        public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => inner.Active(query, cancel);

        public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => inner.DayTotals(table, tenant, columns, fromDay, toDay, cancel);

        public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => inner.Sums(query, cancel);

        public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => inner.Clear(tables, cancel);

        public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => inner.Write(rows, cancel);
    }
}
