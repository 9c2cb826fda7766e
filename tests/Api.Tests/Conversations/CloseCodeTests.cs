using System.Globalization;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Conversations;

/// <summary>What docs/sockets.md says of how a WebSocket is closed.</summary>
[Collection(nameof(UnreadReplies))]
public sealed partial class CloseCodeTests
{
    /// <summary>What each code says, made to happen.</summary>
    private static readonly Dictionary<int, Func<Task<int>>> Ends = new()
    {
        [1001] = () => After(socket => socket.Send(RawSocket.Final | RawSocket.Ping), onPong: talk => talk.Api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication()),
        [1002] = () => OrCutOff(1002, () => After(socket => socket.Send(RawSocket.Final | 0x40 | RawSocket.Text, "{}"u8.ToArray()))),
        [1003] = () => After(socket => socket.Send(RawSocket.Final | 0x2, "{}"u8.ToArray())),
        [1007] = () => OrCutOff(1007, () => After(socket => socket.Send(RawSocket.Final | RawSocket.Text, 0xFF, 0xFE))),
        [1009] = TooLong,
        [1011] = () => WhileTheStore(new InvalidOperationException("A defect, as far as anybody knows.")),
        [1013] = TooMuchUnread,
        [4400] = () => After(socket => socket.Send(RawSocket.Final | RawSocket.Text, "{}"u8.ToArray())),
        [4401] = Revoked,
        [4403] = Suspended,
        [4408] = NeverEnding,
        [4410] = () => After(socket => socket.Send(RawSocket.Final | RawSocket.Text, """{"type":"listen","credits":1,"after":"tomorrow"}"""u8.ToArray())),
    };

    private static readonly IReadOnlyList<int> Rows = [.. Row().Matches(Repository.Text("docs/sockets.md")).SelectMany(row => row.Groups[1].Value.Split(", ")).Select(code => int.Parse(code, CultureInfo.InvariantCulture))];

    public static readonly TheoryData<int> Documented = [.. Rows];

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task What_a_code_of_the_document_says_closes_with_that_code(int code) => Assert.Equal(code, await Ends[code]());

    [Fact]
    public void Each_code_with_which_a_test_closes_is_in_the_document() => Assert.Equal(Ends.Keys.Order(), Rows.Order());

    [Fact]
    public async Task A_store_that_does_not_answer_closes_1013_and_whoever_comes_again_listens() => Assert.Equal(1013, await WhileTheStore(new JournalUnavailableException("It is away.")));

    /// <summary>Its cursor would be behind entries that the client never got. The close waits for the answer to what was said, which does not come.</summary>
    [Fact]
    public async Task After_entries_that_found_no_room_no_later_ones_are_sent()
    {
        var time = new MovedTimestamps();
        await using var said = new HeldCommand(static command => command is ConversationCommand.Say { From: "b" });
        await using var talk = await Talk.Of(await RunningApi.Start(edge: said.Edge, time: time), "a", "b");
        var id = await talk.Open("a", ["b"]);
        var large = new string('x', TalkLimits.MessageBytes - 100);
        (await talk.Post("a", $"/streams/{id}", $"""["{large}","{large}","{large}"]""")).Expect(204);
        (await talk.Post("a", $"/streams/{id}", $"""["{large}","{large}",1]""")).Expect(204); // one frame has all that is large, the next one the rest
        await using var socket = await SocketClient.Open(talk, "b");
        await socket.Say(1, id, """{"content":1}""");
        await said.Reached;
        const int Others = (int)Limits.UnreadBytes;
        using var unread = UnreadReplies.Begin(new PlaceOwner("others"), Others);
        await socket.Listen();
        await socket.Next("listening");

        var frame = socket.NextOrEnd();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (; !frame.IsCompleted; await timer.WaitForNextTickAsync()) time.Move(TalkLimits.CloseWithin);

        await Assert.ThrowsAsync<WebSocketException>(() => frame); // cut off
    }

    /// <summary>Of one connection 256 are held until they are answered, and an agent has 64 connections.</summary>
    [Fact]
    public async Task What_is_said_takes_room_among_the_bodies_of_requests_and_without_room_is_refused_and_a_long_message_closes_1013()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await using var socket = await SocketClient.Open(talk, "a");
        using (Full(talk.Api.Services.GetRequiredService<BodyPlaces>()))
        {
            await socket.Say(1, id, """{"content":1}""");
            var refused = await socket.Next();
            Assert.Equal("refused", refused.GetProperty("type").GetString());
            Assert.Equal((1, Codes.Unavailable), (refused.GetProperty("id").GetInt32(), refused.GetProperty("error").GetProperty("code").GetString()));
        }

        await socket.Say(2, id, """{"content":1}""");
        Assert.Equal(2, (await socket.Next("said")).GetProperty("id").GetInt32());
        using (Full(talk.Api.Services.GetRequiredService<BodyPlaces>()))
        {
            await socket.Send(new string(' ', Limits.SmallBodyBytes + 1), end: false);
            Assert.Equal(1013, await socket.End());
        }
    }

    /// <summary>It would be counted against its tenant for as long as the process runs, and in the end no long request of the tenant's would be read any more.</summary>
    [Fact]
    public async Task What_was_read_and_not_begun_when_the_connection_ends_gives_its_room_back()
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var talk = await Talk.Of(await RunningApi.Start(edge: inner => new HeldEntities(inner) { Until = command => command is ConversationCommand.Say ? said.Task : null }), "a", "b");
        var id = await talk.Open("a", ["b"]);
        var bodies = talk.Api.Services.GetRequiredService<BodyPlaces>();
        await using var socket = await SocketClient.Open(talk, "a");
        for (var n = 1; n <= TalkLimits.SaidAtOnce; n++) await socket.Say(n, id, """{"content":1}""");
        var large = new string('x', TalkLimits.MessageBytes - 100);
        await socket.Say(TalkLimits.SaidAtOnce + 1, id, $$"""{"content":"{{large}}"}""");
        await Until(() => HeldOf(bodies) is var held && held >= 2 * large.Length && held < TalkLimits.FrameBytes); // it is read, and is to be said

        talk.Api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        said.SetResult();

        Assert.Equal(1001, await socket.End());
        await Until(() => HeldOf(bodies) == 0);
    }

    /// <summary>Nothing tells when a frame is read, or its room given back.</summary>
    private static async Task Until(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(Hang.Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isSo()) await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Bytes that the tenant holds: what it cannot take beside them.</summary>
    private static long HeldOf(BodyPlaces places)
    {
        var (least, most) = (0L, Limits.LongBodyBytesOfTenant);
        while (least < most)
        {
            var middle = (least + most) / 2;
            using var place = places.Begin(new PlaceOwner(Tenant.Default.Name), Limits.LongBodyBytesOfTenant - middle);
            (least, most) = place is null ? (middle + 1, most) : (least, middle);
        }

        return least;
    }

    /// <summary>Others hold all of it.</summary>
    private static Held Full(BodyPlaces places)
    {
        var held = new Held();
        foreach (var bytes in (int[])[1 << 20, 1 << 10, 1])
        {
            while (places.Begin(new PlaceOwner($"other-{held.Count}"), bytes) is { } place) held.Add(place);
        }

        return held;
    }

    private sealed class Held : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(static place => place.Dispose());
    }

    private static async Task<int> After(Func<RawSocket, ValueTask> sends, Action<Talk>? onPong = null)
    {
        await using var talk = await Talk.Among("a");
        await using var socket = await RawSocket.Open(talk, "a");
        await socket.Head();
        await sends(socket);
        if (onPong is not null)
        {
            Assert.Equal(RawSocket.Pong, (await socket.Next()).Opcode);
            onPong(talk);
        }

        return await socket.End();
    }

    /// <summary>The connection is cut off at once behind such a close, and what cuts it off may overtake it.</summary>
    private static async Task<int> OrCutOff(int code, Func<Task<int>> ends)
    {
        try
        {
            return await ends();
        }
        catch (IOException)
        {
            return code;
        }
    }

    private static async Task<int> TooLong()
    {
        await using var talk = await Talk.Among("a");
        await using var socket = await SocketClient.Open(talk, "a");
        await socket.Send(new string(' ', TalkLimits.FrameBytes + 1));
        return await socket.End();
    }

    /// <summary>Others have not read what they asked for; the agent is to be told a frame that is no small one.</summary>
    private static async Task<int> TooMuchUnread()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        for (var n = 0; n < 2; n++) await talk.Say("a", id, new string('x', Limits.SmallReplyBytes - 100));
        var (_, next) = await talk.Inbox("b", limit: 1);
        await using var socket = await SocketClient.Open(talk, "b");
        const int Others = (int)Limits.UnreadBytes;
        using var unread = UnreadReplies.Begin(new PlaceOwner("others"), Others);
        Assert.NotNull(unread);
        await socket.Listen(next);
        return await socket.End();
    }

    private static async Task<int> Revoked()
    {
        await using var talk = await Talk.Among("a");
        await using var socket = await SocketClient.Open(talk, "a");
        var key = (await talk.Api.Client.Admin(HttpMethod.Get, "/admin/agents/a/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/a/keys/{key}")).Expect(200);
        return await socket.End();
    }

    private static async Task<int> Suspended()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession(peers: """["*"]""");
        await using var socket = await SocketClient.Open(api.Client.Address, token);
        var session = (await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data.GetProperty("sessions")[0].GetProperty("session_id").GetString();
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/suspend", """{"reason":"Odd."}""")).Expect(200);
        return await socket.End();
    }

    private static async Task<int> NeverEnding()
    {
        var time = new MovedTimestamps();
        await using var talk = await Talk.Of(await RunningApi.Start(time: time), "a");
        await using var socket = await RawSocket.Open(talk, "a");
        await socket.Head();
        await socket.Send(RawSocket.Text, "{"u8.ToArray());
        await Heard(socket);
        time.Move(TalkLimits.FrameWithin);
        return await socket.End();
    }

    /// <summary>A ping in the midst of a message is answered by whoever reads on: what came before it was read.</summary>
    private static async Task Heard(RawSocket socket)
    {
        await socket.Send(RawSocket.Final | RawSocket.Ping);
        Assert.Equal(RawSocket.Pong, (await socket.Next()).Opcode);
    }

    private static async Task<int> WhileTheStore(Exception fails)
    {
        var store = new Failing(new MemoryJournal(TimeProvider.System));
        await using var talk = await Talk.Among(store, "a");
        await using var socket = await SocketClient.Open(talk, "a");
        store.Failure = fails;
        await socket.Listen("now");
        var code = await socket.End();
        store.Failure = null;
        await using var again = await SocketClient.Open(talk, "a");
        await again.Listen("now");
        await again.Next("listening");
        return code;
    }

    [GeneratedRegex(@"^\| ([0-9]{4}(?:, [0-9]{4})*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed class Failing(IJournal inner) : DelegatingJournal(inner)
    {
        private volatile Exception? _failure;

        public Exception? Failure { get => _failure; set => _failure = value; }

        public override Task<string> FeedEnd(CancellationToken cancel) => _failure is { } failure ? throw failure : base.FeedEnd(cancel);
    }
}
