using System.Net;
using System.Text;
using Agora.Client.Http;
using Agora.Clients.Tests.CSharp;

namespace Agora.Clients.Tests.Peers;

/// <summary>An inbox as a stream of src/Client.Http: wherever it is cut, it tells what the uncut one tells.</summary>
[Collection(nameof(ClientWorld))]
public sealed class StreamTests(ClientWorld world) : IDisposable
{
    private const int Messages = 4;
    private readonly Talk _talk = new(world);

    [Fact]
    public async Task A_stream_that_is_cut_at_any_byte_loses_nothing_and_repeats_nothing()
    {
        var stream = await Recorded();
        var whole = await Told(new Replayed(stream, cutAt: stream.Length));
        Assert.True(whole.Count >= Messages);

        for (var cut = 0; cut < stream.Length; cut++)
        {
            var replayed = new Replayed(stream, cut, broken: cut % 2 == 0);
            Assert.Equal(whole, await Told(replayed));
            Assert.Equal(2, replayed.Connections);
        }
    }

    [Fact]
    public async Task While_it_is_cut_again_and_again_what_is_said_arrives_once_and_in_order()
    {
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false, handler: new Cutting(every: 900));
        var conversation = await Talk.Between(alice, bob);
        var hearing = bob.Inbox().Where(heard => heard.IsMessage).Take(20).Select(heard => heard.Read<int>()).ToListAsync().AsTask();

        for (var n = 0; n < 20; n++) await alice.Say(conversation, n);

        Assert.Equal(Enumerable.Range(0, 20), await hearing);
    }

    [Fact]
    public async Task From_now_on_it_tells_what_comes_and_a_kept_cursor_goes_on()
    {
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false);
        var conversation = await Talk.Between(alice, bob);
        await alice.Say(conversation, "before");
        Assert.Equal("before", (await Talk.Next(bob)).Read<string>());
        await using var late = await _talk.Peer("bob", seal: false, cursor: "now");
        Assert.Empty(await late.Inbox(wait: false).ToListAsync());
        await alice.Say(conversation, "then");
        await alice.Say(conversation, "later");

        Assert.Equal(["then", "later"], await late.Inbox().Take(2).Select(heard => heard.Read<string>()).ToListAsync());
        await using var again = await _talk.Peer("bob", seal: false, cursor: late.Cursor);
        Assert.Equal(["later"], await again.Inbox(wait: false).Select(heard => heard.Read<string>()).ToListAsync()); // Who took the last one never said so.
    }

    [Fact]
    public async Task Of_what_there_is_now_nothing_is_passed_over_that_was_not_taken()
    {
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false);
        var conversation = await Talk.Between(alice, bob);
        for (var n = 0; n < 3; n++) await alice.Say(conversation, n);
        await Talk.Next(bob); // it is told by now

        await using var once = await _talk.Peer("bob", seal: false);
        Assert.Equal(0, (await once.Inbox(wait: false).FirstAsync(heard => heard.IsMessage)).Read<int>());
        await using var again = await _talk.Peer("bob", seal: false, cursor: once.Cursor);
        Assert.Equal([0, 1, 2], await again.Inbox().Where(heard => heard.IsMessage).Take(3).Select(heard => heard.Read<int>()).ToListAsync());
    }

    [Fact]
    public async Task A_refusal_ends_it_and_a_server_that_is_away_for_longer_than_the_deadline_too()
    {
        await using var refused = Peer(new Scripted(Scripted.Refusal(401, "unauthorized")), new Hasty());
        await Assert.ThrowsAsync<AuthenticationException>(async () => await refused.Inbox().ToListAsync());

        var (hasty, away) = (new Hasty(), new Scripted([.. Enumerable.Repeat(((HttpStatusCode, string)?)null, 100)]));
        await using var lost = Peer(away, hasty);
        await Assert.ThrowsAsync<NoAnswerException>(async () => await lost.Inbox().ToListAsync());
        Assert.InRange(hasty.Waits.Sum(wait => wait.TotalSeconds), 120 - 8, 120 + 8);
        Assert.True(hasty.Waits[^1] > 8 * hasty.Waits[0]);
    }

    public void Dispose() => _talk.Dispose();

    private static AgoraPeer Peer(HttpMessageHandler handler, TimeProvider time) => new(new() { Url = new("http://127.0.0.1:1"), Key = "agk2_live_default.a.b.c", Handler = handler, Time = time });

    private static async Task<List<(long, string)>> Told(Replayed stream)
    {
        await using var peer = Peer(stream, new Hasty());
        return await peer.Inbox().Take(stream.Events).Select(heard => (heard.Number, heard.Kind)).ToListAsync();
    }

    /// <summary>What a server sends of some messages.</summary>
    private async Task<byte[]> Recorded()
    {
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false);
        var conversation = await Talk.Between(alice, bob);
        var last = 0L;
        for (var n = 0; n < Messages; n++) last = (await alice.Say(conversation, $"{n}: ü, 日本\n")).Data.Number;

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{world.Url}/agent/inbox") { Headers = { Accept = { new("text/event-stream") }, Authorization = new("Bearer", await _talk.Key("bob")) } };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var (stream, buffer, text) = (await response.Content.ReadAsStreamAsync(), new byte[65_536], new List<byte>());
        while (!Encoding.UTF8.GetString([.. text]).Contains($"\"number\":{last},", StringComparison.Ordinal) || !text[^2..].SequenceEqual("\n\n"u8.ToArray()))
        {
            text.AddRange(buffer[..await stream.ReadAsync(buffer)]);
        }

        return [.. text];
    }

    /// <summary>Serves a recorded stream behind the event that is named: the first connection as far as the cut, each other whole.</summary>
    /// <param name="broken">The connection breaks; else it ends in order.</param>
    private sealed class Replayed(byte[] stream, int cutAt, bool broken = false) : HttpMessageHandler
    {
        public int Connections { get; private set; }

        public int Events { get; } = Encoding.UTF8.GetString(stream).Split("id: ").Length - 1;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var from = request.Headers.TryGetValues("Last-Event-ID", out var last) ? Behind(last.Single()) : 0;
            var part = Connections++ == 0 ? stream[..cutAt] : stream[from..];
            var content = new StreamContent(new Part(part, broken && Connections == 1)) { Headers = { ContentType = new("text/event-stream") } };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }

        private int Behind(string id)
        {
            var at = stream.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"id: {id}\n"));
            return at + stream.AsSpan(at).IndexOf("\n\n"u8) + 2;
        }
    }

    private sealed class Part(byte[] bytes, bool broken) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : broken ? throw new IOException("The connection was cut.") : 0;
    }

    /// <summary>Ends each stream of events after so many bytes.</summary>
    private sealed class Cutting(int every) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                var cut = new StreamContent(new Cut(await response.Content.ReadAsStreamAsync(cancellationToken), every));
                cut.Headers.ContentType = new("text/event-stream");
                response.Content = cut;
            }

            return response;
        }
    }

    private sealed class Cut(Stream whole, int left) : Stream
    {
        private int _left = left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0) return 0;
            var read = await whole.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            whole.Dispose();
            base.Dispose(disposing);
        }
    }
}
