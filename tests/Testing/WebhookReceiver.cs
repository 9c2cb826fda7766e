using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Agora.Testing;

/// <summary>A message as it came.</summary>
/// <param name="Status">What it was answered.</param>
public sealed record ReceivedMessage(string Id, long Timestamp, string Signature, byte[] Body, int Status)
{
    /// <summary>Whose connection it came by.</summary>
    public string From { get; init; } = "";

    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    public string Subject => Data.GetProperty("subject").GetString()!;

    /// <summary>By the text of the standard, and by nothing of the product.</summary>
    /// <param name="secret"><c>whsec_…</c>.</param>
    public bool IsSignedBy(string secret)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{Id}.{Timestamp}."), .. Body];
        var mac = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed);
        return Signature.Split(' ').Contains($"v1,{Convert.ToBase64String(mac)}");
    }
}

/// <summary>An operator's receiver on a port of this machine, loopback unless it is said. It remembers what came, and answers what it is told to; it outlives the server's deaths.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ReceivedMessage> _received = new();
    private readonly Task _serving;
    private readonly string _host;
    private readonly int _port;

    public WebhookReceiver()
        : this(FreePort.Next())
    {
    }

    public WebhookReceiver(int port, string host = "127.0.0.1")
    {
        (_host, _port) = (host, port);
        _listener.Prefixes.Add($"http://{host}:{port}/");
        _listener.Start();
        _serving = Task.Run(Serve);
    }

    /// <summary>Status and, where it is not null, body of the answer to a message; 0: none is given until it is disposed.</summary>
    public Func<ReceivedMessage, (int Status, string? Body)> Answers { get; set; } = static _ => (200, null);

    /// <summary>What it says behind its status never ends.</summary>
    public bool IsEndless { get; set; }

    /// <summary>Bytes that were written of answers without end, before whoever asked had enough.</summary>
    public long Written { get; private set; }

    public Uri Address => new($"http://{_host}:{_port}/hook");

    /// <summary>What the server's guard has to let through.</summary>
    public string Allowed => $"{_host}:{_port}";

    public IReadOnlyCollection<ReceivedMessage> Received => _received;

    public IReadOnlyCollection<ReceivedMessage> Taken => [.. _received.Where(message => message.Status is >= 200 and < 300)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync(); // A listener that is closed while it is asked for the next call may leave the asker waiting for ever.
        _listener.Close();
        await _serving;
    }

    private async Task Serve()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync().WaitAsync(_stop.Token);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            _ = Answer(call);
        }
    }

    private async Task Answer(HttpListenerContext call)
    {
        try
        {
            using var body = new MemoryStream();
            await call.Request.InputStream.CopyToAsync(body);
            var headers = call.Request.Headers;
            var message = new ReceivedMessage(headers["webhook-id"] ?? "", long.Parse(headers["webhook-timestamp"] ?? "0", System.Globalization.CultureInfo.InvariantCulture), headers["webhook-signature"] ?? "", body.ToArray(), 0) { From = call.Request.RemoteEndPoint.Address.ToString() };
            var (status, said) = Answers(message);
            _received.Enqueue(message with { Status = status });
            if (status == 0) return;

            call.Response.StatusCode = status;
            call.Response.Headers["Location"] = status is >= 300 and < 400 ? $"{Address}/elsewhere" : null;
            var more = new byte[1 << 16];
            while (IsEndless)
            {
                await call.Response.OutputStream.WriteAsync(more);
                Written += more.Length;
            }

            call.Response.Close(Encoding.UTF8.GetBytes(said ?? ""), willBlock: false); // With its length: an empty chunk would end the answer, and the end behind it would begin the next one.
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The server was killed in the middle of it, or this one ends.
        }
    }
}
