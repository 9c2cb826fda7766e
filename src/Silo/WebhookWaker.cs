using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Silo;

/// <summary>
/// Sees to it that every endpoint is at work, here or in another process: at start, and again and again, for the process that had one may be gone. Waking one that is at work does nothing but cost a call: so a round
/// wakes <see cref="Limits.WebhooksWokenAtOnce"/> at most, and the next one goes on behind them.
/// </summary>
internal sealed class WebhookWaker(ITables tables, Entities entities, TimeProvider time, ILogger<WebhookWaker> log) : BackgroundService
{
    private IReadOnlyList<object>? _after;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.WebhooksWokenEvery, time);
        try
        {
            do
            {
                await Once(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    /// <summary>One round. A call to a process that hangs lasts until it is missed, so some are made beside each other.</summary>
    internal async Task Once(CancellationToken cancel)
    {
        try
        {
            var query = new TableQuery(TableShapes.Of(WebhookTables.Webhooks), [new("delivers", Comparison.Equal, 1L)], [new("tenant"), new("webhook_id")], 0, Limits.WebhooksWokenAtOnce) { After = _after, CountUpTo = 0 };
            var rows = (await tables.Query(query, cancel)).Rows;
            _after = rows.Count < Limits.WebhooksWokenAtOnce ? null : [rows[^1].Values[0]!, rows[^1].Values[1]!];
            await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = Limits.WebhookCallsAtOnce }, async (row, _) => await entities.Wake(StreamId.Parse(row.Stream), Guid.CreateVersion7()));
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or TimeoutException)
        {
            log.NotWoken(e);
        }
    }
}

internal static partial class WebhookWakerLog
{
    [LoggerMessage(EventId = 33, Level = LogLevel.Warning, Message = "Webhooks could not be woken; the next round tries again")]
    public static partial void NotWoken(this ILogger log, Exception failure);
}
