using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Silo;

/// <summary>Sees to it that every endpoint is at work, here or in another process: at start, and again and again, for the process that had one may be gone. Waking one that is at work does nothing.</summary>
internal sealed class WebhookWaker(ITables tables, Entities entities, TimeProvider time, ILogger<WebhookWaker> log) : BackgroundService
{
    private const int Page = 1_000;

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

    private async Task Once(CancellationToken cancel)
    {
        try
        {
            IReadOnlyList<object>? after = null;
            do
            {
                var rows = (await tables.Query(
                    new TableQuery(TableShapes.Of(WebhookTables.Webhooks), [new("delivers", Comparison.Equal, 1L)], [new("tenant"), new("webhook_id")], 0, Page) { After = after, CountUpTo = 0 }, cancel)).Rows;
                foreach (var row in rows)
                {
                    await entities.Wake(StreamId.Parse(row.Stream), Guid.CreateVersion7());
                }

                after = rows.Count < Page ? null : [rows[^1].Values[0]!, rows[^1].Values[1]!];
            }
            while (after is not null);
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
