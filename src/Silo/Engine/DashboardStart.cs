using Orleans.Dashboard;

namespace Agora.Silo.Engine;

/// <summary>
/// When Orleans' dashboard starts. It calls its grains when it does, for which a silo that joins is not ready, so it waits until all else has started. On a server that is alone it waits until somebody looks at it:
/// it takes a second and 80 MB. In a cluster each silo has to report to it, whichever one shows it.
/// </summary>
internal sealed class DashboardStart(IHostedService dashboard, bool isAlone) : IHostedLifecycleService
{
    private readonly Lazy<Task> _started = new(() => dashboard.StartAsync(CancellationToken.None));

    /// <summary>Takes the place of the start that the dashboard has registered for itself.</summary>
    public static void Use(IServiceCollection services, bool isAlone)
    {
        var own = services.Single(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationFactory?.Method.Module.Assembly == typeof(DashboardOptions).Assembly);
        services.Remove(own);
        services.AddSingleton(provider => new DashboardStart((IHostedService)own.ImplementationFactory!(provider), isAlone));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<DashboardStart>());
    }

    public Task Started() => _started.Value;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => isAlone ? Task.CompletedTask : Started();

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _started.IsValueCreated ? dashboard.StopAsync(cancellationToken) : Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
