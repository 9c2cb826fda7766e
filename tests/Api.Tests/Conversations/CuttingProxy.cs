using System.Net;
using System.Net.Sockets;

namespace Agora.Api.Tests.Conversations;

/// <summary>Stands before a server on loopback, and cuts each connection when so many bytes of the server's have passed.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;
    private readonly Func<int> _bytes;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;
    private int _cuts;

    /// <param name="bytes">After how many bytes the next connection is cut.</param>
    public CuttingProxy(Uri server, Func<int> bytes)
    {
        (_server, _bytes) = (server, bytes);
        _listener.Start();
        _accepting = Accept();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>So many connections were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Pass(await _listener.AcceptSocketAsync(_over.Token), _bytes()));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Pass(Socket client, int bytes)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _over.Token);
                var sends = Copy(client, server, int.MaxValue);
                if (await Copy(server, client, bytes))
                {
                    Interlocked.Increment(ref _cuts);
                }

                client.LingerState = new(true, 0); // what its stack has and did not send is lost, as with a cable that is cut
                client.Close();
                server.Close();
                await sends;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two is gone.
            }
        }
    }

    /// <returns>Whether so many passed.</returns>
    private async Task<bool> Copy(Socket from, Socket to, int bytes)
    {
        var buffer = new byte[4_096];
        try
        {
            while (bytes > 0)
            {
                var got = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, bytes)), _over.Token);
                if (got == 0) return false;

                for (var sent = 0; sent < got;) sent += await to.SendAsync(buffer.AsMemory(sent, got - sent), _over.Token);
                bytes -= got;
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
