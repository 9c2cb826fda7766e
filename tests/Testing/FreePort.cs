using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Agora.Testing;

/// <summary>
/// Ports of loopback for programs that tests start. They lie below those that the system gives to whoever asks for any (RFC 6335's dynamic ports, Linux's from 32768 on):
/// such a one may have become the near end of somebody's connection before the program listens.
/// </summary>
public static class FreePort
{
    private const int First = 10_240;
    private const int End = 32_768;
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port where nobody listens; the same is not given twice in a process.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (Given.TryAdd(port, true) && IsFree(port)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Any, port);
            probe.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
