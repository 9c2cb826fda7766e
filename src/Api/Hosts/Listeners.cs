using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Agora.Api.Hosts;

/// <summary>The web server's sockets, which can be closed before it is, and the connections that came in by them.</summary>
internal sealed class Listeners(IOptions<SocketTransportOptions> options, ILoggerFactory logs) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, logs);
    private readonly ConcurrentBag<IConnectionListener> _bound = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // itself, until it is closed

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new Listener(this, await _sockets.BindAsync(endpoint, cancellationToken));
        _bound.Add(listener);
        return listener;
    }

    /// <summary>Nobody comes in any more; who is in stays. Once.</summary>
    public async Task Close()
    {
        foreach (var listener in _bound)
        {
            await listener.UnbindAsync();
        }

        Left();
    }

    /// <summary>Completes when all are closed and nobody is connected any more.</summary>
    public Task Empty() => _empty.Task;

    private void Left()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _empty.TrySetResult();
        }
    }

    private sealed class Listener(Listeners all, IConnectionListener socket) : IConnectionListener
    {
        public EndPoint EndPoint => socket.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var connection = await socket.AcceptAsync(cancellationToken);
            if (connection is not null)
            {
                Interlocked.Increment(ref all._open);
                connection.ConnectionClosed.UnsafeRegister(static listeners => ((Listeners)listeners!).Left(), all);
            }

            return connection;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => socket.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => socket.DisposeAsync();
    }
}
