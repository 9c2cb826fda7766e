using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Hosting;

/// <summary>
/// Background work of a process. It starts after all hosted services have started: a front end is then connected to its cluster, a silo has joined, and grains can be called.
/// A failure ends neither the work nor the host: it is logged, and the work starts again after <see cref="RestartAfter"/>.
/// </summary>
public abstract partial class BackgroundWork : BackgroundService, IHostedLifecycleService
{
    public static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(5);

    protected abstract TimeProvider Time { get; }

    protected abstract ILogger Log { get; }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Override it for what must be done before the first request is served. The work itself does not start here.</summary>
    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => base.StartAsync(cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs until the process stops. If it returns earlier, there is nothing left to do.</summary>
    protected abstract Task Work(CancellationToken stoppingToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Work(stoppingToken);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Failed(Log, GetType().Name, RestartAfter.TotalSeconds, e);
            }

            await Task.Delay(RestartAfter, Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Error, Message = "Background work {Work} failed. It starts again in {Seconds} s")]
    private static partial void Failed(ILogger log, string work, double seconds, Exception e);
}
