namespace Agora.Silo.Engine;

/// <summary>
/// Keeps the watchdog of Orleans quiet until everything has started. Its first look may come before what it measures with, and then it warns of a
/// check that has been stuck for as long as the machine is up. A start that hangs shows in readiness.
/// </summary>
internal sealed class FirstLook : IHostedLifecycleService
{
    private const string Watchdog = "Orleans.Runtime.Watchdog";
    private volatile bool _started;

    public void Filter(ILoggingBuilder logging) => logging.AddFilter(Watchdog, level => _started && level >= LogLevel.Warning);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
