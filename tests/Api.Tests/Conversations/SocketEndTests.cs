using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Conversations;

/// <summary>How a WebSocket ends that asks for too much, or whose credential opens nothing any more.</summary>
public sealed class SocketEndTests
{
    [Fact]
    public async Task A_key_that_is_revoked_closes_within_seconds_and_says_nothing_more()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await using var speaks = await SocketClient.Open(talk, "a");
        await using var listens = await SocketClient.Open(talk, "a");
        await listens.Listen();
        await listens.Next("listening");
        var key = (await talk.Api.Client.Admin(HttpMethod.Get, "/admin/agents/a/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/a/keys/{key}")).Expect(200);
        await speaks.Say(1, id, """{"content":"still here?"}""");
        while (await speaks.NextOrEnd() is { } frame) Assert.False(frame.GetProperty("type").ValueEquals("said"), "It was said."); // refused, unless it is closed before
        var ends = await Task.WhenAll(speaks.End(), listens.End());
        Assert.All(ends, code => Assert.Equal(4401, code));
    }

    [Fact]
    public async Task Within_a_session_scope_and_rate_count_for_each_message_and_its_end_closes()
    {
        await using var talk = await Talk.Among("agent-1", "b", "c");
        var (allowed, other) = (await talk.Open("agent-1", ["b"]), await talk.Open("agent-1", ["c"]));
        var token = await talk.Api.Client.OpenSession(peers: """["b"]""");
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, token);
        await socket.Say(1, allowed, """{"content":1}""");
        Assert.Equal(1, (await socket.Next("said")).GetProperty("id").GetInt32());
        await socket.Say(2, other, """{"content":1}""");
        Assert.Equal(Codes.ScopeViolation, (await socket.Next("refused")).GetProperty("error").GetProperty("code").GetString());
        (await talk.Api.Client.Send(HttpMethod.Delete, "/agent/session", token)).Expect(200);
        Assert.Equal(4401, await socket.End());
    }

    [Fact]
    public async Task More_messages_than_the_sessions_rate_are_refused_rate_limited()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 6);
        var token = await api.Client.OpenSession(peers: """["*"]""");
        await using var socket = await SocketClient.Open(api.Client.Address, token);
        for (var n = 0; n < 10; n++) await socket.Say(n, "00000000-0000-7000-8000-00000000dead", """{"content":1}""");
        var codes = new List<string>();
        while (codes.Count < 10) codes.Add((await socket.Next("refused")).GetProperty("error").GetProperty("code").GetString()!);
        Assert.Equal(5, codes.Count(code => code == Codes.RateLimited)); // the request that opened it was the first
        Assert.Equal(5, codes.Count(code => code == Codes.NotFound));
    }

    [Fact]
    public async Task A_message_that_is_too_long_closes_in_one_frame_and_in_many_that_never_end()
    {
        await using var talk = await Talk.Among("a");
        await using var one = await SocketClient.Open(talk, "a");
        await one.Send(new string(' ', TalkLimits.FrameBytes + 1));
        Assert.Equal(1009, await one.End());
        await using var many = await SocketClient.Open(talk, "a");
        var ends = many.End();
        for (var n = 0; n < 300 && !ends.IsCompleted; n++) await many.Send(new string(' ', 1_000), end: false);
        Assert.Equal(1009, await ends);
    }

    /// <summary>Its buffer has grown by then. The pool is the process's: a buffer that it gets twice has two owners, who read each other's bytes.</summary>
    [Fact]
    public async Task Buffer_of_a_message_that_breaks_off_goes_back_to_the_pool_once()
    {
        await using var talk = await Talk.Among("a");
        for (var n = 0; n < 40; n++)
        {
            await using (var socket = await SocketClient.Open(talk, "a"))
            {
                await socket.Send(new string(' ', 5_000), end: false);
            }

            await Parallel.ForEachAsync(Enumerable.Range(0, 16), new ParallelOptions { MaxDegreeOfParallelism = 16 }, static (_, _) =>
            {
                var rented = Enumerable.Range(0, 32).Select(static _ => ArrayPool<byte>.Shared.Rent(4_096)).ToList();
                Assert.Equal(rented.Count, rented.Distinct().Count());
                foreach (var array in rented) ArrayPool<byte>.Shared.Return(array);
                return default;
            });
        }
    }

    [Fact]
    public async Task Binary_where_text_is_wanted_closes()
    {
        await using var talk = await Talk.Among("a");
        await using var socket = await SocketClient.Open(talk, "a");
        await socket.Send("{}", WebSocketMessageType.Binary);
        Assert.Equal(1003, await socket.End());
    }

    [Fact]
    public async Task More_connections_of_an_agent_than_there_may_be_are_refused_until_one_ends()
    {
        await using var talk = await Talk.Among("a");
        var open = await Task.WhenAll(Enumerable.Range(0, TalkLimits.Listeners).Select(_ => SocketClient.Open(talk, "a")));
        Assert.Contains("429", (await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.Open(talk, "a"))).Message, StringComparison.Ordinal);
        Assert.Equal(429, (await talk.Get("a", "/agent/inbox")).Status);
        await open[0].Web.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, open[0].Web.CloseStatus);
        await open[1].Send("not a frame");
        Assert.Equal(4400, await open[1].End());
        foreach (var socket in open) await socket.DisposeAsync();
    }

    [Fact]
    public async Task A_process_that_ends_answers_what_was_said_and_says_that_it_goes()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await using var listens = await SocketClient.Open(talk, "b");
        await using var speaks = await SocketClient.Open(talk, "a");
        await listens.Listen();
        await speaks.Say(1, id, """{"content":1}""");
        await speaks.Next("said");
        talk.Api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var ends = await Task.WhenAll(listens.End(), speaks.End());
        Assert.All(ends, code => Assert.Equal(1001, code));
    }

    [Fact]
    public async Task Who_does_not_answer_a_ping_is_cut_off()
    {
        await using var talk = await Talk.Among("a");
        using var client = new TcpClient();
        await client.ConnectAsync(talk.Api.Client.Address.Host, talk.Api.Client.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /agent/inbox HTTP/1.1\r\nHost: {talk.Api.Client.Address.Authority}\r\nAuthorization: Bearer {talk.Key("a")}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {SocketClient.Json}\r\n\r\n"));
        using var patience = new CancellationTokenSource(4 * (TalkLimits.PingEvery + TalkLimits.PongWithin));
        var (buffer, came) = (new byte[4_096], new List<byte>());
        try
        {
            while (await stream.ReadAsync(buffer, patience.Token) is > 0 and var got) came.AddRange(buffer.AsSpan(0, got));
        }
        catch (IOException)
        {
            // Reset: cut off as well.
        }

        Assert.StartsWith("HTTP/1.1 101", Encoding.ASCII.GetString([.. came.Take(12)]), StringComparison.Ordinal);
        Assert.Contains((byte)0x89, came); // a ping came before
    }
}
