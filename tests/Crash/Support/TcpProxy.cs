using System.Net;
using System.Net.Sockets;

namespace Agora.Crash.Support;

/// <summary>Stands before a server on loopback, as the network does: cuts, stalls, or loses what comes back; and leads elsewhere, as an address that moves.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _open = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private volatile int _target;
    private volatile bool _refuses;
    private volatile TaskCompletionSource _flows = Done();
    private volatile TaskCompletionSource _answers = Done();

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All connections end, and none is taken, until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        _refuses = true;
        End();
    }

    /// <summary>Connections stay open and nothing passes, either way, until <see cref="Heal"/>: then it does.</summary>
    public void Stall() => _flows = New();

    /// <summary>What is said reaches the server, and what it answers is lost, on the connections that are open now, for good; new ones are whole after <see cref="Heal"/>.</summary>
    public void HalfOpen() => _answers = New();

    public void Heal(int? elsewhere = null)
    {
        _target = elsewhere ?? _target;
        _refuses = false;
        _flows.TrySetResult();
        _answers = Done(); // those that wait for the other go on waiting, as they would for one who is gone
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        End();
        await _accepting;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private void End()
    {
        lock (_gate)
        {
            foreach (var connection in _open) connection.Dispose();
            _open.Clear();
        }
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Carry(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (IsEnd(e))
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Carry(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        if (_refuses) return;

        lock (_gate) _open.AddRange([near, far]);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            near.NoDelay = far.NoDelay = true;
            await Task.WhenAny(Pass(near, far, () => Done()), Pass(far, near, () => _answers));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side is gone, or the proxy is.
        }
    }

    private async Task Pass(TcpClient from, TcpClient to, Func<TaskCompletionSource> gate)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0;)
            {
                await _flows.Task.WaitAsync(_stop.Token);
                await gate().Task.WaitAsync(_stop.Token);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // As above.
        }
    }

    private static bool IsEnd(Exception e) => e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
