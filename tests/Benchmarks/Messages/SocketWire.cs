using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agora.Benchmarks.Messages;

/// <summary>
/// A client's WebSocket (RFC 6455) that knows what the servers of the benchmarks send: a message a frame. What is sent while a write is under way leaves with the next; pings are
/// answered. It costs a fraction of <see cref="System.Net.WebSockets.ClientWebSocket"/>: the load shares the machine with what is measured.
/// </summary>
internal sealed class SocketWire : IDisposable
{
    private const int Text = 1, Close = 8, Ping = 9, Pong = 10;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _gate = new();
    private readonly Action<ReadOnlyMemory<byte>> _message;
    private ArrayBufferWriter<byte> _pending = new(256);
    private bool _writes;
    private int _pings;

    private SocketWire(Action<ReadOnlyMemory<byte>> message) => _message = message;

    /// <summary>When it ends, why.</summary>
    public Task<string> Ended { get; private set; } = null!;

    public int Pings => Volatile.Read(ref _pings);

    /// <param name="message">Takes each message, one after another; what it is given is its own only until it returns.</param>
    /// <param name="from">From which address; null: any.</param>
    public static async Task<SocketWire> Open(Uri server, string key, Action<ReadOnlyMemory<byte>> message, IPAddress? from = null)
    {
        var wire = new SocketWire(message);
        if (from is not null)
        {
            wire._socket.Bind(new IPEndPoint(from, 0));
        }

        await wire._socket.ConnectAsync(server.Host, server.Port);
        await wire._socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /agent/inbox HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: agora.v1.json\r\n\r\n"));
        var (head, length) = (new byte[2_048], 0);
        while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is var end)
        {
            if (end >= 0)
            {
                if (head.AsSpan().StartsWith("HTTP/1.1 101"u8) && end + 4 == length) break;

                throw new IOException(Encoding.ASCII.GetString(head, 0, length));
            }

            var got = await wire._socket.ReceiveAsync(head.AsMemory(length));
            length += got > 0 ? got : throw new IOException("The server closed a connection.");
        }

        wire.Ended = wire.Read();
        return wire;
    }

    public void Send(string text) => Send(Text, Encoding.UTF8.GetBytes(text));

    public void Dispose() => _socket.Dispose();

    // Masked, as a client's are, by zeros.
    private void Send(int opcode, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            var head = _pending.GetSpan(14);
            head[..14].Clear();
            head[0] = (byte)(0x80 | opcode);
            if (payload.Length < 126)
            {
                head[1] = (byte)(0x80 | payload.Length);
                _pending.Advance(6);
            }
            else
            {
                head[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], checked((ushort)payload.Length));
                _pending.Advance(8);
            }

            _pending.Write(payload);
            if (_writes) return;

            _writes = true;
        }

        _ = Write();
    }

    private async Task Write()
    {
        await Task.Yield();
        var free = new ArrayBufferWriter<byte>(256);
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_pending.WrittenCount == 0)
                    {
                        _writes = false;
                        return;
                    }

                    (_pending, free) = (free, _pending);
                }

                for (var sent = 0; sent < free.WrittenCount;) sent += await _socket.SendAsync(free.WrittenMemory[sent..]);
                free.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It ended, as its reader sees.
        }
    }

    private async Task<string> Read()
    {
        await Task.Yield();
        var (buffer, length) = (new byte[512], 0);
        try
        {
            while (true)
            {
                var from = 0;
                while (Frame(buffer.AsSpan(from, length - from)) is var (opcode, start, end))
                {
                    var payload = buffer.AsMemory(from + start, end - start);
                    from += end;
                    if (opcode == Close) return Reason(payload.Span);

                    if (opcode == Ping)
                    {
                        Interlocked.Increment(ref _pings);
                        Send(Pong, payload.Span);
                    }
                    else
                    {
                        _message(payload);
                    }
                }

                buffer.AsSpan(from, length - from).CopyTo(buffer);
                length -= from;
                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, 2 * length);
                }

                var got = await _socket.ReceiveAsync(buffer.AsMemory(length));
                if (got == 0) return "cut off";

                length += got;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return e.Message;
        }
    }

    private static string Reason(ReadOnlySpan<byte> close) => close.Length < 2 ? "closed" : $"{BinaryPrimitives.ReadUInt16BigEndian(close)} {Encoding.UTF8.GetString(close[2..])}";

    /// <summary>Null as long as it is not whole.</summary>
    private static (int Opcode, int Start, int End)? Frame(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return null;

        var size = bytes[1] & 0x7f;
        var start = size < 126 ? 2 : size == 126 ? 4 : 10;
        if (bytes.Length < start) return null;

        var length = size < 126 ? size : size == 126 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        return bytes.Length >= start + length ? (bytes[0] & 0xf, start, start + length) : null;
    }
}
