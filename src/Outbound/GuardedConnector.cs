using System.Net;
using System.Net.Sockets;

namespace Agora.Outbound;

/// <summary>Looks a name up. In the product it is DNS; it is asked once for each new connection.</summary>
public delegate Task<IPAddress[]> Resolve(string host, CancellationToken cancellation);

/// <summary>
/// Opens the connection itself, to the very address it checked. A check apart from the connect would leave a second lookup
/// between the two, which a name with a short lifetime can answer differently (DNS rebinding).
/// </summary>
internal sealed class GuardedConnector(AllowList allowed, Resolve resolve, TimeProvider time)
{
    /// <exception cref="AddressRefusedException">None of the name's addresses may be connected to.</exception>
    public async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isTls = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps;
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellation);
        var permitted = resolved.Where(address => AddressGuard.Refusal(host, address, port, isTls, allowed) is null)
            .Take(OutboundLimits.MaxAddressesTried).ToArray();
        if (permitted.Length == 0)
            throw resolved.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new AddressRefusedException();
        return await ConnectToFirst(permitted, port, cancellation);
    }

    private async Task<Stream> ConnectToFirst(IPAddress[] permitted, int port, CancellationToken cancellation)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(permitted[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await ConnectWithin(socket, new IPEndPoint(permitted[i], port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception failure)
            {
                socket.Dispose();
                if (failure is not (SocketException or TimeoutException) || i == permitted.Length - 1)
                    throw;
            }
        }
    }

    private async Task ConnectWithin(Socket socket, IPEndPoint address, CancellationToken cancellation)
    {
        using var share = new CancellationTokenSource(OutboundLimits.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellation);
        try
        {
            await socket.ConnectAsync(address, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("The address did not accept the connection in time.");
        }
    }
}

/// <summary>Never leaves this project: it becomes <see cref="OutboundFailure.Refused"/>.</summary>
internal sealed class AddressRefusedException() : Exception("The guard refuses every address of this name.");
