using System.Diagnostics.Metrics;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Silo.Engine;

namespace Agora.Silo;

/// <summary>
/// Starts what runs beside requests, once everything else has started: what is woken then finds its grains. And drains: by the time the
/// host stops this, the HTTP server has finished its requests.
/// Order of the end: no more wake-ups, grains finish and write what rides, the committer is empty, the journal is closed by
/// its owner.
/// </summary>
internal sealed class Lifetime(IEngineLifetime engine, GroupCommitter committer, IJournal journal, PersonalKeys keys, Entities entities, TestClocks clocks, AgoraSettings settings, TimeProvider time, ILogger<Lifetime> log) : IHostedLifecycleService
{
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(10);
    private const int PruneAtOnce = 5_000;

    private static readonly TimeSpan ArchiveEvery = TimeSpan.FromHours(1);

    // Often enough that one slow answer does not make every key be read again.
    private static readonly TimeSpan FollowEvery = PersonalKeys.TimeToLive / 4;
    private readonly CancellationTokenSource _stop = new();

    // The process owns the meter: the runtime keeps each meter, and what its gauges read, until the meter is disposed.
    private readonly Meter _meter = new("Agora.Sweeper");
    private Sweeper? _sweeper;
    private Task _pruning = Task.CompletedTask;
    private Task _following = Task.CompletedTask;
    private Task _archiving = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _sweeper = new(
            journal,
            (stream, _) => entities.Wake(StreamId.Parse(stream), Guid.CreateVersion7()),
            (stream, failure) => log.WakeFailed(stream, failure),
            new(),
            TaskScheduler.Default,
            time,
            clocks.Ahead);
        _meter.CreateObservableGauge("agora.sweeper.round.age", () => _sweeper.RoundAge.TotalSeconds, "s", "Since the last round that read all alarms that were due; since the start, before the first");
        _sweeper.Start();
        _pruning = Every(PruneEvery, PruneOnce);
        _following = Every(FollowEvery, FollowOnce);
        _archiving = settings.ArchiveAfterDays == 0 ? Task.CompletedTask : Every(ArchiveEvery, ArchiveOnce);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.TellAsync();
        await (_sweeper?.DisposeAsync() ?? default);
        _meter.Dispose();
        await _pruning;
        await _following;
        await _archiving;
        try
        {
            await engine.Drain(cancellationToken);
            await committer.Drain().WaitAsync(cancellationToken);
            log.Drained();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.NotDrained();
            Environment.ExitCode = Server.LostExitCode;
            await committer.DisposeAsync(); // whoever still waits for the store is told that it is away, so that grains can end
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task Every(TimeSpan period, Func<Task> act)
    {
        try
        {
            using var timer = new PeriodicTimer(period, time);
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await act();
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    log.RoundFailed(e); // what nobody thought of ends neither later rounds nor, when the process stops, its drain
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task PruneOnce()
    {
        try
        {
            while (await journal.PruneKeys(time.GetUtcNow().ToMicros(), PruneAtOnce, _stop.Token) == PruneAtOnce)
            {
            }
        }
        catch (JournalUnavailableException e)
        {
            log.PruneFailed(e);
        }
    }

    private async Task ArchiveOnce()
    {
        try
        {
            var archive = new SessionArchive(journal, time);
            await archive.Run(TimeSpan.FromDays(settings.ArchiveAfterDays), told: null, _stop.Token);
            log.Archived(archive.Done.Broken == 0 ? LogLevel.Information : LogLevel.Warning, archive.Done);
        }
        catch (Exception e) when (e is JournalUnavailableException or JournalUnknownException)
        {
            log.ArchiveFailed(e);
        }
    }

    private async Task FollowOnce()
    {
        try
        {
            await keys.Follow(_stop.Token);
        }
        catch (JournalUnavailableException e)
        {
            log.FollowFailed(e);
        }
    }
}

internal static partial class LifetimeLog
{
    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "{Stream} could not be woken; the next sweep tries again")]
    public static partial void WakeFailed(this ILogger log, string? stream, Exception failure);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "Expired idempotency keys could not be pruned; the next round tries again")]
    public static partial void PruneFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 23, Level = LogLevel.Debug, Message = "What other processes destroyed is not known; keys are read again each time they have aged")]
    public static partial void FollowFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 24, Message = "{Done}")]
    public static partial void Archived(this ILogger log, LogLevel level, Archived done);

    [LoggerMessage(EventId = 25, Level = LogLevel.Warning, Message = "Sessions that ended could not all be archived; the next round goes on")]
    public static partial void ArchiveFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 26, Level = LogLevel.Error, Message = "The store was away for as long as a stop may take: what was not acknowledged is not written, or nobody knows; the same requests under the same keys say which")]
    public static partial void NotDrained(this ILogger log);

    [LoggerMessage(EventId = 27, Level = LogLevel.Error, Message = "A round of what runs beside requests failed; the next one tries again")]
    public static partial void RoundFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 22, Level = LogLevel.Information, Message = "Drained")]
    public static partial void Drained(this ILogger log);
}
