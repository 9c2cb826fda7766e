using System.Text.Json;
using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Conversations;

/// <summary>An inbox over a WebSocket, and saying over it.</summary>
public sealed class SocketTests
{
    [Fact]
    public async Task Entries_come_with_a_cursor_as_far_as_credits_go_and_go_on_with_more()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        for (var n = 0; n < 5; n++) await talk.Say("a", id, $"m{n}");
        await talk.Told("b", 6);

        await using var socket = await SocketClient.Open(talk, "b");
        await socket.Listen(credits: 4);
        Assert.Contains("entries[].content", (await socket.Next("listening")).GetProperty("untrusted_fields").EnumerateArray().Select(field => field.GetString()));
        var (some, cursor) = await Told(socket, 4);
        Assert.Equal(["a opened", "a:m0", "a:m1", "a:m2"], some);

        // Nothing more came: an answer overtakes what there are no credits for.
        await socket.Say(1, id, """{"content":"mine"}""");
        Assert.Equal("said", (await socket.Next()).GetProperty("type").GetString());
        await socket.Send("""{"type":"credit","credits":10}""");
        Assert.Equal(["a:m3", "a:m4"], (await Told(socket, 2)).Told);

        await using var again = await SocketClient.Open(talk, "b");
        await again.Listen(cursor);
        Assert.Equal(["a:m3", "a:m4"], (await Told(again, 2)).Told);
        await talk.Say("a", id, "live");
        Assert.Equal(["a:live"], (await Told(again, 1)).Told);
        Assert.Equal(["a:live"], (await Told(socket, 1)).Told);
    }

    [Fact]
    public async Task What_is_said_is_answered_as_by_POST_and_stands_in_the_order_in_which_it_was_sent()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"messages_per_minute":300,"unacknowledged":10000}""");
        await using var socket = await SocketClient.Open(talk, "a");
        for (var n = 0; n < 300; n++) await socket.Say(n, id, $$"""{"content":"{{n}}","message_id":"id-{{n}}"}""");
        var answers = new Dictionary<int, JsonElement>();
        while (answers.Count < 300)
        {
            var answer = await socket.Next("said");
            answers.Add(answer.GetProperty("id").GetInt32(), answer);
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(n => $"a:{n}"), (await talk.Told("b", 301)).Told.Skip(1));
        Assert.All(answers, one => Assert.Equal($"id-{one.Key}", one.Value.GetProperty("message_id").GetString()));

        // The same message by either door is the same; too much of it is refused with what POST is refused with.
        await socket.Say(400, id, """{"content":"7","message_id":"id-7"}""");
        var repeat = await socket.Next("said");
        Assert.True(repeat.GetProperty("replayed").GetBoolean());
        Assert.Equal(answers[7].GetProperty("number").GetInt64(), repeat.GetProperty("number").GetInt64());
        Assert.Equal(answers[7].GetProperty("number").GetInt64(), await talk.Say("a", id, "7", "id-7"));

        await socket.Say(401, id, """{"content":"more"}""");
        var refused = (await socket.Next("refused")).GetProperty("error");
        var posted = (await talk.Post("a", $"/conversations/{id}/messages", """{"content":"more"}""")).Expect(429);
        Assert.Equal(posted.Code, refused.GetProperty("code").GetString());
        Assert.InRange(refused.GetProperty("retry_after_seconds").GetInt32(), 1, 60);
    }

    /// <summary>Of one request many read at a time then, while the web server puts its parts together.</summary>
    [Fact]
    public async Task What_is_said_at_once_over_many_connections_that_have_just_come_is_all_answered()
    {
        const int Connections = 60, Frames = 16;
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"messages_per_minute":100000,"unacknowledged":10000}""");
        for (var round = 0; round < 4; round++)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, Connections), new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (_, _) =>
            {
                await using var socket = await SocketClient.Open(talk, "a");
                for (var n = 0; n < Frames; n++) await socket.Say(n, id, """{"content":1}""");
                for (var n = 0; n < Frames; n++) await socket.Next("said");
            });
        }
    }

    public static readonly TheoryData<string, string> Refused = new()
    {
        { """{"content":1,"reply_to":7}""", Codes.ValidationFailed },
        { """{"contents":1}""", Codes.ValidationFailed },
        { """[]""", Codes.ValidationFailed },
        { """{"content":1,"message_id":"00000000-0000-7000-8000-000000000001"}""", Codes.IdempotencyConflict },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_message_that_is_wrong_is_refused_by_its_id_and_the_connection_goes_on(string message, string code)
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await using var socket = await SocketClient.Open(talk, "a");
        await socket.Say(7, id, message);
        var refused = await socket.Next();
        Assert.Equal(7, refused.GetProperty("id").GetInt32());
        Assert.Equal(code, refused.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal((await talk.Post("a", $"/conversations/{id}/messages", message)).Code, code);

        await socket.Say(8, "00000000-0000-7000-8000-00000000dead", """{"content":1}""");
        Assert.Equal(Codes.NotFound, (await socket.Next()).GetProperty("error").GetProperty("code").GetString());
        await socket.Say(9, id, """{"content":1}""");
        Assert.Equal("said", (await socket.Next()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Acknowledging_frees_what_waits()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"unacknowledged":1}""");
        var number = await talk.Say("a", id, "one");
        Assert.Equal(429, (await talk.Post("a", $"/conversations/{id}/messages", """{"content":"two"}""")).Status);
        await using var socket = await SocketClient.Open(talk, "b");
        await socket.Send($$"""{"type":"acknowledge","id":3,"conversation_id":"{{id}}","number":{{number}}}""");
        Assert.Equal(number, (await socket.Next("acknowledged")).GetProperty("acknowledged").GetInt64());
        await talk.Say("a", id, "two");
        await socket.Send($$"""{"type":"acknowledge","id":4,"conversation_id":"{{id}}","number":99}""");
        Assert.Equal(Codes.ValidationFailed, (await socket.Next("refused")).GetProperty("error").GetProperty("code").GetString());
    }

    public static readonly TheoryData<string, int> Wrong = new()
    {
        { "no JSON", 4400 },
        { "", 4400 },
        { "[]", 4400 },
        { """{"type":"shout"}""", 4400 },
        { """{"type":"listen"}""", 4400 },
        { """{"type":"listen","credits":0}""", 4400 },
        { """{"type":"listen","credits":10001}""", 4400 },
        { """{"type":"listen","credits":1,"more":1}""", 4400 },
        { """{"type":"listen","type":"listen","credits":1}""", 4400 },
        { """{"type":"credit","credits":1}""", 4400 },
        { """{"type":"say","id":1,"message":{}}""", 4400 },
        { """{"type":"say","id":1,"conversation_id":"../agents","message":{}}""", 4400 },
        { """{"type":"listen","credits":1,"after":"tomorrow"}""", 4410 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_frame_that_is_none_closes_with_its_code(string frame, int code)
    {
        await using var talk = await Talk.Among("a");
        await using var socket = await SocketClient.Open(talk, "a");
        await socket.Send(frame);
        Assert.Equal(code, await socket.End());
    }

    [Fact]
    public async Task Listening_twice_and_more_credits_than_there_are_close()
    {
        await using var talk = await Talk.Among("a");
        await using var twice = await SocketClient.Open(talk, "a");
        await twice.Listen();
        await twice.Listen();
        Assert.Equal(4400, await twice.End());
        await using var many = await SocketClient.Open(talk, "a");
        await many.Listen(credits: TalkLimits.Credits);
        await many.Send("""{"type":"credit","credits":1}""");
        Assert.Equal(4400, await many.End());
    }

    [Fact]
    public async Task Another_tenants_cursor_is_none()
    {
        await using var talk = await Talk.Among("a");
        await using var other = await Talk.Among("a");
        var (_, cursor) = await other.Inbox("a", "now");
        await using var socket = await SocketClient.Open(talk, "a");
        await socket.Listen(cursor[..^2] + "AA");
        Assert.Equal(4410, await socket.End());
    }

    [Fact]
    public async Task A_protocol_that_is_not_known_and_a_wrong_key_are_refused_before_it_opens()
    {
        await using var talk = await Talk.Among("a");
        Assert.Contains("400", (await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => SocketClient.Open(talk, "a", "chat"))).Message, StringComparison.Ordinal);
        Assert.Contains("401", (await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => SocketClient.Open(talk.Api.Client.Address, "agk2_live_default.a.forged.forged"))).Message, StringComparison.Ordinal);
    }

    internal static async Task<(IReadOnlyList<string> Told, string Next)> Told(SocketClient socket, int count)
    {
        var (all, next) = (new List<string>(), "");
        while (all.Count < count)
        {
            var frame = await socket.Next("entries");
            all.AddRange(frame.GetProperty("entries").EnumerateArray().Select(Talk.Short));
            next = frame.GetProperty("next_cursor").GetString()!;
        }

        return (all, next);
    }
}
