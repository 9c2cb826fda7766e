using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Agora.ScriptedModels;

/// <summary>Writes a body event by event, or cut at random bytes, and no more of it than the limit.</summary>
/// <param name="limit">Bytes; null: all.</param>
internal sealed class BodyPipe(HttpContext http, Pieces? pieces, long? limit)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PipeWriter _writer = http.Response.BodyWriter;
    private readonly Socket? _socket = http.Features.Get<IConnectionSocketFeature>()?.Socket;
    private readonly long _before = AckedBytes(http.Features.Get<IConnectionSocketFeature>()?.Socket) ?? 0;
    private readonly MemoryStream _held = new();
    private readonly Random? _random = pieces is null ? null : new Random(pieces.Seed);
    private long _sent;
    private int _next;

    /// <summary>No more of it will be written.</summary>
    public bool IsOver => _sent >= limit;

    /// <param name="isLast">It leaves when the request is over, unless the body is cut into pieces.</param>
    public async ValueTask Write(ReadOnlyMemory<byte> bytes, bool isLast = false)
    {
        if (_random is null)
        {
            await Send(bytes, !isLast || limit is not null);
            return;
        }

        _held.Write(bytes.Span);
        await Cut(isLast: false);
    }

    /// <summary>What is held for the next piece goes too.</summary>
    public ValueTask Flush() => _random is null ? ValueTask.CompletedTask : Cut(isLast: true);

    /// <summary>The client is told with RST.</summary>
    public async Task Reset()
    {
        await Left();
        if (_socket is not null)
        {
            _socket.LingerState = new LingerOption(true, 0);
            _socket.Close();
        }

        http.Abort();
    }

    /// <summary>The client is told with FIN, and is given the time to see that before the connection is gone: a reset right behind it would hide it.</summary>
    public async Task Close()
    {
        await Left();
        try
        {
            _socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return; // It has left already.
        }

        await Task.Delay(Patience, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        http.Abort();
    }

    /// <summary>What is to be read before the connection ends has to be at the client: the web server sends it later than it takes it, and a reset discards what was not sent.</summary>
    private async Task Left()
    {
        while (http.Response.HasStarted && AckedBytes(_socket) is { } acked && acked - _before <= _sent && !http.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(Look, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Bytes of this connection that its client's machine has, by Linux's struct tcp_info (tcpi_bytes_acked); null: there is no such socket any more.</summary>
    private static long? AckedBytes(Socket? socket)
    {
        const int Tcp = 6, TcpInfo = 11, At = 120;
        var info = new byte[At + sizeof(long)];
        try
        {
            return socket?.GetRawSocketOption(Tcp, TcpInfo, info) == info.Length ? BitConverter.ToInt64(info, At) : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async ValueTask Cut(bool isLast)
    {
        var bytes = _held.ToArray();
        var at = 0;
        while (at < bytes.Length && !IsOver)
        {
            _next = _next > 0 ? _next : _random!.Next(pieces!.Least, pieces.Most + 1);
            if (bytes.Length - at < _next && !isLast) break;

            var length = Math.Min(_next, bytes.Length - at);
            await Send(bytes.AsMemory(at, length));
            at += length;
            _next = 0;
            if (pieces!.Pause > TimeSpan.Zero)
            {
                await Task.Delay(pieces.Pause, http.RequestAborted);
            }
            else
            {
                await Task.Yield();
            }
        }

        _held.SetLength(0);
        _held.Write(bytes, at, bytes.Length - at);
    }

    private async ValueTask Send(ReadOnlyMemory<byte> bytes, bool flushes = true)
    {
        if (limit is { } most && most - _sent < bytes.Length)
        {
            bytes = bytes[..(int)Math.Max(0, most - _sent)];
        }

        _sent += bytes.Length;
        if (!flushes)
        {
            _writer.Write(bytes.Span);
            return;
        }

        var result = await _writer.WriteAsync(bytes, http.RequestAborted);
        if (result.IsCompleted) throw new OperationCanceledException("The client has left.");
    }
}
