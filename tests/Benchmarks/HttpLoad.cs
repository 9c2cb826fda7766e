using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Agora.Benchmarks;

/// <summary>What a load has seen.</summary>
internal sealed record Seen(long Answers, long[] Ticks, TimeSpan Took, IReadOnlyDictionary<int, long> Statuses);

/// <summary>
/// Requests over loopback, one after the other on each of many connections: HTTP/1.1 on bare sockets, with requests made before, so
/// that the client, which shares the two cores, takes as little of them as can be.
/// </summary>
internal static class HttpLoad
{
    public static Task<Seen> Run(Uri address, IReadOnlyList<byte[]> requests, int connections, TimeSpan time)
    {
        var ends = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return Run(address, requests, connections, _ => Stopwatch.GetTimestamp() >= ends);
    }

    /// <param name="each">Requests of each connection.</param>
    public static Task<Seen> Run(Uri address, IReadOnlyList<byte[]> requests, int connections, int each) => Run(address, requests, connections, sent => sent == each);

    private static async Task<Seen> Run(Uri address, IReadOnlyList<byte[]> requests, int connections, Func<int, bool> isOver)
    {
        var started = Stopwatch.GetTimestamp();
        var clients = Enumerable.Range(0, connections).Select(n => new Client(requests, n, connections)).ToList();
        await Task.WhenAll(clients.Select(c => Task.Run(() => c.Work(address, isOver))));
        var ticks = clients.SelectMany(c => c.Ticks).ToArray();
        var statuses = clients.SelectMany(c => c.Statuses).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Sum(s => s.Value));
        return new(ticks.Length, ticks, Stopwatch.GetElapsedTime(started), statuses);
    }

    private sealed class Client(IReadOnlyList<byte[]> requests, int first, int step)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];

        public List<long> Ticks { get; } = new(65_536);

        public Dictionary<int, long> Statuses { get; } = [];

        /// <param name="isOver">With how many requests sent.</param>
        public async Task Work(Uri address, Func<int, bool> isOver)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port));
            for (var n = first; !isOver(Ticks.Count); n += step)
            {
                var started = Stopwatch.GetTimestamp();
                await socket.SendAsync(requests[n % requests.Count]);
                var status = await Receive(socket);
                Ticks.Add(Stopwatch.GetTimestamp() - started);
                Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
            }
        }

        private async Task<int> Receive(Socket socket)
        {
            for (var length = 0; ;)
            {
                var read = await socket.ReceiveAsync(_buffer.AsMemory(length));
                if (read == 0) throw new IOException("The server closed the connection.");

                length += read;
                if (IsWhole(_buffer.AsSpan(0, length))) return ((_buffer[9] - '0') * 100) + ((_buffer[10] - '0') * 10) + _buffer[11] - '0';
            }
        }

        // A reply says its length, or ends with an empty chunk.
        private static bool IsWhole(ReadOnlySpan<byte> received)
        {
            var head = received.IndexOf("\r\n\r\n"u8);
            if (head < 0) return false;

            var name = received[..head].IndexOf("Content-Length: "u8);
            if (name < 0) return received.EndsWith("\r\n0\r\n\r\n"u8);

            var length = 0;
            for (var at = name + 16; received[at] is >= (byte)'0' and <= (byte)'9'; at++)
            {
                length = (length * 10) + received[at] - '0';
            }

            return received.Length >= head + 4 + length;
        }
    }
}
