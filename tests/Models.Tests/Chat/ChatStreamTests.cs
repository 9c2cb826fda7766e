using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Chat;

public sealed class ChatStreamTests
{
    private const string Before = """data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1700000000,"model":"my-model","choices":""";

    [Fact]
    public void A_stream_is_read_as_events_in_order() => Assert.Equal(
        [
            new ModelEvent.Started("chatcmpl-9", "gpt-x-1"),
            new ModelEvent.Tiered("default"),
            new ModelEvent.ReasoningAdded(0, "h"),
            new ModelEvent.Counted(new(Input: 100, Output: 1)),
            new ModelEvent.ReasoningAdded(0, "m"),
            new ModelEvent.Completed(0),
            new ModelEvent.TextAdded(1, "Se\ne"),
            new ModelEvent.Completed(1),
            new ModelEvent.Began(2, new Item.ToolCall("c1", "look", "")),
            new ModelEvent.ArgumentsAdded(2, "{\"x\":"),
            new ModelEvent.Began(3, new Item.ToolCall("c2", "calc", "", IsCustom: true)),
            new ModelEvent.ArgumentsAdded(3, "1"),
            new ModelEvent.ArgumentsAdded(2, "1}"),
            new ModelEvent.ArgumentsAdded(3, "+1"),
            new ModelEvent.Completed(2),
            new ModelEvent.Completed(3),
            new ModelEvent.Ended(Finish.ToolCalls),
            new ModelEvent.Counted(new(Input: 100, Output: 30, Reasoning: 20)),
        ],
        // Records with lists in them do not compare by content.
        ChatSamples.Streamed(ChatSamples.Chunks).Where(said => said is not ModelEvent.Began { Item: not Item.ToolCall }));

    [Fact]
    public void A_stream_is_written_as_chunks_the_last_with_usage()
    {
        Assert.Equal(
            string.Concat(
                Chunk("""{"role":"assistant","content":"","refusal":null}"""),
                Chunk("""{"reasoning_content":"h"}"""),
                Chunk("""{"reasoning_content":"m"}"""),
                Chunk("""{"content":"Se\ne"}"""),
                Chunk("""{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]}"""),
                Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}"""),
                Chunk("""{"tool_calls":[{"index":1,"id":"c2","type":"custom","custom":{"name":"calc","input":""}}]}"""),
                Chunk("""{"tool_calls":[{"index":1,"custom":{"input":"1"}}]}"""),
                Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"""),
                Chunk("""{"tool_calls":[{"index":1,"custom":{"input":"+1"}}]}"""),
                Before + """[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"service_tier":"default","usage":null}""" + "\n\n",
                Before + """[],"service_tier":"default","usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}""" + "\n\n",
                "data: [DONE]\n\n"),
            Relayed(includeUsage: true, ChatSamples.Chunks));
    }

    [Fact]
    public void Without_include_usage_no_chunk_has_usage()
    {
        var written = Relayed(includeUsage: false, ChatSamples.Chunks);

        Assert.DoesNotContain("usage", written, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_and_a_whole_reply_come_to_the_same()
    {
        var built = ChatSamples.Built(ChatSamples.Streamed(ChatSamples.Chunks));

        Assert.Equal(Whole(ChatSamples.Replied(ChatSamples.Reply) with { Usage = null }).Replace("See:", "Se\\ne", StringComparison.Ordinal), Whole(built with { Usage = null }));
    }

    [Fact]
    public void A_stream_cut_anywhere_is_not_over_and_has_what_came()
    {
        for (var count = 0; count < ChatSamples.Chunks.Length; count++)
        {
            var stream = new ChatWire(true).Stream();
            var events = new List<ModelEvent>();
            foreach (var chunk in ChatSamples.Chunks.Take(count))
            {
                stream.Read(ChatSamples.Bytes(chunk), events);
            }

            Assert.False(stream.IsOver);
            Assert.Equal(count >= 10, ChatSamples.Built(events).Finish is not null);
        }
    }

    [Fact]
    public void A_stream_is_over_at_DONE_and_says_nothing_behind_it()
    {
        var stream = new ChatWire(true).Stream();
        var events = new List<ModelEvent>();
        stream.Read(ChatSamples.Bytes(" [DONE]"), events);
        stream.Read(ChatSamples.Bytes(ChatSamples.Chunks[4]), events);

        Assert.True(stream.IsOver);
        Assert.Empty(events);
    }

    [Fact]
    public void A_stream_in_which_the_provider_fails_ends_with_the_error_and_what_was_spent()
    {
        var events = ChatSamples.Streamed([.. ChatSamples.Chunks.Take(5), """{"error":{"message":"The engine died.","type":"server_error","code":500}}"""]);
        var fault = Assert.IsType<ModelEvent.Failed>(events[^1]).Fault;

        Assert.Equal((FaultKind.Failed, "The engine died."), (fault.Kind, fault.Message));
        var stream = new ChatCompletions().Stream(ChatSamples.Request with { IncludeUsage = true }, ChatSamples.Head);
        var written = ChatSamples.Written(into => stream.Fail(
            new(DialectErrorKind.Failed, "provider_failed", "It broke.", Facts: [("retry", "{\"in\":\n1}")]), ChatSamples.Built(events), into));
        var lines = written.Split("\n\n");
        Assert.Contains("\"prompt_tokens\":100", lines[0], StringComparison.Ordinal);
        Assert.Equal("""data: {"error":{"message":"It broke.","type":"server_error","param":null,"code":"provider_failed","retry":{"in": 1}}}""", lines[1]);
        Assert.Equal(["data: [DONE]", ""], lines[2..]);
    }

    [Fact]
    public void After_its_error_only_usage_is_read()
    {
        var events = ChatSamples.Streamed(
            """{"object":"error","message":"no","code":429}""", ChatSamples.Chunks[4], """{"error":"again"}""", """{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}""");

        Assert.Equal(FaultKind.RateLimited, Assert.IsType<ModelEvent.Failed>(events[0]).Fault.Kind);
        Assert.Equal([new ModelEvent.Counted(new(Input: 1, Output: 2))], events.Skip(1));
    }

    [Fact]
    public void Calls_that_share_an_index_are_kept_apart_by_their_ids()
    {
        var calls = Calls(
            """{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}""",
            """{"index":0,"id":"b","function":{"name":"g","arguments":"[]"}}""");

        Assert.Equal([new Item.ToolCall("a", "f", "{}"), new Item.ToolCall("b", "g", "[]")], calls);
    }

    [Fact]
    public void Pieces_with_new_ids_or_the_name_again_go_on_with_their_call()
    {
        Assert.Equal(
            [new Item.ToolCall("a", "f", "{}")],
            Calls("""{"index":0,"id":"a","function":{"name":"f"}}""", """{"index":0,"id":"z","function":{"arguments":"{"}}""", """{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}"""));
    }

    [Fact]
    public void Calls_without_index_or_id_get_ids_of_their_own() => Assert.Equal(
        [new Item.ToolCall("call_0_r", "f", "{}"), new Item.ToolCall("call_1_r", "f", "[]")],
        Calls("""{"function":{"name":"f","arguments":"{"}}""", """{"function":{"arguments":"}"}}""", """{"function":{"name":"f","arguments":"[]"}}"""));

    [Fact]
    public void Text_and_refusal_of_one_message_are_two_parts() => Assert.Equal(
        [new Part.Refusal("no"), new Part.Text("but")],
        Assert.IsType<Item.Message>(Assert.Single(ChatSamples.Built(ChatSamples.Streamed(Delta("""{"refusal":"no"}"""), Delta("""{"content":"but"}"""))).Output)).Parts);

    [Fact]
    public void Summaries_are_paragraphs_of_the_reasoning()
    {
        var stream = new ChatCompletions().Stream(ChatSamples.Request, ChatSamples.Head);
        var written = ChatSamples.Written(into =>
        {
            stream.Write(new ModelEvent.SummaryAdded(0, "a"), into);
            stream.Write(new ModelEvent.SummaryAdded(0, "b", 1), into);
            stream.Ping(into);
        });

        Assert.Contains("\"reasoning_content\":\"\\n\\nb\"", written, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n: ping\n\n", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_behind_the_end_are_InvalidData() => Assert.Throws<InvalidDataException>(() => ChatSamples.Streamed(
        Delta("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}"""),
        """{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}""",
        Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"x"}}]}""")));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":[1]}""")]
    [InlineData("""{"choices":[{"index":1,"delta":{}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":5}}]}""")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"index":-1}]}}]}""")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c"}]}}]}""")]
    [InlineData("""{"id":5,"choices":[]}""")]
    public void What_is_no_chunk_is_InvalidData(string chunk) => Assert.Throws<InvalidDataException>(() => ChatSamples.Streamed(chunk));

    private static string Chunk(string delta) => $$"""{{Before}}[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":null}],"usage":null}""" + "\n\n";

    private static string Delta(string delta) => $$"""{"id":"r","choices":[{"index":0,"delta":{{delta}}}]}""";

    private static IReadOnlyList<Item> Calls(params string[] pieces) =>
        ChatSamples.Built(ChatSamples.Streamed([.. pieces.Select(piece => Delta($$"""{"tool_calls":[{{piece}}]}"""))])).Output;

    private static string Whole(ModelReply reply) => ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into));

    private static string Relayed(bool includeUsage, string[] chunks)
    {
        var events = ChatSamples.Streamed(chunks);
        var stream = new ChatCompletions().Stream(ChatSamples.Request with { IncludeUsage = includeUsage }, ChatSamples.Head);
        return ChatSamples.Written(into =>
        {
            stream.Begin(into);
            events.ForEach(said => stream.Write(said, into));
            stream.End(ChatSamples.Built(events), into);
        });
    }
}
