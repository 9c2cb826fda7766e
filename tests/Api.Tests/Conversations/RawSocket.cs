using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Agora.Api.Tests.Conversations;

/// <summary>An agent's WebSocket whose client may send what no WebSocket library would: RFC 6455 section 5.2, byte by byte.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    public const byte Text = 0x1;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;
    public const byte Final = 0x80;

    private readonly TcpClient _client = new();
    private readonly CancellationTokenSource _patience = new(Hang.Timeout);

    public NetworkStream Stream => _client.GetStream();

    public static async Task<RawSocket> Open(Talk talk, string agent)
    {
        var socket = new RawSocket();
        var address = talk.Api.Client.Address;
        await socket._client.ConnectAsync(address.Host, address.Port);
        await socket.Stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /agent/inbox HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {talk.Key(agent)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SocketClient.Json}\r\n\r\n"));
        return socket;
    }

    /// <summary>A frame, masked with zeros.</summary>
    /// <param name="first">FIN, reserved bits and opcode.</param>
    /// <param name="content">Up to 125 bytes.</param>
    public ValueTask Send(int first, params byte[] content) => Stream.WriteAsync((byte[])[(byte)first, (byte)(0x80 | content.Length), 0, 0, 0, 0, .. content]);

    /// <summary>The head of the reply to the upgrade.</summary>
    public async Task<string> Head()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await Stream.ReadExactlyAsync(one, _patience.Token);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>The next small frame.</summary>
    public async Task<(int Opcode, byte[] Content)> Next()
    {
        var head = new byte[2];
        await Stream.ReadExactlyAsync(head, _patience.Token);
        Assert.True(head[1] < 126, "It is no small frame.");
        var content = new byte[head[1]];
        await Stream.ReadExactlyAsync(content, _patience.Token);
        return (head[0] & 0xF, content);
    }

    /// <summary>The code with which it is closed, whatever comes before.</summary>
    public async Task<int> End()
    {
        while (true)
        {
            var (opcode, content) = await Next();
            if (opcode == Close) return BinaryPrimitives.ReadUInt16BigEndian(content);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _patience.Dispose();
        return default;
    }
}
