using Agora.Core.Kernel;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Hosts;

/// <summary>
/// The end of a process as its clients see it, before the web server itself is stopped. Nobody new is let in, so whoever comes is refused and knows that
/// nothing was sent; who is connected has the next request answered too, with <c>Connection: close</c> (<c>LastAnswers</c>). The web server alone closes
/// idle connections at once, and what a client sends at that moment is lost with them.
/// </summary>
internal sealed class Drain(Listeners listeners, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Also where the host was stopped without being told to: from here on answers are the last ones, and readiness says so.
        lifetime.StopApplication();
        await listeners.Close();
        await Task.WhenAny(listeners.Empty(), Task.Delay(Limits.DrainAtMost, time, cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
