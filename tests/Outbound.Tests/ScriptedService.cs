using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agora.Outbound.Tests;

/// <summary>What a service saw of one request.</summary>
internal sealed record Seen(string RequestLine, ILookup<string, string> Headers, string Body);

/// <summary>
/// A service on a loopback socket that writes whatever bytes a test gives it, well-formed or not: a web server would refuse to
/// send most of what is tested here. One connection carries one request.
/// </summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentQueue<Seen> _seen = new();
    private readonly Func<Seen, int, Stream, CancellationToken, Task> _answer;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedService(Func<Seen, int, Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Accept();
    }

    public ScriptedService(Func<int, string> answer)
        : this((_, number, stream, stop) => stream.WriteAsync(Encoding.UTF8.GetBytes(answer(number)), stop).AsTask())
    {
    }

    public int Port { get; }

    public Seen[] Seen => [.. _seen];

    public int Connections => Volatile.Read(ref _connections);

    public static string Response(string status, string body = "", string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopped.Dispose();
    }

    private async Task Accept()
    {
        var running = new List<Task>();
        try
        {
            while (true)
                running.Add(Serve(await _listener.AcceptTcpClientAsync(_stopped.Token)));
        }
        catch (Exception) when (_stopped.IsCancellationRequested)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            Interlocked.Increment(ref _connections);
            try
            {
                var stream = client.GetStream();
                if (await Read(stream) is not { } request)
                    return;
                _seen.Enqueue(request);
                await _answer(request, _seen.Count, stream, _stopped.Token);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // The caller hung up, as several tests want it to, or the test is over.
            }
        }
    }

    private async Task<Seen?> Read(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        var headEnd = -1;
        while (headEnd < 0)
        {
            var read = await stream.ReadAsync(buffer, _stopped.Token);
            if (read == 0)
                return null;
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            headEnd = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal);
        }
        var lines = text.ToString(0, headEnd).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var length = int.Parse(headers["Content-Length"].SingleOrDefault("0"));
        while (text.Length < headEnd + 4 + length)
            text.Append(Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, _stopped.Token)));
        return new Seen(lines[0], headers, text.ToString(headEnd + 4, length));
    }
}
