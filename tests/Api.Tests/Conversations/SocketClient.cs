using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Agora.Api.Tests.Conversations;

/// <summary>An agent's WebSocket, with frames as JSON.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    public const string Json = "agora.v1.json";

    private static readonly TimeSpan Patience = Hang.Timeout;

    private readonly ClientWebSocket _web = new();

    public ClientWebSocket Web => _web;

    public static async Task<SocketClient> Open(Talk talk, string agent, string protocol = Json) => await Open(talk.Api.Client.Address, talk.Key(agent), protocol);

    public static Task<SocketClient> Open(Uri address, string credential, string protocol = Json) => Open(address, [("Authorization", $"Bearer {credential}")], protocol);

    /// <summary>By a request that is signed; that it is an upgrade the connection says itself.</summary>
    public static Task<SocketClient> Open(Uri address, HttpRequestMessage signed) => Open(address, [.. signed.Headers.Where(header => header.Key != "Upgrade").Select(header => (header.Key, string.Join(", ", header.Value)))], Json);

    private static async Task<SocketClient> Open(Uri address, IReadOnlyList<(string Name, string Value)> headers, string protocol)
    {
        var client = new SocketClient();
        client._web.Options.AddSubProtocol(protocol);
        foreach (var (name, value) in headers) client._web.Options.SetRequestHeader(name, value);
        using var patience = new CancellationTokenSource(Patience);
        await client._web.ConnectAsync(new Uri($"ws://{address.Authority}/agent/inbox"), patience.Token);
        return client;
    }

    public async Task Send(string text, WebSocketMessageType type = WebSocketMessageType.Text, bool end = true)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _web.SendAsync(Encoding.UTF8.GetBytes(text), type, end, patience.Token);
    }

    public Task Listen(string? after = null, int credits = 100) => Send(JsonSerializer.Serialize(new { type = "listen", after, credits }));

    public Task Say(int id, string conversation, string message) => Send($$"""{"type":"say","id":{{id}},"conversation_id":"{{conversation}}","message":{{message}}}""");

    /// <summary>The next frame; the connection goes on.</summary>
    public async Task<JsonElement> Next() => await NextOrEnd() is { } frame ? frame : throw new InvalidOperationException($"It was closed: {Closed}");

    public string Closed => $"{(int?)_web.CloseStatus} {_web.CloseStatusDescription}";

    public async Task Send(ReadOnlyMemory<byte> message)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _web.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
    }

    /// <summary>Null: it was closed.</summary>
    public async Task<JsonElement?> NextOrEnd() => await NextMessage() is { } message ? JsonElement.Parse(message) : null;

    /// <inheritdoc cref="NextOrEnd"/>
    public async Task<byte[]?> NextMessage()
    {
        using var patience = new CancellationTokenSource(Patience);
        var (buffer, length) = (new byte[64], 0);
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }

            var got = await _web.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            if (got.MessageType == WebSocketMessageType.Close) return null;

            length += got.Count;
            if (got.EndOfMessage) return buffer[..length];
        }
    }

    /// <summary>The next that is of a type; those of others are left out.</summary>
    public async Task<JsonElement> Next(string type)
    {
        while (true)
        {
            var frame = await Next();
            if (frame.GetProperty("type").ValueEquals(type)) return frame;
        }
    }

    /// <summary>The code with which it is closed, whatever comes before.</summary>
    public async Task<int> End()
    {
        while (_web.CloseStatus is null && await NextOrEnd() is not null)
        {
        }

        return (int)_web.CloseStatus!.Value;
    }

    public ValueTask DisposeAsync()
    {
        _web.Abort();
        _web.Dispose();
        return default;
    }
}
