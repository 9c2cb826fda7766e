using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Agora.Benchmarks.Load;

/// <summary>What a load has seen in one measurement.</summary>
/// <param name="Statuses">Status and how often, by turns.</param>
/// <param name="Looked">Answers whose body was looked at.</param>
/// <param name="Wrong">Of these, how many did not say what they must.</param>
/// <param name="Latencies">A <see cref="Histogram"/>.</param>
internal sealed record LoadResult(long Answers, double Seconds, double CpuMicros, IReadOnlyDictionary<int, long> Statuses, long Looked, long Wrong, long BodyBytes, long[] Latencies);

/// <summary>
/// The process that asks. It shares the machine with what is measured, so it is one thread that writes requests made before and
/// looks of an answer at its status, its length and, one in <see cref="LookAtOneIn"/>, whether its body says what it must. On each
/// connection the next request leaves when the last one is answered. Requests are taken in turn from one shuffled list, so a
/// session never has two under way. Commands come on standard input, <c>run SECONDS</c>; each is answered by a line of JSON.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private const int LookAtOneIn = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IReadOnlyList<byte[]> _requests;
    private readonly byte[] _mustSay;
    private readonly Connection[] _connections;
    private readonly Epoll _epoll;
    private int _next;

    private LoadGenerator(int port, int connections, LoadRequests requests)
    {
        (_requests, _mustSay) = (requests.All, requests.MustSay);
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Connection(port))];
        _epoll = new(connections);
        foreach (var (number, connection) in _connections.Index())
        {
            _epoll.Watch(connection.Socket.Handle, number);
        }
    }

    public static void Serve(Options options)
    {
        using var load = new LoadGenerator(options.Number("port", 0), options.Number("connections", 256), LoadRequests.Read(options.Text("requests", "")));
        while (Console.In.ReadLine() is { } line)
        {
            var result = load.Run(TimeSpan.FromSeconds(int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
            Console.WriteLine(JsonSerializer.Serialize(result));
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private LoadResult Run(TimeSpan time)
    {
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var ends = started + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var seen = new Seen(_mustSay);
        foreach (var connection in _connections)
        {
            connection.Send(Next(), Stopwatch.GetTimestamp());
        }

        for (var open = _connections.Length; open > 0;)
        {
            var ready = _epoll.Wait(Patience);
            if (ready == 0)
            {
                throw new TimeoutException("The server stopped answering.");
            }

            for (var n = 0; n < ready; n++)
            {
                var connection = _connections[_epoll.Number(n)];
                if (!connection.Receive(out var answer))
                {
                    continue;
                }

                var now = Stopwatch.GetTimestamp();
                seen.Add(answer, now - connection.Sent);
                if (now < ends)
                {
                    connection.Send(Next(), now);
                }
                else
                {
                    open--;
                }
            }
        }

        return seen.Result(Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - cpu);
    }

    private byte[] Next() => _requests[_next = (_next + 1) % _requests.Count];

    private sealed class Seen(byte[] mustSay)
    {
        private readonly Histogram _latencies = new();
        private readonly long[] _statuses = new long[1_000];
        private long _looked;
        private long _wrong;
        private long _bytes;

        public void Add(Answer answer, long ticks)
        {
            _statuses[answer.Status]++;
            _bytes += answer.Body.Length;
            if (_latencies.Count % LookAtOneIn == 0)
            {
                _looked++;
                _wrong += answer.Body.IndexOf(mustSay) < 0 ? 1 : 0;
            }

            _latencies.Add((long)Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds);
        }

        public LoadResult Result(TimeSpan took, TimeSpan cpu) => new(
            _latencies.Count,
            took.TotalSeconds,
            cpu.TotalMicroseconds,
            _statuses.Index().Where(s => s.Item > 0).ToDictionary(s => s.Index, s => s.Item),
            _looked,
            _wrong,
            _bytes,
            _latencies.Save());
    }

    private readonly ref struct Answer(int status, ReadOnlySpan<byte> body)
    {
        public int Status { get; } = status;

        public ReadOnlySpan<byte> Body { get; } = body;
    }

    private sealed class Connection : IDisposable
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _length;

        public Connection(int port)
        {
            Socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            Socket.Blocking = false;
        }

        public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public long Sent { get; private set; }

        public void Send(byte[] request, long now)
        {
            (Sent, _length) = (now, 0);
            if (Socket.Send(request, SocketFlags.None) != request.Length)
            {
                throw new IOException("A request did not fit into a socket's buffer.");
            }
        }

        /// <summary>False while the answer is not there as a whole.</summary>
        public bool Receive(out Answer answer)
        {
            var read = Socket.Receive(_buffer.AsSpan(_length), SocketFlags.None);
            _length += read > 0 ? read : throw new IOException("The server closed the connection.");
            var received = _buffer.AsSpan(0, _length);
            answer = default;
            var head = received.IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                return false;
            }

            var length = ContentLength(received[..(head + 2)]);
            if (received.Length < head + 4 + length)
            {
                return false;
            }

            answer = new(((received[9] - '0') * 100) + ((received[10] - '0') * 10) + received[11] - '0', received[(head + 4)..]);
            return true;
        }

        public void Dispose() => Socket.Dispose();

        private static int ContentLength(ReadOnlySpan<byte> head)
        {
            var at = head.IndexOf("Content-Length: "u8);
            var length = 0;
            for (at = at >= 0 ? at + 16 : throw new IOException("An answer does not say its length."); head[at] is >= (byte)'0' and <= (byte)'9'; at++)
            {
                length = (length * 10) + head[at] - '0';
            }

            return length;
        }
    }
}
