using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agora.Clients.Tests.Peers;

/// <summary>Stands before a server on loopback, one connection a request: keeps what is asked as it came, and may pass on something else, lose an answer or cut a stream.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Uri _server;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;
    private readonly List<Relayed> _requests = [];

    public Relay(string server)
    {
        _server = new(server);
        _listener = new(IPAddress.Parse("127.0.0.2"), _server.Port); // another address of loopback with the server's port: what is signed for it is signed for the server
        _listener.Start();
        _accepting = Accept();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>What is passed on in place of a body.</summary>
    public Func<string, string> Body { get; init; } = body => body;

    /// <summary>The server has done it, and its answer is lost.</summary>
    public Func<Relayed, bool> IsLost { get; init; } = _ => false;

    /// <summary>A stream of events is cut after so many bytes of it, its head included.</summary>
    public int StreamBytes { get; init; } = int.MaxValue;

    public IReadOnlyList<Relayed> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>The server's answer to exactly these bytes.</summary>
    public async Task<string> Again(Relayed request)
    {
        using var server = await Connected();
        await server.SendAsync(request.Bytes(request.Body), _over.Token);
        using var answer = new MemoryStream();
        await Copy(server, answer.Write, int.MaxValue);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Pass(await _listener.AcceptSocketAsync(_over.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Pass(Socket client)
    {
        using (client)
        {
            try
            {
                if (await Read(client) is not { } request) return;

                lock (_requests)
                {
                    _requests.Add(request);
                }

                using var server = await Connected();
                await server.SendAsync(request.Bytes(Body(request.Body)), _over.Token);
                using var lost = new MemoryStream();
                await Copy(server, IsLost(request) ? lost.Write : bytes => client.Send(bytes), request.IsStream ? StreamBytes : int.MaxValue);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // One of the two is gone.
            }
        }
    }

    private async Task<Relayed?> Read(Socket client)
    {
        var (text, buffer) = (new List<byte>(), new byte[65_536]);
        while (true)
        {
            var got = await client.ReceiveAsync(buffer, _over.Token);
            if (got == 0) return null;

            text.AddRange(buffer.AsSpan(0, got));
            var end = text.ToArray().AsSpan().IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;

            var lines = Encoding.ASCII.GetString(text.ToArray(), 0, end).Split("\r\n");
            var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase);
            var length = int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);
            if (text.Count >= end + 4 + length) return new(lines[0], headers, Encoding.UTF8.GetString(text.ToArray(), end + 4, length));
        }
    }

    private async Task<Socket> Connected()
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(_server.Host, _server.Port, _over.Token);
        return server;
    }

    private async Task Copy(Socket from, ReadOnlySpanAction to, int most)
    {
        var buffer = new byte[4_096];
        while (most > 0)
        {
            var got = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, most)), _over.Token);
            if (got == 0) return;

            to(buffer.AsSpan(0, got));
            most -= got;
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);
}

/// <param name="Line">Method, target and version.</param>
internal sealed record Relayed(string Line, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Line.Split(' ')[1].Split('?')[0];

    public bool IsStream => Headers.GetValueOrDefault("Accept") == "text/event-stream";

    public string Nonce => Headers["Signature-Input"].Split(";nonce=\"")[1].Split('"')[0];

    /// <summary>The same signed request, with this body, on a connection that ends with the answer.</summary>
    public byte[] Bytes(string body) => Encoding.UTF8.GetBytes(
        $"{Line}\r\n{string.Concat(Headers.Where(header => !header.Key.Equals("Connection", StringComparison.OrdinalIgnoreCase)).Select(header => $"{header.Key}: {header.Value}\r\n"))}Connection: close\r\n\r\n{body}");
}
