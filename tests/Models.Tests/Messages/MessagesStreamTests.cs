using Agora.Models.Dialects;

namespace Agora.Models.Tests;

public sealed class MessagesStreamTests
{
    private static readonly Item Text = new Item.Message(Role.Assistant, []);

    [Fact]
    public void It_begins_with_no_usage_and_ends_with_all() =>
        Assert.Equal(
            """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m-1","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":null,"cache_creation":null,"inference_geo":null,"service_tier":null,"speed":null}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"x","stop_details":null,"container":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":4,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":null}}

            event: message_stop
            data: {"type":"message_stop"}


            """,
            Said(withBegin: true, [new ModelEvent.Began(0, Text), new ModelEvent.TextAdded(0, "a"), new ModelEvent.Counted(new(Input: 3, Output: 4)), new ModelEvent.Ended(Finish.Stop, "x")]));

    [Fact]
    public void Blocks_come_one_after_the_other_though_items_are_open_together()
    {
        var said = Said(withBegin: false, [
            new ModelEvent.Began(0, Text),
            new ModelEvent.Began(1, new Item.ToolCall("c1", "look", "")),
            new ModelEvent.Began(2, new Item.ToolCall("c2", "see", "")),
            new ModelEvent.ArgumentsAdded(2, "{}"),
            new ModelEvent.Completed(2),
            new ModelEvent.TextAdded(0, "a"),
            new ModelEvent.ArgumentsAdded(1, "{\"x\":"),
            new ModelEvent.Completed(0),
            new ModelEvent.ArgumentsAdded(1, "1}"),
            new ModelEvent.Completed(1),
            new ModelEvent.Ended(Finish.ToolCalls),
        ]);

        Assert.Equal(
            ["start 0 text", "delta 0 a", "stop 0", "start 1 c1", "delta 1 {\"x\":", "delta 1 1}", "stop 1", "start 2 c2", "delta 2 {}", "stop 2"], Blocks(said));
    }

    [Fact]
    public void Every_part_of_a_message_is_a_block_and_empty_ones_are_none() =>
        Assert.Equal(
            ["start 0 text", "delta 0 a", "stop 0", "start 1 text", "delta 1 b", "stop 1"],
            Blocks(Said(withBegin: false, [
                new ModelEvent.Began(0, Text), new ModelEvent.TextAdded(0, ""), new ModelEvent.TextAdded(0, "a"), new ModelEvent.RefusalAdded(0, "b", 1), new ModelEvent.Completed(0),
                new ModelEvent.Began(1, Text), new ModelEvent.Completed(1),
            ])));

    [Fact]
    public void Reasoning_ends_with_its_signature() =>
        Assert.Equal(
            ["start 0 thinking", "delta 0 t", "delta 0 \n\nu", "delta 0 openai:rs_1:e", "stop 0", "start 1 redacted_thinking", "stop 1", "start 2 thinking", "delta 2 s", "stop 2"],
            Blocks(Said(withBegin: false, [
                new ModelEvent.Began(0, new Item.Reasoning([], "", null, "rs_1")), new ModelEvent.SummaryAdded(0, "t"), new ModelEvent.SummaryAdded(0, "u", 1), new ModelEvent.Sealed(0, new("openai", "e")), new ModelEvent.Completed(0),
                new ModelEvent.Began(1, new Item.Reasoning([], "", new("anthropic", "z"), IsRedacted: true)), new ModelEvent.Completed(1),
                new ModelEvent.Began(2, new Item.Reasoning([], "", null)), new ModelEvent.Sealed(2, new("anthropic", "s")), new ModelEvent.Completed(2),
                new ModelEvent.Began(3, new Item.Reasoning([], "", null)), new ModelEvent.Completed(3),
            ])));

    [Fact]
    public void A_custom_call_s_input_is_an_object_at_its_end() =>
        Assert.Equal(
            ["start 0 c1", "delta 0 {\"input\":\"a \\\"b\\\"\"}", "stop 0"],
            Blocks(Said(withBegin: false, [
                new ModelEvent.Began(0, new Item.ToolCall("c1", "run", "", IsCustom: true)), new ModelEvent.ArgumentsAdded(0, "a "), new ModelEvent.ArgumentsAdded(0, "\"b\""), new ModelEvent.Completed(0),
            ])));

    [Fact]
    public void A_failure_is_one_error_event() =>
        Assert.Equal(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\",\"code\":\"provider_overloaded\",\"details\":{\"error_code\":\"provider_overloaded\"}}}\n\n",
            MessagesBytes.Of(into => new Dialects.Messages().Stream(new("m-1", []), MessagesBytes.Head).Fail(new(DialectErrorKind.Overloaded, "provider_overloaded", "m"), new(null, null, [], null, null), into)));

    [Fact]
    public void A_ping_says_nothing() =>
        Assert.Equal("event: ping\ndata: {\"type\":\"ping\"}\n\n", MessagesBytes.Of(into => new Dialects.Messages().Stream(new("m-1", []), MessagesBytes.Head).Ping(into)));

    private static string Said(bool withBegin, ModelEvent[] events) => MessagesBytes.Of(into =>
    {
        var builder = new ReplyBuilder();
        var stream = new Dialects.Messages().Stream(new("m-1", []), MessagesBytes.Head);
        if (withBegin)
        {
            stream.Begin(into);
        }

        foreach (var said in events)
        {
            builder.Add(said);
            stream.Write(said, into);
        }

        stream.End(builder.Reply(), into);
    });

    /// <summary>Each event about a block, in short.</summary>
    private static string[] Blocks(string stream)
    {
        var blocks = new List<string>();
        foreach (var line in stream.Split('\n').Where(line => line.StartsWith("data: {\"type\":\"content_block_", StringComparison.Ordinal)))
        {
            using var data = System.Text.Json.JsonDocument.Parse(line["data: ".Length..]);
            var root = data.RootElement;
            var what = root.GetProperty("type").GetString()!["content_block_".Length..];
            var text = what switch
            {
                "start" => " " + (root.GetProperty("content_block").TryGetProperty("id", out var id) ? id : root.GetProperty("content_block").GetProperty("type")).GetString(),
                "delta" => " " + root.GetProperty("delta").EnumerateObject().Last().Value.GetString(),
                _ => "",
            };
            blocks.Add($"{what} {root.GetProperty("index")}{text}");
        }

        return [.. blocks];
    }
}
