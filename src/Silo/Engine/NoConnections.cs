using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Agora.Silo.Engine;

/// <summary>
/// A silo that is alone listens nowhere: nothing else is to reach its grains, and a second server on the machine needs no port of its own. Takes the place of Orleans' sockets.
/// </summary>
internal sealed class NoConnections : IConnectionListenerFactory
{
    public static void Use(IServiceCollection services)
    {
        // Orleans has one listener for silos and one for clients, each under a key of its own that is not public.
        foreach (var sockets in services.Where(static service => service is { IsKeyedService: true } && service.ServiceType == typeof(IConnectionListenerFactory)).ToList())
        {
            services.Remove(sockets);
            services.AddKeyedSingleton<IConnectionListenerFactory, NoConnections>(sockets.ServiceKey);
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new Nowhere(endpoint));

    private sealed class Nowhere(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_ended.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

        public ValueTask DisposeAsync()
        {
            _ended.TrySetResult(null);
            return default;
        }
    }
}
