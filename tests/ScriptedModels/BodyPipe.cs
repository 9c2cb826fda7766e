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
    /// <summary>What is to be read before a connection is reset has to have left this machine's buffers.</summary>
    private static readonly TimeSpan Leaving = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PipeWriter _writer = http.Response.BodyWriter;
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
    public static async Task Reset(HttpContext http)
    {
        await Task.Delay(Leaving, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        http.Abort();
    }

    /// <summary>The client is told with FIN, and is given the time to see that before the connection is gone: a reset right behind it would hide it.</summary>
    public static async Task Close(HttpContext http)
    {
        await Task.Delay(Leaving, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        try
        {
            http.Features.Get<IConnectionSocketFeature>()?.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return; // It has left already.
        }

        await Task.Delay(Patience, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        http.Abort();
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
