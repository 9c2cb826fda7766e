using Agora.Grains.Kernel;
using Agora.Outbound;

namespace Agora.Grains.Services;

/// <summary>
/// Connections to a server (scheme, host and port) as its callers share them: by tenant, and within it by user. So one who has all its calls wait for a server takes no other's. Calls that are made for none, as of the facilitator, share as one tenant does.
/// <para>Bound: <see cref="OutboundLimits.MaxConnectionsPerServer"/>; of a server that nothing is being called at nothing is known.</para>
/// </summary>
public sealed class ConnectionPlaces
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Server> _servers = new(StringComparer.Ordinal);

    /// <summary>Servers that something is being called at, or waits to be.</summary>
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

    /// <exception cref="OperationCanceledException">It waited in vain.</exception>
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
