using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Agora.Benchmarks.Load;

/// <summary>What a load has seen in one measurement.</summary>
/// <param name="Statuses">Status and how often, by turns.</param>
/// <param name="Looked">Answers whose body was looked at.</param>
/// <param name="Wrong">Of these, how many did not say what they must.</param>
/// <param name="Refused">The first answer that was not 200, in its own words; null: all were.</param>
/// <param name="Latencies">A <see cref="Histogram"/>.</param>
internal sealed record LoadResult(long Answers, double Seconds, double CpuMicros, IReadOnlyDictionary<int, long> Statuses, long Looked, long Wrong, string? Refused, long BodyBytes, long[] Latencies);

/// <summary>
/// The process that asks. It shares the machine with what is measured, so it is one thread that writes requests made before and
/// looks of an answer at its status, its length and, one in <see cref="LookAtOneIn"/>, whether its body says what it must. On each
/// connection the next request leaves when the last one is answered; or, where a rate is given, so many leave a second whatever is
/// answered, and an answer's time counts from when its request was due. Requests are taken in turn from one shuffled list, so a
/// session never has two under way. Connections are dealt to the ports in turn. Commands come on standard input, <c>run SECONDS</c>; each is answered by a line of JSON.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private const int LookAtOneIn = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IReadOnlyList<byte[]> _requests;
    private readonly byte[] _mustSay;
    private readonly Connection[] _connections;
    private readonly Epoll _epoll;
    private readonly int _rate;
    private readonly Pace _pace = new();
    private int _next;

    private LoadGenerator(int[] ports, int connections, int rate, LoadRequests requests)
    {
        (_requests, _mustSay, _rate) = (requests.All, requests.MustSay, rate);
        _connections = [.. Enumerable.Range(0, connections).Select(n => new Connection(ports[n % ports.Length]))];
        _epoll = new(connections + 1);
        foreach (var (number, connection) in _connections.Index())
        {
            _epoll.Watch(connection.Socket.Handle, number);
        }

        _epoll.Watch(_pace.Descriptor, connections);
    }

    public static void Serve(Options options)
    {
        var ports = options.Text("ports", "").Split(',').Select(port => int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        using var load = new LoadGenerator(ports, options.Number("connections", 256), options.Number("rate", 0), LoadRequests.Read(options.Text("requests", "")));
        while (Console.In.ReadLine() is { } line)
        {
            var result = load.Run(TimeSpan.FromSeconds(int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
            Console.WriteLine(JsonSerializer.Serialize(result));
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _pace.Dispose();
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
        var departures = new Departures(started, ends, _rate);
        var idle = new Stack<Connection>(_connections);
        if (_rate > 0)
        {
            _pace.Start(_rate);
        }

        Send(idle, departures, started);
        while (idle.Count < _connections.Length || !departures.AreOver(Stopwatch.GetTimestamp()))
        {
            var ready = _epoll.Wait(Patience);
            if (ready == 0) throw new TimeoutException("The server stopped answering.");

            for (var n = 0; n < ready; n++)
            {
                Take(_epoll.Number(n), idle, departures, seen);
            }
        }

        return seen.Result(Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - cpu);
    }

    private void Take(int number, Stack<Connection> idle, Departures departures, Seen seen)
    {
        var now = Stopwatch.GetTimestamp();
        if (number == _connections.Length)
        {
            _pace.Take();
            if (departures.AreOver(now))
            {
                _pace.Stop();
            }
        }
        else if (_connections[number].Receive(out var answer))
        {
            now = Stopwatch.GetTimestamp();
            seen.Add(answer, now - _connections[number].Since);
            idle.Push(_connections[number]);
        }

        Send(idle, departures, now);
    }

    private void Send(Stack<Connection> idle, Departures departures, long now)
    {
        while (idle.Count > 0 && departures.Next(now) is { } due)
        {
            idle.Pop().Send(Next(), due);
        }
    }

    private byte[] Next() => _requests[_next = (_next + 1) % _requests.Count];

    /// <summary>When requests leave: as soon as a connection is idle, or at a rate. All in ticks of the stopwatch.</summary>
    private sealed class Departures(long started, long ends, int rate)
    {
        private readonly double _interval = rate > 0 ? (double)Stopwatch.Frequency / rate : 0;
        private long _left;

        private long Due => started + (long)(_left * _interval);

        public bool AreOver(long now) => (rate > 0 ? Due : now) >= ends;

        /// <summary>When the next one was due; null: none is.</summary>
        public long? Next(long now)
        {
            var due = rate > 0 ? Due : now;
            if (due > now || due >= ends) return null;

            _left++;
            return due;
        }
    }

    private sealed class Seen(byte[] mustSay)
    {
        private readonly Histogram _latencies = new();
        private readonly long[] _statuses = new long[1_000];
        private long _looked;
        private long _wrong;
        private long _bytes;
        private string? _refused;

        public void Add(Answer answer, long ticks)
        {
            var took = Stopwatch.GetElapsedTime(0, ticks);
            _statuses[answer.Status]++;
            if (answer.Status != 200)
            {
                _refused ??= $"after {_latencies.Count} answers, {took.TotalMilliseconds:0} ms: {Encoding.UTF8.GetString(answer.Body)}";
            }

            _bytes += answer.Body.Length;
            if (_latencies.Count % LookAtOneIn == 0)
            {
                _looked++;
                _wrong += answer.Body.IndexOf(mustSay) < 0 ? 1 : 0;
            }

            _latencies.Add((long)took.TotalMicroseconds);
        }

        public LoadResult Result(TimeSpan took, TimeSpan cpu) => new(
            _latencies.Count,
            took.TotalSeconds,
            cpu.TotalMicroseconds,
            _statuses.Index().Where(s => s.Item > 0).ToDictionary(s => s.Index, s => s.Item),
            _looked,
            _wrong,
            _refused,
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

        /// <summary>From when the answer's time counts.</summary>
        public long Since { get; private set; }

        public void Send(byte[] request, long since)
        {
            (Since, _length) = (since, 0);
            if (Socket.Send(request, SocketFlags.None) != request.Length) throw new IOException("A request did not fit into a socket's buffer.");
        }

        /// <summary>False while the answer is not there as a whole.</summary>
        public bool Receive(out Answer answer)
        {
            var read = Socket.Receive(_buffer.AsSpan(_length), SocketFlags.None);
            _length += read > 0 ? read : throw new IOException("The server closed the connection.");
            var received = _buffer.AsSpan(0, _length);
            answer = default;
            var head = received.IndexOf("\r\n\r\n"u8);
            if (head < 0) return false;

            var length = ContentLength(received[..(head + 2)]);
            if (length is null ? !received.EndsWith("\r\n0\r\n\r\n"u8) : received.Length < head + 4 + length) return false;

            answer = new(((received[9] - '0') * 100) + ((received[10] - '0') * 10) + received[11] - '0', received[(head + 4)..]);
            return true;
        }

        public void Dispose() => Socket.Dispose();

        /// <returns>Null: it comes in chunks, the last of which is empty.</returns>
        private static int? ContentLength(ReadOnlySpan<byte> head)
        {
            var at = head.IndexOf("Content-Length: "u8);
            if (at < 0) return null;

            var length = 0;
            for (at += 16; head[at] is >= (byte)'0' and <= (byte)'9'; at++)
            {
                length = (length * 10) + head[at] - '0';
            }

            return length;
        }
    }
}
