using Agora.Models.Wires;

namespace Agora.Models.Tests;

public sealed class MessagesWireReadTests
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_9","type":"message","role":"assistant","model":"p-1","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1,"service_tier":"standard"}}}""";

    private static readonly string[] Stream = [
        Start,
        """{"type":"ping"}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"t"}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}""",
        """{"type":"content_block_stop","index":1}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"new_kind","x":1}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"?"}}""",
        """{"type":"content_block_stop","index":2}""",
        """{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{}}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
        """{"type":"content_block_stop","index":3}""",
        """{"type":"new_event"}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":40,"output_tokens_details":{"thinking_tokens":15}}}""",
        """{"type":"message_stop"}""",
    ];

    private const string Whole = """
        {"id":"msg_9","type":"message","role":"assistant","model":"p-1","content":[{"type":"thinking","thinking":"t","signature":"sig"},{"type":"text","text":"a"},{"type":"new_kind"},
        {"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1}}],"stop_reason":"tool_use","stop_sequence":null,
        "usage":{"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":40,"output_tokens_details":{"thinking_tokens":15},"service_tier":"standard"}}
        """;

    [Fact]
    public void A_stream_and_a_whole_reply_come_to_the_same()
    {
        var streamed = MessagesBytes.Reply(new MessagesWire().Stream(), Stream);
        var whole = new MessagesWire().Read(MessagesBytes.Of(Whole));

        Assert.Equal(new Usage(Input: 10, CacheRead: 20, CacheWrite: 10, CacheWriteLong: 20, Output: 25, Reasoning: 15), streamed.Usage);
        Assert.Equal(("msg_9", "p-1", Finish.ToolCalls, "standard"), (streamed.ProviderId, streamed.Model, streamed.Finish, streamed.ServiceTier));
        Assert.Equal(3, streamed.Output.Count);
        Assert.Equal(MessagesBytes.Whole(streamed), MessagesBytes.Whole(whole));
    }

    [Fact]
    public void A_stream_comes_out_as_it_came_in()
    {
        var said = MessagesBytes.Streamed(new MessagesWire().Stream(), Stream);

        Assert.Equal(
            """
            {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
            {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"t"}}
            {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}
            {"type":"content_block_stop","index":0}
            {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
            {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}
            {"type":"content_block_stop","index":1}
            {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"look","input":{},"caller":{"type":"direct"}}}
            {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"x\":"}}
            {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}
            {"type":"content_block_stop","index":2}
            {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,"output_tokens":40,"output_tokens_details":{"thinking_tokens":15},"server_tool_use":null}}
            {"type":"message_stop"}
            """,
            string.Join('\n', said.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Skip(1).Select(line => line["data: ".Length..])));
    }

    [Fact]
    public void It_is_over_at_message_stop_and_only_then()
    {
        var stream = new MessagesWire().Stream();
        var events = new List<ModelEvent>();
        foreach (var data in Stream)
        {
            Assert.False(stream.IsOver);
            stream.Read(MessagesBytes.Of(data), events);
        }

        Assert.True(stream.IsOver);
        Assert.Equal(new ModelEvent.Started("msg_9", "p-1"), events[0]);
        Assert.Equal(new ModelEvent.Counted(new(Input: 10, CacheRead: 20, CacheWrite: 10, CacheWriteLong: 20, Output: 1)), events[1]);
    }

    [Theory]
    [InlineData("""{"input_tokens":1,"output_tokens":2}""", 1, 0, 0, 0, 2)]
    [InlineData("""{"input_tokens":1,"cache_creation_input_tokens":5,"cache_read_input_tokens":null,"cache_creation":null,"output_tokens":2}""", 1, 0, 5, 0, 2)]
    [InlineData("""{"input_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"output_tokens":2}""", 1, 0, 3, 4, 2)]
    [InlineData("""{"input_tokens":1,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"output_tokens":2}""", 1, 0, 5, 4, 2)]
    [InlineData("""{"input_tokens":0,"cache_read_input_tokens":7,"output_tokens":1000000000}""", 0, 7, 0, 0, 1_000_000_000)]
    public void Each_token_is_counted_once(string usage, long input, long read, long write, long writeLong, long output) =>
        Assert.Equal(new Usage(Input: input, CacheRead: read, CacheWrite: write, CacheWriteLong: writeLong, Output: output), new MessagesWire().Read(Message(usage)).Usage);

    [Theory]
    [InlineData("""{"input_tokens":-1,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":1.5,"output_tokens":2}""")]
    [InlineData("""{"input_tokens":"1","output_tokens":2}""")]
    [InlineData("""{"input_tokens":1,"output_tokens":1000000001}""")]
    [InlineData("""{"input_tokens":1,"output_tokens":99999999999999999999}""")]
    [InlineData("""{"cache_creation":{"ephemeral_5m_input_tokens":-3}}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_count_that_is_none_is_refused(string usage) => Assert.Throws<InvalidDataException>(() => new MessagesWire().Read(Message(usage)));

    [Theory]
    [InlineData("end_turn", Finish.Stop)]
    [InlineData("stop_sequence", Finish.Stop)]
    [InlineData("max_tokens", Finish.Length)]
    [InlineData("model_context_window_exceeded", Finish.Length)]
    [InlineData("tool_use", Finish.ToolCalls)]
    [InlineData("refusal", Finish.Refusal)]
    [InlineData("a_new_one", Finish.Stop)]
    public void Each_reason_has_its_finish(string reason, Finish finish) => Assert.Equal(finish, new MessagesWire().Read(Message("{}", reason)).Finish);

    [Theory]
    [InlineData("[DONE]")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""")]
    [InlineData("""{"type":"message_stop"}""")]
    public void An_event_before_the_start_is_refused(string data) => Assert.Throws<InvalidDataException>(() => MessagesBytes.Events(new MessagesWire().Stream(), data));

    [Theory]
    [InlineData(Start)]
    [InlineData("""{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}""")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"a"}}""")]
    [InlineData("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":1}}""")]
    [InlineData("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""")]
    [InlineData("""{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"a"}}""")]
    public void An_event_that_does_not_belong_is_refused(string data) => Assert.Throws<InvalidDataException>(() =>
        MessagesBytes.Events(new MessagesWire().Stream(), Start, """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""", data));

    [Fact]
    public void An_error_in_mid_stream_keeps_what_was_counted()
    {
        var stream = new MessagesWire().Stream();
        var reply = MessagesBytes.Reply(stream, Start, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""");

        Assert.True(stream.IsOver);
        Assert.Equal(new ProviderFault(FaultKind.Overloaded, "Overloaded", "overloaded_error"), reply.Fault);
        Assert.Equal(61, reply.Usage!.Total);
        Assert.Null(reply.Finish);
    }

    [Theory]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"}}""", FaultKind.InvalidRequest, "max_tokens: Field required")]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}""", FaultKind.OutOfQuota, "Your credit balance is too low")]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}""", FaultKind.ContentFilter, "Output blocked by content filtering policy")]
    [InlineData(401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""", FaultKind.Unauthorized, "invalid x-api-key")]
    [InlineData(402, "", FaultKind.OutOfQuota, "The provider answered 402.")]
    [InlineData(403, "<html>", FaultKind.Unauthorized, "The provider answered 403.")]
    [InlineData(404, "{}", FaultKind.NotFound, "The provider answered 404.")]
    [InlineData(413, "[]", FaultKind.TooLarge, "The provider answered 413.")]
    [InlineData(429, """{"error":{"message":1}}""", FaultKind.RateLimited, "The provider answered 429.")]
    [InlineData(500, "", FaultKind.Failed, "The provider answered 500.")]
    [InlineData(529, "", FaultKind.Overloaded, "The provider answered 529.")]
    [InlineData(200, "", FaultKind.Failed, "The provider answered 200.")]
    public void Each_error_has_its_kind(int status, string body, FaultKind kind, string message)
    {
        var fault = new MessagesWire().ReadError(status, MessagesBytes.Of(body), 7);

        Assert.Equal((kind, message, 7), (fault.Kind, fault.Message, fault.RetryAfterSeconds));
    }

    [Fact]
    public void Long_words_of_an_error_are_cut_between_characters()
    {
        var fault = new MessagesWire().ReadError(400, MessagesBytes.Of($$$"""{"error":{"type":"x","message":"{{{new string('a', 999)}}}\ud83d\ude00b"}}"""), null);

        Assert.Equal(new string('a', 999), fault.Message);
    }

    private static byte[] Message(string usage, string reason = "end_turn") =>
        MessagesBytes.Of($$"""{"id":"msg_9","type":"message","role":"assistant","model":"p-1","content":[],"stop_reason":"{{reason}}","stop_sequence":null,"usage":{{usage}}}""");
}
