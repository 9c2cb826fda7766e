using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Agora.Benchmarks.Messages;

/// <summary>
/// HTTP/1.1 on connections that stay open, one request at a time each. It knows what the servers of the benchmarks answer, a status and a length, and costs a third of what
/// <see cref="HttpClient"/> does: the load shares the machine with what is measured.
/// </summary>
internal sealed class HttpWire(Uri address) : IDisposable
{
    private readonly ConcurrentStack<Connection> _idle = [];
    private readonly ConcurrentBag<Connection> _all = [];

    public async Task<(int Status, ReadOnlyMemory<byte> Body)> Send(string method, string path, string key, string? body = null)
    {
        var request = Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\n"
            + (body is null ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        if (!_idle.TryPop(out var connection))
        {
            _all.Add(connection = new());
            await connection.Open(address);
        }

        var answer = await connection.Send(request);
        _idle.Push(connection);
        return answer;
    }

    public void Dispose()
    {
        foreach (var connection in _all) connection.Dispose();
    }

    private sealed class Connection : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private byte[] _buffer = new byte[4_096];

        public async Task Open(Uri address) => await _socket.ConnectAsync(address.Host, address.Port);

        public async Task<(int Status, ReadOnlyMemory<byte> Body)> Send(byte[] request)
        {
            await _socket.SendAsync(request);
            for (var length = 0; ;)
            {
                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, 2 * length);
                }

                var received = await _socket.ReceiveAsync(_buffer.AsMemory(length));
                if (received == 0) throw new IOException("The server closed a connection.");
                length += received;
                if (Answer(_buffer.AsSpan(0, length)) is var (status, from, to) && to <= length)
                {
                    return (status, _buffer.AsSpan(from, to - from).ToArray());
                }
            }
        }

        public void Dispose() => _socket.Dispose();

        /// <summary>Null as long as its head is not whole.</summary>
        private static (int Status, int From, int To)? Answer(ReadOnlySpan<byte> bytes)
        {
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end < 0) return null;
            var name = "\r\nContent-Length: "u8;
            var at = bytes[..end].IndexOf(name);
            return at >= 0 && Utf8Parser.TryParse(bytes[(at + name.Length)..], out int length, out _) && Utf8Parser.TryParse(bytes["HTTP/1.1 "u8.Length..], out int status, out _)
                ? (status, end + 4, end + 4 + length)
                : throw new IOException($"No length: {Encoding.ASCII.GetString(bytes[..end])}");
        }
    }
}
