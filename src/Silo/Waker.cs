using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Core.Webhooks;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Journal;

namespace Agora.Silo;

/// <summary>
/// Sees to it that every entity of a kind that has something ongoing is at work, here or in another process: at start, and again and again, for the process that had one may be gone. Waking one that is at work does nothing but cost a call: so a round
/// wakes <see cref="Limits.WokenAtOnce"/> at most, and the next one goes on behind them.
/// </summary>
/// <param name="table">Of these entities.</param>
/// <param name="isAtWork">The column that says which have.</param>
/// <param name="id">The column by which they are paged, within a tenant.</param>
internal abstract class Waker(Table table, string isAtWork, string id, ITables tables, Entities entities, TimeProvider time, ILogger log) : BackgroundWork
{
    private IReadOnlyList<object>? _after;

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.WokenEvery, time);
        do
        {
            await Once(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One round. A call to a process that hangs lasts until it is missed, so some are made beside each other.</summary>
    internal async Task Once(CancellationToken cancel)
    {
        try
        {
            var query = new TableQuery(TableShapes.Of(table), [new(isAtWork, Comparison.Equal, 1L)], [new("tenant"), new(id)], 0, Limits.WokenAtOnce) { After = _after, CountUpTo = 0 };
            var rows = (await tables.Query(query, cancel)).Rows;
            _after = rows.Count < Limits.WokenAtOnce ? null : [rows[^1].Values[0]!, rows[^1].Values[1]!];
            await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = Limits.WebhookCallsAtOnce }, async (row, _) => await Wake(row.Stream));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.NotWoken(table.Name, e);
        }
    }

    private async Task Wake(string stream)
    {
        try
        {
            await entities.Wake(StreamId.Parse(stream), Guid.CreateVersion7());
        }
        catch (Exception e) // the others are woken all the same
        {
            log.NotWoken(stream, e);
        }
    }
}

internal sealed class WebhookWaker(ITables tables, Entities entities, TimeProvider time, ILogger<WebhookWaker> log) : Waker(WebhookTables.Webhooks, "delivers", "webhook_id", tables, entities, time, log);

internal sealed class InboxWaker(ITables tables, Entities entities, TimeProvider time, ILogger<InboxWaker> log) : Waker(WebhookTables.Inboxes, "delivers", "webhook_id", tables, entities, time, log);

internal sealed class UpstreamWaker(ITables tables, Entities entities, TimeProvider time, ILogger<UpstreamWaker> log) : Waker(UpstreamTables.Upstreams, "follows", "upstream_id", tables, entities, time, log);

internal static partial class WakerLog
{
    [LoggerMessage(EventId = 33, Level = LogLevel.Warning, Message = "{What} could not be woken; the next round tries again")]
    public static partial void NotWoken(this ILogger log, string what, Exception failure);
}
