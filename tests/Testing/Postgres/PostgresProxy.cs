using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agora.Testing.Postgres;

/// <summary>What a <see cref="PostgresProxy"/> does to the next transaction that it sees end.</summary>
public enum ProxyFault
{
    /// <summary>All but its Sync reaches the server, then the connection is cut: nothing can be committed.</summary>
    CutBeforeCommit,

    /// <summary>It is committed, and the connection is cut before the client hears of it.</summary>
    CutAfterCommit,

    /// <summary>It is committed, and the client hears of it when <see cref="PostgresProxy.Release"/> says so.</summary>
    HoldAnswer,
}

/// <summary>
/// Stands between a client and a server, on loopback, and knows as much of the protocol as it needs: where a message ends, that a Sync
/// ends what the client sent, and that ReadyForQuery follows the commit. Without TLS. Only connections whose startup names the given
/// application suffer faults.
/// </summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    private const byte Sync = (byte)'S', ReadyForQuery = (byte)'Z';

    private readonly int _server;
    private readonly string _application;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private (ProxyFault Fault, TaskCompletionSource Struck)? _armed;
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PostgresProxy(int server, string application)
    {
        _server = server;
        _application = application;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>For the next transaction, once; the task completes when it has struck.</summary>
    public Task Arm(ProxyFault fault)
    {
        lock (_gate)
        {
            var struck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _armed = (fault, struck);
            _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return struck.Task;
        }
    }

    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Carry(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Carry(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
            near.NoDelay = far.NoDelay = true;
            var startup = await ReadMessage(near.GetStream(), typed: false);
            await far.GetStream().WriteAsync(startup, _stop.Token);
            var connection = new Connection(near, far, Encoding.UTF8.GetString(startup).Contains($"\0{_application}\0", StringComparison.Ordinal));
            await Task.WhenAny(FromClient(connection), FromServer(connection));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side is gone, or the proxy is: disposing ends both.
        }
    }

    private async Task FromClient(Connection connection)
    {
        while (true)
        {
            var message = await ReadMessage(connection.Near.GetStream(), typed: true);
            if (message[0] == Sync && connection.Suffers && Take() is { } armed)
            {
                if (armed.Fault is ProxyFault.CutBeforeCommit)
                {
                    armed.Struck.SetResult();
                    return;
                }

                connection.Armed = armed;
            }

            await connection.Far.GetStream().WriteAsync(message, _stop.Token);
        }
    }

    private async Task FromServer(Connection connection)
    {
        while (true)
        {
            var message = await ReadMessage(connection.Far.GetStream(), typed: true);
            if (connection.Armed is { } armed && message[0] == ReadyForQuery)
            {
                connection.Armed = null;
                armed.Struck.SetResult();
                if (armed.Fault is ProxyFault.CutAfterCommit) return;
                await _released.Task.WaitAsync(_stop.Token);
            }

            await connection.Near.GetStream().WriteAsync(message, _stop.Token);
        }
    }

    private (ProxyFault Fault, TaskCompletionSource Struck)? Take()
    {
        lock (_gate)
        {
            var armed = _armed;
            _armed = null;
            return armed;
        }
    }

    // Type (none at startup), length of what follows including itself, content.
    private async Task<byte[]> ReadMessage(NetworkStream stream, bool typed)
    {
        var header = new byte[typed ? 5 : 4];
        await stream.ReadExactlyAsync(header, _stop.Token);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(header.Length - 4));
        var message = new byte[header.Length - 4 + length];
        header.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(header.Length), _stop.Token);
        return message;
    }

    private static bool IsEnd(Exception e) => e is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    private sealed class Connection(TcpClient near, TcpClient far, bool suffers)
    {
        public TcpClient Near => near;

        public TcpClient Far => far;

        public bool Suffers => suffers;

        public (ProxyFault Fault, TaskCompletionSource Struck)? Armed { get; set; }
    }
}
