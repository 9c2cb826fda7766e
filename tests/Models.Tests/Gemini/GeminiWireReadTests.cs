using Agora.Models.Wires;

namespace Agora.Models.Tests;

public sealed class GeminiWireReadTests
{
    private static readonly string[] Stream = [
        """{"candidates":[{"content":{"parts":[{"text":"t","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-3-pro","responseId":"r-1/x"}""",
        """{"candidates":[{"content":{"parts":[{"text":"u","thought":true},{"text":"a"}],"role":"model"},"index":0}],"responseId":"r-1/x"}""",
        """{"candidates":[{"content":{"parts":[{"text":"b"},{"functionCall":{"name":"look","args":{"x":1}},"thoughtSignature":"S"},{"functionCall":{"name":"see"}}],"role":"model"},"index":0}],"responseId":"r-1/x"}""",
        """{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"T"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":5,"toolUsePromptTokenCount":2,"totalTokenCount":19,"serviceTier":"standard"},"responseId":"r-1/x"}""",
    ];

    private const string Whole = """
        {
          "candidates": [{"content": {"parts": [{"text": "tu", "thought": true}, {"text": "ab"}, {"functionCall": {"name": "look", "args": {
            "x": 1
          }}, "thoughtSignature": "S"}, {"functionCall": {"name": "see", "args": {}}}], "role": "model"}, "finishReason": "STOP"}],
          "usageMetadata": {"promptTokenCount": 9, "cachedContentTokenCount": 4, "candidatesTokenCount": 3, "thoughtsTokenCount": 5, "toolUsePromptTokenCount": 2, "serviceTier": "standard"},
          "modelVersion": "gemini-3-pro",
          "responseId": "r-1/x"
        }
        """;

    [Fact]
    public void A_stream_and_a_whole_reply_come_to_the_same()
    {
        var streamed = MessagesBytes.Reply(new GeminiWire().Stream(), Stream);
        var whole = new GeminiWire().Read(MessagesBytes.Of(Whole));

        Assert.Equal(new Usage(Input: 7, CacheRead: 4, Output: 3, Reasoning: 5), streamed.Usage);
        Assert.Equal(("r-1/x", "gemini-3-pro", Finish.ToolCalls, "standard"), (streamed.ProviderId, streamed.Model, streamed.Finish, streamed.ServiceTier));
        Assert.Equal(new Item.ToolCall("call_r-1x_0", "look", """{"x":1}""", Seal: new("google", "S")), streamed.Output[2]);
        Assert.Equal(new Item.ToolCall("call_r-1x_1", "see", "{}"), streamed.Output[3]);
        Assert.Equal(MessagesBytes.Whole(streamed), MessagesBytes.Whole(whole));
    }

    [Fact]
    public void A_stream_comes_out_in_Messages_with_the_seal_before_its_call()
    {
        var said = MessagesBytes.Streamed(new GeminiWire().Stream(), Stream);

        Assert.Equal(
            """
            {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
            {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"t"}}
            {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"u"}}
            {"type":"content_block_stop","index":0}
            {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
            {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}
            {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"b"}}
            {"type":"content_block_stop","index":1}
            {"type":"content_block_start","index":2,"content_block":{"type":"redacted_thinking","data":"google::S"}}
            {"type":"content_block_stop","index":2}
            {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"call_r-1x_0","name":"look","input":{},"caller":{"type":"direct"}}}
            {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}
            {"type":"content_block_stop","index":3}
            {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"call_r-1x_1","name":"see","input":{},"caller":{"type":"direct"}}}
            {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{}"}}
            {"type":"content_block_stop","index":4}
            {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":8,"output_tokens_details":{"thinking_tokens":5},"server_tool_use":null}}
            {"type":"message_stop"}
            """,
            string.Join('\n', said.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Skip(1).Select(line => line["data: ".Length..])));
    }

    [Fact]
    public void It_is_over_at_the_finish_reason_and_usage_may_follow()
    {
        var stream = new GeminiWire().Stream();
        var events = MessagesBytes.Events(stream, Stream[..3]);
        Assert.False(stream.IsOver);

        stream.Read(MessagesBytes.Of("""{"candidates":[{"finishReason":"MAX_TOKENS"}]}"""), events);
        Assert.Equal((true, true), (stream.IsOver, stream.AwaitsUsage));

        stream.Read(MessagesBytes.Of("""{"usageMetadata":{"promptTokenCount":1}}"""), events);
        Assert.Equal((true, false), (stream.IsOver, stream.AwaitsUsage));
        Assert.Equal(new ModelEvent.Counted(new(Input: 1)), events[^1]);
        Assert.Contains(new ModelEvent.Ended(Finish.Length), events);
    }

    [Theory]
    [InlineData("STOP", Finish.Stop)]
    [InlineData("MAX_TOKENS", Finish.Length)]
    [InlineData("CONTINUATION", Finish.Length)]
    [InlineData("SAFETY", Finish.ContentFilter)]
    [InlineData("RECITATION", Finish.ContentFilter)]
    [InlineData("A_NEW_ONE", Finish.ContentFilter)]
    [InlineData("FINISH_REASON_UNSPECIFIED", null)]
    [InlineData("", null)]
    public void Each_reason_has_its_finish(string reason, Finish? finish) =>
        Assert.Equal(finish, new GeminiWire().Read(MessagesBytes.Of($$"""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"{{reason}}"}]}""")).Finish);

    [Fact]
    public void A_blocked_prompt_is_a_content_filter_s_end()
    {
        var reply = new GeminiWire().Read(MessagesBytes.Of("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}"""));

        Assert.Equal((Finish.ContentFilter, 9, 0), (reply.Finish, reply.Usage!.Input, reply.Output.Count));
    }

    [Fact]
    public void An_answer_that_came_to_nothing_is_a_failure_that_is_counted()
    {
        var reply = new GeminiWire().Read(MessagesBytes.Of("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}],"usageMetadata":{"promptTokenCount":9}}"""));

        Assert.Equal(new ProviderFault(FaultKind.Failed, "The model's answer came to nothing: MALFORMED_FUNCTION_CALL.", "MALFORMED_FUNCTION_CALL"), reply.Fault);
        Assert.Equal((9, null), (reply.Usage!.Input, reply.Finish));
    }

    [Fact]
    public void An_error_in_mid_stream_is_a_failure()
    {
        var stream = new GeminiWire().Stream();
        var reply = MessagesBytes.Reply(stream, Stream[0], """{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}""");

        Assert.True(stream.IsOver);
        Assert.Equal(new ProviderFault(FaultKind.Overloaded, "The model is overloaded.", "UNAVAILABLE"), reply.Fault);
    }

    [Fact]
    public void An_id_that_Google_gives_is_kept() =>
        Assert.Equal("g1", Assert.IsType<Item.ToolCall>(Assert.Single(new GeminiWire().Read(MessagesBytes.Of("""{"candidates":[{"content":{"parts":[{"functionCall":{"id":"g1","name":"look"}}]},"finishReason":"STOP"}]}""")).Output)).CallId);

    [Theory]
    [InlineData("""{"promptTokenCount":-1}""")]
    [InlineData("""{"promptTokenCount":1.5}""")]
    [InlineData("""{"promptTokenCount":"1"}""")]
    [InlineData("""{"promptTokenCount":1000000001}""")]
    [InlineData("""{"promptTokenCount":1,"cachedContentTokenCount":2}""")]
    [InlineData("""{"promptTokenCount":1000000000,"toolUsePromptTokenCount":1000000000}""")]
    [InlineData("[]")]
    public void A_count_that_is_none_is_refused(string usage) =>
        Assert.Throws<InvalidDataException>(() => new GeminiWire().Read(MessagesBytes.Of($$"""{"candidates":[],"usageMetadata":{{usage}}}""")));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"candidates":{}}""")]
    [InlineData("""{"candidates":[1]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[1]}}]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"functionCall":{"args":{}}}]}}]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":[]}}]}}]}""")]
    public void What_is_no_reply_is_refused(string body) => Assert.Throws<InvalidDataException>(() => new GeminiWire().Read(MessagesBytes.Of(body)));

    [Theory]
    [InlineData(400, """{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"t","reason":"API_KEY_INVALID"}]}}""", FaultKind.Unauthorized, "API key not valid.", null)]
    [InlineData(400, """[{"error":{"code":400,"message":"Bad.","status":"INVALID_ARGUMENT"}}]""", FaultKind.InvalidRequest, "Bad.", null)]
    [InlineData(403, "", FaultKind.Unauthorized, "The provider answered 403.", null)]
    [InlineData(404, "<html>", FaultKind.NotFound, "The provider answered 404.", null)]
    [InlineData(413, "", FaultKind.TooLarge, "The provider answered 413.", null)]
    [InlineData(429, """{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.07s"}]}}""", FaultKind.RateLimited, "Quota.", 35)]
    [InlineData(429, """{"error":{"code":429,"message":"Your prepayment credits are depleted."}}""", FaultKind.OutOfQuota, "Your prepayment credits are depleted.", null)]
    [InlineData(429, """{"error":{"code":429,"message":"Quota.","details":[{"retryDelay":"99999999999999s"},{"retryDelay":"s"},{"retryDelay":"-1s"},1]}}""", FaultKind.RateLimited, "Quota.", null)]
    [InlineData(500, "", FaultKind.Failed, "The provider answered 500.", null)]
    [InlineData(503, "", FaultKind.Overloaded, "The provider answered 503.", null)]
    public void Each_error_has_its_kind(int status, string body, FaultKind kind, string message, int? retryAfter)
    {
        var fault = new GeminiWire().ReadError(status, MessagesBytes.Of(body), null);

        Assert.Equal((kind, message, retryAfter), (fault.Kind, fault.Message, fault.RetryAfterSeconds));
    }
}
