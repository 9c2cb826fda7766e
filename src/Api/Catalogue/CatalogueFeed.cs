using System.Text.Json;
using Agora.Api.Http;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Catalogue;

/// <summary>
/// Fills the catalogue from the tables: all of it before the first request is served, then each half second what has changed since, so that
/// a change made through another process is seen within a second.
/// <para>Rows are stamped before they are committed, so one may appear behind a later one: each poll looks <see cref="Overlap"/> back from the
/// one before. That is longer than a clock may be off (2 s) and an append may wait; entries seen already are told by their stamp and cost one
/// comparison, and once they are that old they are not read again.</para>
/// </summary>
internal sealed partial class CatalogueFeed(TableReader tables, ServiceCatalogue catalogue, TimeProvider time, ILogger<CatalogueFeed> log) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);
    private const int Batch = 1_000;

    private long _servicesAt;
    private long _campaignsAt;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var loaded = new List<ServiceEntry>();
        _servicesAt = await Read(ServiceTables.Services, 0, row => loaded.Add(Service(row)), cancellationToken);
        catalogue.Load(loaded);
        await ReadCampaigns(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>One poll.</summary>
    public async Task Refresh(CancellationToken cancel)
    {
        _servicesAt = await Read(ServiceTables.Services, Back(_servicesAt), row =>
        {
            if (catalogue.IsNewer(row.Text("service_id"), row.Time("updated_at")))
            {
                catalogue.Put(Service(row));
            }
        }, cancel);
        await ReadCampaigns(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Refresh(stoppingToken);
            }
            catch (Exception e) when (e is JournalUnavailableException or IOException or TimeoutException)
            {
                // The catalogue stays as it was, and readiness says that the store is away; the next tick tries again.
                NotRefreshed(log, e);
            }
        }
    }

    private async Task ReadCampaigns(CancellationToken cancel) =>
        _campaignsAt = await Read(CampaignTables.Campaigns, Back(_campaignsAt), row =>
        {
            if (catalogue.IsNewerCampaign(row.Text("campaign_id"), row.Time("updated_at")))
            {
                catalogue.Put(Campaign(row));
            }
        }, cancel);

    /// <summary>
    /// From a stamp on, batch by batch. A row that changes meanwhile moves to the end and the others move up, so a batch starts at the
    /// last stamp seen, not behind a count of rows: nothing is skipped, and what is seen twice is dropped by its stamp.
    /// </summary>
    /// <returns>From where the next reading looks <see cref="Overlap"/> back.</returns>
    private async Task<long> Read(Table table, long since, Action<NamedRow> take, CancellationToken cancel)
    {
        IReadOnlyList<Order> order = [new("updated_at"), new(table.Columns[1])];
        var begun = time.GetUtcNow().ToMicros();
        for (var (from, offset) = (since, 0); ;)
        {
            var (rows, _) = await tables.Page(table, new Page(offset, Batch), order, cancel, new Condition("updated_at", Comparison.AtLeast, from));
            foreach (var row in rows)
            {
                take(row);
            }

            var last = rows.Count == 0 ? from : rows[^1].Number("updated_at");
            if (rows.Count < Batch)
            {
                return Math.Max(last, begun);
            }

            (from, offset) = last > from ? (last, 0) : (from, offset + Batch);
        }
    }

    private static long Back(long at) => Math.Max(0, at - (long)Overlap.TotalMicroseconds);

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
}
