using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Api.Tests.Streams;

/// <summary>A conversation as a stream: what its members are told by both doors, who may, and what is refused. What the protocol itself wants is in <see cref="ConformanceTests"/>.</summary>
public sealed class StreamTests
{
    private const string Json = "application/json";
    private const string Text = "text/plain";

    [Fact]
    public async Task What_is_appended_is_told_as_messages_and_what_is_said_is_read_as_a_stream()
    {
        await using var talk = await Talk.Among("a", "b");
        var conversation = await talk.Open("a", ["b"]);

        Assert.Equal(204, (await Ask(talk, "b", "POST", conversation, """[{"n":1},[2]]""")).Status);
        (await talk.Post("a", $"/conversations/{conversation}/messages", """{"content":"three"}""")).Expect(201);

        var told = (await talk.Get("a", $"/conversations/{conversation}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").ValueEquals("message")).ToList();
        Assert.Equal(["""{"n":1}""", "[2]", "\"three\""], told.Select(entry => entry.GetProperty("content").GetRawText()));
        var read = await Ask(talk, "b", "GET", conversation);
        Assert.Equal(("""[{"n":1},[2],"three"]""", Json, "true"), (read.Text, read.Type, read["Stream-Up-To-Date"]));
        Assert.Equal("""["three"]""", (await Ask(talk, "a", "GET", $"{conversation}?offset={told[1].GetProperty("number").GetInt64():D16}")).Text);
    }

    [Fact]
    public async Task Bytes_come_back_as_they_were_appended()
    {
        await using var talk = await Talk.Among("a");
        byte[] odd = [0xC3, 0x28, 0, 255], plain = Encoding.UTF8.GetBytes("é\r\n\"\0");
        foreach (var type in (string[])[Text, "application/octet-stream"])
        {
            var id = $"bytes-{type.Length}";
            Assert.Equal(201, (await Ask(talk, "a", "PUT", id, "é\r\n\"\0", type)).Status);
            Assert.Equal(204, (await Ask(talk, "a", "POST", id, odd, type)).Status);
            Assert.Equal(plain.Concat(odd), (await Ask(talk, "a", "GET", id)).Bytes);
        }

        var contents = (await talk.Get("a", $"/conversations/bytes-{Text.Length}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").ValueEquals("message")).Select(entry => entry.GetProperty("content")).ToList();
        Assert.Equal(("é\r\n\"\0", Convert.ToBase64String(odd)), (contents[0].GetString(), contents[1].GetProperty("base64").GetString()));
    }

    [Fact]
    public async Task Nobody_outside_finds_appends_to_or_takes_a_stream()
    {
        await using var talk = await Talk.Among("a", "b", "x");
        Assert.Equal(201, (await Ask(talk, "a", "PUT", "private", """{"n":1}""")).Status);

        foreach (var (method, body) in ((string, string?)[])[("GET", null), ("HEAD", null), ("POST", "1"), ("DELETE", null)]) Assert.Equal(404, (await Ask(talk, "x", method, "private", body)).Status);
        Assert.Equal(409, (await Ask(talk, "x", "PUT", "private")).Status);
        Assert.Equal(401, (await Ask(talk, null, "GET", "private")).Status);
        Assert.Equal(404, (await Ask(talk, "x", "GET", "nowhere?live=sse&offset=-1")).Status);

        (await talk.Post("a", "/conversations/private/invite", """{"agent_id":"b"}""")).Expect(200);
        (await talk.Post("b", "/conversations/private/join")).Expect(200);
        Assert.Equal((204, 403, 403), ((await Ask(talk, "b", "POST", "private", "2")).Status, (await Ask(talk, "b", "POST", "private", "3", Json, ("Stream-Closed", "true"))).Status, (await Ask(talk, "b", "DELETE", "private")).Status));
        Assert.Equal("[1,2]", (await Ask(talk, "a", "GET", "private")).Text.Replace("""{"n":1}""", "1", StringComparison.Ordinal));
        Assert.Equal("[2]", (await Ask(talk, "b", "GET", "private")).Text); // what was said before it joined is not its to hear
    }

    [Fact]
    public async Task What_somebody_appends_whom_the_reader_has_blocked_is_read_by_the_others_alone()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var conversation = await talk.Open("a", ["b", "c"]);
        (await talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/c", talk.Key("b"))).Expect(200);
        Assert.Equal(204, (await Ask(talk, "c", "POST", conversation, "1")).Status);
        Assert.Equal(204, (await Ask(talk, "a", "POST", conversation, "2")).Status);

        Assert.Equal(("[1,2]", "[2]"), ((await Ask(talk, "a", "GET", conversation)).Text, (await Ask(talk, "b", "GET", conversation)).Text));
        Assert.Equal("[2]", (await Ask(talk, "b", "GET", $"{conversation}?live=long-poll&offset=-1")).Text);
    }

    [Fact]
    public async Task A_session_appends_only_where_all_who_are_told_are_within_its_scope()
    {
        await using var talk = await Talk.Among("agent-1", "b", "c");
        var (allowed, other) = (await talk.Open("agent-1", ["b"]), await talk.Open("agent-1", ["b", "c"]));
        var token = await talk.Api.Client.OpenSession(peers: """["b"]""");

        Assert.Equal(204, (await Appended(allowed)).Status);
        (await Appended(other)).Refused(403, Codes.ScopeViolation);
        Assert.Equal(("[1]", "[]"), ((await Ask(talk, "b", "GET", allowed)).Text, (await Ask(talk, "b", "GET", other)).Text));

        Task<Received> Appended(string conversation) => talk.Api.Client.Post($"/streams/{conversation}", token, "1");
    }

    [Fact]
    public async Task Behind_any_offset_within_what_was_appended_at_once_the_rest_is_read()
    {
        await using var talk = await Talk.Among("a");
        Assert.Equal(201, (await Ask(talk, "a", "PUT", "some")).Status);
        var last = long.Parse((await Ask(talk, "a", "POST", "some", "[1,2,3]"))["Stream-Next-Offset"]!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal("[2,3]", await Behind(last - 2));
        Assert.Equal("[3]", await Behind(last - 1));
        Assert.Equal("[]", await Behind(last));

        async Task<string> Behind(long offset) => (await Ask(talk, "a", "GET", $"some?offset={offset:D16}")).Text;
    }

    [Fact]
    public async Task Who_reads_on_keeps_nobody_waiting()
    {
        await using var talk = await Talk.Among("a", "b");
        var conversation = await talk.Open("a", ["b"]);
        var offset = (await Ask(talk, "a", "POST", conversation, "1"))["Stream-Next-Offset"];

        Assert.Equal("[1]", (await Ask(talk, "b", "GET", conversation)).Text);
        Assert.True(Acknowledged() < long.Parse(offset!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("[]", (await Ask(talk, "b", "GET", $"{conversation}?offset={offset}")).Text);
        Assert.Equal(long.Parse(offset!, System.Globalization.CultureInfo.InvariantCulture), Acknowledged());

        long Acknowledged() => talk.Get("a", $"/conversations/{conversation}").Result.Expect(200).Data.GetProperty("members").EnumerateArray().Single(member => member.GetProperty("agent_id").ValueEquals("b")).GetProperty("acknowledged").GetInt64();
    }

    [Fact]
    public async Task A_repeat_of_a_producer_is_one_message_also_after_a_restart()
    {
        var store = new MemoryJournal(TimeProvider.System);
        (string, string)[] mark = [("Producer-Id", "p"), ("Producer-Epoch", "0"), ("Producer-Seq", "0")];
        await using (var talk = await Talk.Among(store, "a"))
        {
            Assert.Equal(201, (await Ask(talk, "a", "PUT", "once")).Status);
            Assert.Equal((200, 204), ((await Ask(talk, "a", "POST", "once", "1", Json, mark)).Status, (await Ask(talk, "a", "POST", "once", "1", Json, mark)).Status));
        }

        await using var again = await Talk.Among(store, "a");
        Assert.Equal((204, "[1]"), ((await Ask(again, "a", "POST", "once", "2", Json, mark)).Status, (await Ask(again, "a", "GET", "once")).Text));
    }

    public static TheoryData<string, string, string?, string, int> Wrong { get; } = new()
    {
        { "PUT", "0198c0de-0000-7000-8000-000000000001", null, "", 400 },
        { "PUT", "a2a-0123456789abcdef-0", null, "", 400 },
        { "PUT", "new", "{", "", 400 },
        { "PUT", "new", null, "Stream-TTL: 60", 400 },
        { "PUT", "new", null, "Stream-Expires-At: 2030-01-01T00:00:00Z", 400 },
        { "PUT", "new", null, "Stream-Forked-From: /streams/there", 400 },
        { "PUT", "there", "[]", "Stream-Closed: true", 409 },
        { "PUT", "%20", null, "", 400 },
        { "POST", "there", "[]", "", 400 },
        { "POST", "there", null, "", 400 },
        { "POST", "there", """{"a":1,"a":2}""", "", 400 },
        { "POST", "there", "1", "Content-Encoding: gzip", 415 },
        { "POST", "there", "1", "Producer-Id: p", 400 },
        { "POST", "there", "1", "Producer-Id: p|Producer-Epoch: -1|Producer-Seq: 0", 400 },
        { "POST", "there", "1", "Producer-Id: p|Producer-Epoch: 0|Producer-Seq: 9007199254740992", 400 },
        { "POST", "there", "1", "Producer-Id: p|Producer-Epoch: 0|Producer-Seq: 1", 409 },
        { "GET", "there?offset=0000000000000099", null, "", 400 },
        { "GET", "there?offset=99", null, "", 400 },
        { "GET", "there?offset=-2", null, "", 400 },
        { "GET", "there?offset=0000000000000099&live=long-poll", null, "", 400 },
        { "GET", "there?offset=0000000000000099&live=sse", null, "", 400 },
        { "GET", "there?live=socket&offset=-1", null, "", 400 },
        { "PATCH", "there", "1", "", 405 },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_refused_and_changes_nothing(string method, string path, string? body, string headers, int status)
    {
        await using var talk = await Talk.Among("a");
        Assert.Equal(201, (await Ask(talk, "a", "PUT", "there", "[7]")).Status);

        var refused = await Ask(talk, "a", method, path, body, Json, [.. headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(header => (header.Split(": ")[0], header.Split(": ")[1]))]);

        Assert.Equal((status, Json), (refused.Status, refused.Type));
        Assert.Contains("\"message\":", refused.Text, StringComparison.Ordinal);
        Assert.Equal(("[7]", 404), ((await Ask(talk, "a", "GET", "there")).Text, (await Ask(talk, "a", "GET", "new")).Status));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_whole()
    {
        await using var talk = await Talk.Among("a");
        await Ask(talk, "a", "PUT", "large", "", Text);
        await Ask(talk, "a", "PUT", "many");

        Assert.Equal(204, (await Ask(talk, "a", "POST", "large", new string('x', TalkLimits.MessageBytes - 2), Text)).Status);
        Assert.Equal(413, (await Ask(talk, "a", "POST", "large", new string('x', TalkLimits.MessageBytes - 1), Text)).Status);
        Assert.Equal(413, (await Ask(talk, "a", "POST", "many", $"[{string.Join(',', Enumerable.Repeat("1", TalkLimits.AppendedAtOnce + 1))}]")).Status);
        Assert.Equal(("[]", TalkLimits.MessageBytes - 2), ((await Ask(talk, "a", "GET", "many")).Text, (await Ask(talk, "a", "GET", "large")).Bytes.Length));
    }

    /// <summary>Cut off at any byte and gone on from the last control event, the pieces are the whole.</summary>
    [Fact]
    public async Task Events_that_are_cut_off_anywhere_and_resumed_lose_nothing_and_tell_nothing_twice()
    {
        await using var talk = await Talk.Among("a");
        await Ask(talk, "a", "PUT", "cut", "", Text);
        for (var number = 0; number < 12; number++) await Ask(talk, "a", "POST", "cut", $"<{number}\n>", Text);
        await Ask(talk, "a", "POST", "cut", "", Text, ("Stream-Closed", "true"));
        var whole = (await Ask(talk, "a", "GET", "cut")).Text;

        for (var bytes = 1; bytes < 200; bytes += 7)
        {
            var (got, offset) = ("", "-1");
            for (var cuts = 0; offset is not null; cuts++)
            {
                var text = await Some(talk, $"cut?offset={offset}&live=sse", cuts < 20 ? bytes + cuts : int.MaxValue);
                var data = "";
                foreach (var block in text.Split("\n\n")[..^1])
                {
                    var lines = block.Split('\n');
                    if (lines[0] == "event: data")
                    {
                        data = string.Join('\n', lines[1..].Select(line => line["data:".Length..]));
                    }
                    else if (lines[0] == "event: control")
                    {
                        (got, data) = (got + data, "");
                        offset = text.Contains("streamClosed", StringComparison.Ordinal) && block.Contains("streamClosed", StringComparison.Ordinal) ? null! : Regex.Match(block, "\"streamNextOffset\":\"(\\d+)\"").Groups[1].Value;
                    }
                }
            }

            Assert.Equal(whole, got);
        }
    }

    /// <summary>A line of events ends at CR, LF and both (HTML, 9.2.5), and nowhere else: what other characters end in other texts is told as it was said.</summary>
    [Fact]
    public async Task Events_tell_what_was_said_but_for_how_lines_end()
    {
        await using var talk = await Talk.Among("a");
        await Ask(talk, "a", "PUT", "lines", "1\r2\r\n3\n4\u20285\u20296\u00857\f8\v9", Text);
        await Ask(talk, "a", "POST", "lines", "", Text, ("Stream-Closed", "true"));

        var told = await Some(talk, "lines?offset=-1&live=sse", 4_096);

        Assert.StartsWith("event: data\ndata:1\ndata:2\ndata:3\ndata:4\u20285\u20296\u00857\f8\v9\n\nevent: control\n", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_of_streams_md_do_what_it_says()
    {
        await using var talk = await Talk.Among("a");
        var start = new ProcessStartInfo("bash", ["-euc", Regex.Match(await File.ReadAllTextAsync(Repository.File("docs/streams.md")), "```bash\n(.*?)```", RegexOptions.Singleline).Groups[1].Value]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["B"], start.Environment["KEY"]) = (talk.Api.Client.Address.ToString().TrimEnd('/'), talk.Key("a"));
        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();
        Assert.Equal(("""[{"step":1},{"step":2}]""", ""), (await output, await errors));
    }

    private static Task<StreamReply> Ask(Talk talk, string? agent, string method, string path, string? body = "", string type = Json, params (string Name, string Value)[] headers) =>
        Ask(talk, agent, method, path, Encoding.UTF8.GetBytes(body ?? ""), type, headers);

    private static async Task<StreamReply> Ask(Talk talk, string? agent, string method, string path, byte[] body, string type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), $"/streams/{path}") { Content = method is "GET" or "HEAD" ? null : new ByteArrayContent(body) };
        request.Content?.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var http = Http(talk, agent);
        using var response = await http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.MediaType, response.Headers);
    }

    /// <summary>The first so many bytes; then the connection is cut off.</summary>
    private static async Task<string> Some(Talk talk, string path, int bytes)
    {
        using var http = Http(talk, "a");
        using var response = await http.GetAsync(new Uri($"/streams/{path}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[Math.Min(bytes, 4_096)];
        return Encoding.UTF8.GetString(buffer, 0, await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false));
    }

    private static HttpClient Http(Talk talk, string? agent)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = talk.Api.Client.Address };
        http.DefaultRequestHeaders.Authorization = agent is null ? null : new("Bearer", talk.Key(agent));
        return http;
    }

    private sealed record StreamReply(int Status, byte[] Bytes, string? Type, HttpResponseHeaders Headers)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);

        public string? this[string name] => Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }
}
