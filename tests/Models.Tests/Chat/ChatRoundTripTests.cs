using System.Text.Json.Nodes;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Chat;

public sealed class ChatRoundTripTests
{
    [Fact]
    public void A_request_goes_on_to_OpenAI_with_all_it_says()
    {
        const string expected = """
            {"model":"upstream","messages":[
              {"role":"developer","content":"Be brief."},
              {"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
              {"role":"user","content":[{"type":"text","text":"What 😀 is it?"},
                {"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]},
              {"role":"assistant","content":"I look.",
                "tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"x\":1}"}},{"id":"c2","type":"custom","custom":{"name":"calc","input":"1+1"}}]},
              {"role":"tool","tool_call_id":"c1","content":"a cat"},
              {"role":"tool","tool_call_id":"c2","content":"2"}],
             "max_completion_tokens":64,
             "tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object","properties":{"x":{"type":"integer"}}},"strict":true}},
               {"type":"custom","custom":{"name":"calc","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /.+/"}}}}],
             "tool_choice":{"type":"function","function":{"name":"look"}},"parallel_tool_calls":false,
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","description":"d","schema":{"type":"object"},"strict":true}},
             "reasoning_effort":"low","verbosity":"high","temperature":0.5,"top_p":0.9,"presence_penalty":-1,"frequency_penalty":1.5,"seed":-7,"stop":["END"],
             "service_tier":"flex","prompt_cache_key":"k","stream":true,"stream_options":{"include_usage":true}}
            """;

        Same(expected, ChatSamples.Sent(ChatSamples.Read(ChatSamples.Full)));
    }

    [Fact]
    public void A_compatible_server_gets_max_tokens_and_reasoning_and_no_words_of_OpenAI()
    {
        var body = JsonNode.Parse(ChatSamples.Sent(ChatSamples.Read(ChatSamples.Full) with { TopK = 40 }, isOpenAi: false))!;

        Assert.Equal(64, (int?)body["max_tokens"]);
        Assert.Null(body["max_completion_tokens"]);
        Assert.Equal(40, (int?)body["top_k"]);
        Assert.Equal("hm", (string?)body["messages"]![3]!["reasoning_content"]);
        Assert.Equal("system", (string?)body["messages"]![0]!["role"]);
        Assert.Null(body["prompt_cache_key"]);
    }

    [Fact]
    public void Without_a_stream_no_stream_options_are_sent() =>
        Same("""{"model":"upstream","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":64}""", ChatSamples.Sent(ChatSamples.Read(ChatSamples.Saying("""{"role":"user","content":"hi"}"""))));

    [Fact]
    public void Choices_of_tools_without_tools_are_not_sent() =>
        Assert.DoesNotContain("tool", ChatSamples.Sent(ChatSamples.Request with { ToolChoice = ToolChoice.None, ParallelToolCalls = true }), StringComparison.Ordinal);

    [Fact]
    public void What_the_assistant_said_around_its_calls_stands_in_one_message_before_the_results()
    {
        var items = new Item[]
        {
            Said("a"), new Item.ToolCall("c1", "f", "{}"), new Item.Reasoning([], "", new("anthropic", "x")), Said("b"), new Item.ToolCall("c2", "f", "{}"),
            new Item.ToolResult("c1", [new Part.Text("1")]), new Item.ToolResult("c2", [new Part.Text("2")]), Said("c"), Said("d"),
        };

        Same(
            """
            [{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],
              "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"},
             {"role":"assistant","content":"c"},{"role":"assistant","content":"d"}]
            """,
            JsonNode.Parse(ChatSamples.Sent(ChatSamples.Request with { Items = items }))!["messages"]!.ToJsonString());
    }

    [Fact]
    public void Reasoning_that_another_provider_sealed_is_not_sent() =>
        Assert.Equal("[]", JsonNode.Parse(ChatSamples.Sent(ChatSamples.Request with { Items = [new Item.Reasoning([], "secret", new("anthropic", "x"))] }, isOpenAi: false))!["messages"]!.ToJsonString());

    [Theory]
    [InlineData(1_024, "low")]
    [InlineData(8_192, "medium")]
    [InlineData(32_000, "high")]
    public void A_budget_of_reasoning_becomes_an_effort(int tokens, string effort) =>
        Assert.Equal(effort, (string?)JsonNode.Parse(ChatSamples.Sent(ChatSamples.Request with { Reasoning = new(BudgetTokens: tokens) }))!["reasoning_effort"]);

    [Fact]
    public void What_OpenAI_cannot_do_is_refused() => Assert.Throws<DialectException>(() => ChatSamples.Sent(ChatSamples.Request with { TopK = 4 }));

    [Fact]
    public void A_whole_reply_becomes_the_items_of_its_message()
    {
        var reply = ChatSamples.Replied(ChatSamples.Reply);

        Assert.Equal(("chatcmpl-9", "gpt-x-1", Finish.ToolCalls, "default"), (reply.ProviderId, reply.Model, reply.Finish, reply.ServiceTier));
        Assert.Equal("hm", Assert.IsType<Item.Reasoning>(reply.Output[0]).Text);
        Assert.Equal([new Part.Text("See:")], Assert.IsType<Item.Message>(reply.Output[1]).Parts);
        Assert.Equal([new Item.ToolCall("c1", "look", """{"x":1}"""), new Item.ToolCall("c2", "calc", "1+1", IsCustom: true)], reply.Output.Skip(2));
        Assert.Equal(new Usage(Input: 40, CacheRead: 60, Output: 30, Reasoning: 20), reply.Usage);
    }

    [Fact]
    public void A_whole_reply_is_written_in_the_dialect_under_Agoras_id_and_the_clients_model() => Same(
        """
        {"id":"chatcmpl-7","object":"chat.completion","created":1700000000,"model":"my-model","choices":[{"index":0,
          "message":{"role":"assistant","content":"See:","refusal":null,"reasoning_content":"hm",
            "tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"x\":1}"}},{"id":"c2","type":"custom","custom":{"name":"calc","input":"1+1"}}]},
          "logprobs":null,"finish_reason":"tool_calls"}],
         "usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":0,"audio_tokens":0},
           "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},
         "service_tier":"default"}
        """,
        ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, ChatSamples.Replied(ChatSamples.Reply), into)));

    [Theory]
    [InlineData("stop", Finish.Stop, "stop")]
    [InlineData("length", Finish.Length, "length")]
    [InlineData("content_filter", Finish.ContentFilter, "content_filter")]
    [InlineData("function_call", Finish.ToolCalls, "tool_calls")]
    [InlineData("eos", Finish.Stop, "stop")]
    public void A_reason_to_end_is_read_and_written_in_the_dialects_words(string said, Finish finish, string written)
    {
        var reply = ChatSamples.Replied($$"""{"choices":[{"message":{"content":"a"},"finish_reason":"{{said}}"}]}""");

        Assert.Equal(finish, reply.Finish);
        Assert.Contains($"\"finish_reason\":\"{written}\"", ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_forced_call_that_ends_with_stop_ends_with_ToolCalls() =>
        Assert.Equal(Finish.ToolCalls, ChatSamples.Replied("""{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}""").Finish);

    [Fact]
    public void Text_of_a_refusal_is_a_refusal_again()
    {
        var reply = ChatSamples.Replied("""{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}""");

        Assert.Contains("\"content\":null,\"refusal\":\"No.\"", ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_that_comes_with_200_is_a_fault() =>
        Assert.Equal(FaultKind.Overloaded, ChatSamples.Replied("""{"error":{"message":"busy","code":503}}""").Fault!.Kind);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"index":1,"message":{"content":"a"}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":["a"]}}]}""")]
    [InlineData("""{"choices":[{"message":{"tool_calls":[{"id":"c","function":{"arguments":"{}"}}]}}]}""")]
    [InlineData("""{"choices":[{"message":{"\ud83d":"a"}}]}""")]
    public void What_is_no_reply_is_InvalidData(string body) => Assert.Throws<InvalidDataException>(() => ChatSamples.Replied(body));

    [Fact]
    public void The_key_is_sent_as_a_bearer_to_chat_completions()
    {
        var wire = new ChatWire(true);

        Assert.Equal(("chat/completions", ("Authorization", "Bearer k")), (wire.PathOf("m", true), Assert.Single(wire.HeadersFor("k"))));
        Assert.Null(wire.Maker);
    }

    private static Item.Message Said(string text) => new(Role.Assistant, [new Part.Text(text)]);

    private static void Same(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
