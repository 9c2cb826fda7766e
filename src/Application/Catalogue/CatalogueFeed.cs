using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Hosting;
using Agora.Journal;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Catalogue;

/// <summary>
/// Fills the catalogue from the tables: all of it before the first request is served, then what the journal's feed says has changed since, so that a change
/// made through another process is seen within milliseconds.
/// <para>A row of a table is written with the journal row it follows from, and is stamped no earlier than that row's first entry. So what a window has
/// changed is read by one look at each table for each tenant in it, from the window's earliest stamp on. What is read twice is told by its stamp. Rows of campaigns that write no
/// row of a table here, as runs make them, and keys of agents, wake nobody: they are passed in large windows, once a second.</para>
/// </summary>
internal sealed partial class CatalogueFeed(IFeed feed, TableReader tables, Catalogues catalogues, TimeProvider time, ILogger<CatalogueFeed> log) : BackgroundWork
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(250);
    private static readonly string[] Tables = [ServiceTables.Services.Name, CampaignTables.Campaigns.Name, AgentTables.Cards.Name];
    private const int Batch = 1_000;
    private const int Window = 10_000; // For each there is a look at the tables; of a row there is its name and the head of its body.

    private string? _cursor;

    public override Task StartAsync(CancellationToken cancellationToken) => Load(cancellationToken);

    /// <summary>Takes in what is there now.</summary>
    public async Task Refresh(CancellationToken cancel)
    {
        await foreach (var window in Windows(TimeSpan.Zero, cancel))
        {
            await Take(window, cancel);
            if (window.Rows.Count == 0) break;
        }
    }

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var window in Windows(patience: null, stoppingToken))
                {
                    await Take(window, stoppingToken);
                }
            }
            catch (Exception e) when (e is JournalUnavailableException or IOException or TimeoutException)
            {
                // The catalogue stays as it was, and readiness says that the store is away; it goes on from the cursor it has.
                NotRefreshed(log, e);
                await Task.Delay(TryAgain, time, stoppingToken);
            }
        }
    }

    private IAsyncEnumerable<FeedWindow> Windows(TimeSpan? patience, CancellationToken cancel)
    {
        var query = new FeedQuery(_cursor, Kinds.Service, Kinds.Campaign, Kinds.Agent) { WakeFor = Tables, MostRows = Window, BodyBytes = RowCodec.FirstAtBytes };
        return feed.Follow(patience is { } given ? query with { Patience = given } : query, cancel);
    }

    private async Task Take(FeedWindow window, CancellationToken cancel)
    {
        if (window.Reset)
        {
            CutOff(log);
            await Load(cancel);
            return;
        }

        foreach (var rows in window.Rows.GroupBy(WhoseAndWhat))
        {
            var stream = StreamId.Parse(rows.First().Stream);
            var (own, catalogue, since) = (tables.In(Tenant.Of(stream)), catalogues.In(Tenant.Of(stream)), rows.Min(RowCodec.FirstAtMicros));
            await (stream.Kind switch
            {
                Kinds.Service => ReadFrom(own, ServiceTables.Services, since, row => PutService(catalogue, row), cancel),
                Kinds.Campaign => ReadFrom(own, CampaignTables.Campaigns, since, row => PutCampaign(catalogue, row), cancel),
                _ => ReadFrom(own, AgentTables.Cards, since, row => catalogues.Agents(Tenant.Of(stream)).Put(AgentRegistry.Card(row)), cancel),
            });
        }

        _cursor = window.Cursor;
    }

    /// <summary>All there is. What changes while it is read comes behind the cursor that was taken before.</summary>
    private async Task Load(CancellationToken cancel)
    {
        var end = await feed.FeedEnd(cancel);
        var (services, campaigns, cards) = (new List<(Tenant Tenant, ServiceEntry Entry)>(), new List<(Tenant Tenant, CampaignEntry Entry)>(), new List<(Tenant Tenant, AgentCard Card)>());
        await ReadFrom(tables.OfAll, ServiceTables.Services, 0, row => services.Add((TenantOf(row), Service(row))), cancel);
        await ReadFrom(tables.OfAll, CampaignTables.Campaigns, 0, row => campaigns.Add((TenantOf(row), Campaign(row))), cancel);
        await ReadFrom(tables.OfAll, AgentTables.Cards, 0, row => cards.Add((TenantOf(row), AgentRegistry.Card(row))), cancel);
        catalogues.Load(services.ToLookup(s => s.Tenant, s => s.Entry), campaigns.ToLookup(c => c.Tenant, c => c.Entry), cards.ToLookup(c => c.Tenant, c => c.Card));
        _cursor = end;
    }

    private static void PutService(ServiceCatalogue catalogue, NamedRow row)
    {
        if (catalogue.IsNewer(row.Text("service_id"), row.Time("updated_at")))
        {
            catalogue.Put(Service(row));
        }
    }

    private static void PutCampaign(ServiceCatalogue catalogue, NamedRow row)
    {
        if (catalogue.IsNewerCampaign(row.Text("campaign_id"), row.Time("updated_at")))
        {
            catalogue.Put(Campaign(row));
        }
    }

    /// <summary>
    /// From a stamp on, batch by batch. A row that changes meanwhile moves to the end and the others move up, so a batch starts at the
    /// last stamp seen, not behind a count of rows: nothing is skipped, and what is seen twice is dropped by its stamp.
    /// </summary>
    private static async Task ReadFrom(TenantTables tables, Table table, long since, Action<NamedRow> take, CancellationToken cancel)
    {
        IReadOnlyList<Order> order = [new("updated_at"), new(table.Columns[1]), new(table.Columns[0])];
        for (var (from, offset) = (since, 0); ;)
        {
            var (rows, _) = await tables.Page(table, new Page(offset, Batch), order, cancel, new Condition("updated_at", Comparison.AtLeast, from));
            foreach (var row in rows)
            {
                take(row);
            }

            if (rows.Count < Batch) return;

            var last = rows[^1].Number("updated_at");
            (from, offset) = last > from ? (last, 0) : (from, offset + Batch);
        }
    }

    private static Tenant TenantOf(NamedRow row) => Tenant.Of(StreamId.Parse(row.Stream));

    // A window has thousands of rows and hardly more than one such name, so no row's is parsed.
    private static string WhoseAndWhat(JournalRow row) => row.Stream[..row.Stream.LastIndexOf('/')];

    public static ServiceEntry Service(NamedRow row) =>
        new(row.Text("service_id"), Definition<ServiceDefinition>(row), row.Number("disabled") != 0, row.Time("updated_at"), row.Number("overcharges"), row.OptionalTime("retry_at"));

    public static CampaignEntry Campaign(NamedRow row)
    {
        var definition = Definition<CampaignDefinition>(row);
        return new(
            row.Text("campaign_id"), definition, row.Number("closed") != 0, row.Time("updated_at"), row.OptionalNumber("short_micros"), row.Number("completions") >= definition.MaxCompletions);
    }

    private static T Definition<T>(NamedRow row) =>
        JsonSerializer.Deserialize<T>(row.Text("definition"), StoredJson.Options) ?? throw new InvalidDataException("A definition is null.");

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The catalogue was not refreshed")]
    private static partial void NotRefreshed(ILogger log, Exception e);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A fail-over has cut off rows that the catalogue had seen: it is read anew")]
    private static partial void CutOff(ILogger log);
}
