using System.Diagnostics.Metrics;
using Agora.Proof;
using Agora.Proof.Checkpoints;

namespace Agora.Silo;

/// <summary>
/// Makes checkpoints, the first one at once (what the last process left is to be covered), then one each interval; and tells the sink. What
/// fails is done by the next round: nothing rests on a single one.
/// </summary>
internal sealed class CheckpointLoop(CheckpointMaker maker, CheckpointTeller teller, ProofOptions options, TimeProvider time, ILogger<CheckpointLoop> log) : IHostedLifecycleService
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _meter = new("Agora.Checkpoints");
    private long _wentWellAt = time.GetTimestamp();
    private Task _run = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge("agora.checkpoint.round.age", () => time.GetElapsedTime(Volatile.Read(ref _wentWellAt)).TotalSeconds, "s", "Since the last round that covered all rows there were, and told the sink; since the start, before the first");
        _run = Task.Run(Run, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _run;
        _meter.Dispose();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task Run()
    {
        using var timer = new PeriodicTimer(options.CheckpointInterval, time);
        try
        {
            do
            {
                await Once();
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task Once()
    {
        try
        {
            await maker.Make(_stop.Token);
            await teller.Tell(_stop.Token);
            Volatile.Write(ref _wentWellAt, time.GetTimestamp());
        }
        catch (CheckpointSinkException e)
        {
            log.SinkFailed(e);
        }
        catch (Exception e) when (!(e is OperationCanceledException && _stop.IsCancellationRequested))
        {
            log.CheckpointFailed(e);
        }
    }
}

internal static partial class CheckpointLoopLog
{
    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "A checkpoint could not be made; the next round covers its rows too")]
    public static partial void CheckpointFailed(this ILogger log, Exception failure);

    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message = "AGORA_CHECKPOINT_SINK did not take a checkpoint; the next round offers it again")]
    public static partial void SinkFailed(this ILogger log, Exception failure);
}
