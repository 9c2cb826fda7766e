using Agora.Grains.Kernel;
using Agora.Outbound;

namespace Agora.Grains.Services;

/// <summary>
/// Shares the connections to each server (scheme, host and port) by tenant, and within a tenant by user, so a caller whose calls all hang at a server leaves connections to the others. Calls without a caller, such as those to the facilitator, share as one tenant.
/// <para>Bound: <see cref="OutboundLimits.MaxConnectionsPerServer"/>. A server without calls takes no memory.</para>
/// </summary>
public sealed class ConnectionPlaces
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Server> _servers = new(StringComparer.Ordinal);

    /// <summary>The number of servers with calls under way or waiting.</summary>
    public int Servers
    {
        get
        {
            lock (_lock)
            {
                return _servers.Count;
            }
        }
    }

    /// <returns>Dispose it when the call has ended.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before there was a connection.</exception>
    public async Task<IDisposable> Take(OutboundCall call, CancellationToken cancel)
    {
        var server = Enter(call.Endpoint.GetLeftPart(UriPartial.Authority));
        try
        {
            return new Connection(this, server, await server.Places.Wait(call.Caller is { } caller ? new(caller.Tenant, caller.UserId) : new(""), cancel));
        }
        catch
        {
            Leave(server);
            throw;
        }
    }

    private Server Enter(string name)
    {
        lock (_lock)
        {
            if (!_servers.TryGetValue(name, out var server))
            {
                _servers.Add(name, server = new(name));
            }

            server.Calls++;
            return server;
        }
    }

    private void Leave(Server server)
    {
        lock (_lock)
        {
            if (--server.Calls == 0)
            {
                _servers.Remove(server.Name);
            }
        }
    }

    private sealed class Server(string name)
    {
        public string Name { get; } = name;

        public FairPlaces Places { get; } = new(OutboundLimits.MaxConnectionsPerServer);

        public int Calls { get; set; }
    }

    private sealed class Connection(ConnectionPlaces of, Server server, FairPlaces.Place place) : IDisposable
    {
        public void Dispose()
        {
            place.Dispose();
            of.Leave(server);
        }
    }
}
