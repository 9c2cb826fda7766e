using Agora.Models.Dialects;

namespace Agora.Models.Tests;

public sealed class MessagesReplyTests
{
    [Fact]
    public void A_whole_reply_is_one_message()
    {
        var reply = new ModelReply("resp", "p-1", [
            new Item.Reasoning([], "t", new("anthropic", "sig")),
            new Item.Reasoning([], "", new("anthropic", "zz"), IsRedacted: true),
            new Item.Message(Role.Assistant, [new Part.Text("a \"b\" <c>"), new Part.Text("")]),
            new Item.ToolCall("call_1", "look", """{"x":1}"""),
        ], new(Input: 1, CacheRead: 2, CacheWrite: 3, CacheWriteLong: 4, Output: 5, Reasoning: 6), Finish.ToolCalls, ServiceTier: "default");

        Assert.Equal(
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"m-1","content":[{"type":"thinking","thinking":"t","signature":"sig"},{"type":"redacted_thinking","data":"zz"},
            {"type":"text","text":"a \"b\" <c>"},{"type":"tool_use","id":"call_1","name":"look","input":{"x":1},"caller":{"type":"direct"}}],
            "stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":1,"cache_creation_input_tokens":7,"cache_read_input_tokens":2,"output_tokens":11,
            "output_tokens_details":{"thinking_tokens":6},"server_tool_use":null,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"inference_geo":null,"service_tier":"standard","speed":null}}
            """.Replace("\n", "", StringComparison.Ordinal),
            MessagesBytes.Whole(reply));
    }

    [Theory]
    [InlineData("", false, "{}")]
    [InlineData("{\"x\":1}", false, "{\"x\":1}")]
    [InlineData("{\"x\":", false, "{\"INVALID_JSON\":\"{\\\"x\\\":\"}")]
    [InlineData("[1]", false, "{\"INVALID_JSON\":\"[1]\"}")]
    [InlineData("{} {}", false, "{\"INVALID_JSON\":\"{} {}\"}")]
    [InlineData("select 1", true, "{\"input\":\"select 1\"}")]
    public void A_tool_s_input_is_always_an_object(string arguments, bool isCustom, string input) =>
        Assert.Contains($"\"input\":{input},", MessagesBytes.Whole(new(null, null, [new Item.ToolCall("c", "n", arguments, isCustom)], null, Finish.ToolCalls)), StringComparison.Ordinal);

    [Theory]
    [InlineData(Finish.Stop, null, "\"end_turn\"")]
    [InlineData(Finish.Stop, "x", "\"stop_sequence\"")]
    [InlineData(Finish.Length, null, "\"max_tokens\"")]
    [InlineData(Finish.ToolCalls, null, "\"tool_use\"")]
    [InlineData(Finish.ContentFilter, null, "\"refusal\"")]
    [InlineData(Finish.Refusal, null, "\"refusal\"")]
    [InlineData(null, null, "null")]
    public void Each_finish_has_its_reason(Finish? finish, string? stop, string reason) =>
        Assert.Contains($"\"stop_reason\":{reason},", MessagesBytes.Whole(new(null, null, [], null, finish, stop)), StringComparison.Ordinal);

    [Fact]
    public void Words_of_a_refusal_are_text_and_its_reason_refusal()
    {
        var whole = MessagesBytes.Whole(new(null, null, [new Item.Message(Role.Assistant, [new Part.Refusal("no")])], null, Finish.Stop));

        Assert.Contains("{\"type\":\"text\",\"text\":\"no\"}", whole, StringComparison.Ordinal);
        Assert.Contains("\"stop_reason\":\"refusal\"", whole, StringComparison.Ordinal);
    }

    /// <summary>What a reply says of reasoning and seals, a request that sends it back says again.</summary>
    [Fact]
    public void What_was_answered_can_be_sent_back_with_nothing_lost()
    {
        Item[] output = [
            new Item.Reasoning([], "t", new("openai", "e:1"), "rs_1"),
            new Item.Reasoning([], "", new("anthropic", "zz"), IsRedacted: true),
            new Item.ToolCall("call_1", "look", """{"x":1}""", Seal: new("google", "S")),
        ];
        var whole = MessagesBytes.Whole(new(null, null, output, null, Finish.ToolCalls));
        using var document = System.Text.Json.JsonDocument.Parse(whole);
        var content = document.RootElement.GetProperty("content").GetRawText();

        var items = MessagesBytes.Read(MessagesBytes.Body(messages: $$"""[{"role":"assistant","content":{{content}}},{"role":"user","content":"a"}]""")).Items;

        Assert.Equal(output[1], items[1]);
        Assert.Equal(output[2], items[2]);
        var first = Assert.IsType<Item.Reasoning>(items[0]);
        Assert.Equal(("t", new Seal("openai", "e:1"), "rs_1"), (first.Text, first.Seal, first.Id));
    }

    [Theory]
    [InlineData(DialectErrorKind.InvalidRequest, 400, "invalid_request_error")]
    [InlineData(DialectErrorKind.Unauthenticated, 401, "authentication_error")]
    [InlineData(DialectErrorKind.BudgetExceeded, 402, "billing_error")]
    [InlineData(DialectErrorKind.Forbidden, 403, "permission_error")]
    [InlineData(DialectErrorKind.NotFound, 404, "not_found_error")]
    [InlineData(DialectErrorKind.Conflict, 409, "conflict_error")]
    [InlineData(DialectErrorKind.TooLarge, 413, "request_too_large")]
    [InlineData(DialectErrorKind.RateLimited, 429, "rate_limit_error")]
    [InlineData(DialectErrorKind.Failed, 500, "api_error")]
    [InlineData(DialectErrorKind.UpstreamFailed, 502, "api_error")]
    [InlineData(DialectErrorKind.Timeout, 504, "timeout_error")]
    [InlineData(DialectErrorKind.Overloaded, 529, "overloaded_error")]
    public void Each_error_has_its_status_and_type(DialectErrorKind kind, int status, string type)
    {
        Assert.Equal(status, new Dialects.Messages().StatusOf(kind));
        Assert.Equal(
            $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"m","code":"c","param":"p","details":{"error_code":"c"},"left":12}}""",
            MessagesBytes.Of(into => new Dialects.Messages().WriteError(new(kind, "c", "m", "p", [("left", "12"), ("type", "13")]), into)));
    }
}
