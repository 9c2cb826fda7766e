using Agora.Models.Dialects;

namespace Agora.Models.Tests;

public sealed class MessagesRequestTests
{
    [Fact]
    public void All_members_are_read()
    {
        var request = MessagesBytes.Read("""
            {"model":"m-1","max_tokens":4096,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"a"}],
            "tools":[{"name":"look","description":"d","input_schema":{"type":"object"},"strict":true,"type":"custom","eager_input_streaming":true,"defer_loading":false,"allowed_callers":["direct"],"cache_control":{"type":"ephemeral"}}],
            "tool_choice":{"type":"tool","name":"look","disable_parallel_tool_use":true},"temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["x","y"],"stream":true,
            "metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":1024},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"service_tier":"standard_only","container":null}
            """);

        Assert.Equal("m-1", request.Model);
        Assert.Equal(4096, request.MaxOutputTokens);
        Assert.Equal([new Tool("look", "d", """{"type":"object"}""", true) { Cache = CacheTime.Usual }], request.Tools);
        Assert.Equal(new ToolChoice.Named("look"), request.ToolChoice);
        Assert.False(request.ParallelToolCalls);
        Assert.Equal((0.5, 0.9, 40), (request.Temperature, request.TopP, request.TopK));
        Assert.Equal(["x", "y"], request.Stop);
        Assert.True(request.Stream);
        Assert.Equal(new ReasoningOptions("max", 1024, "auto", WantsSeal: true), request.Reasoning);
        Assert.Equal(new OutputFormat.ByJsonSchema("output", """{"type":"object"}""", true, null), request.Format);
        Assert.Equal("default", request.ServiceTier);
        var system = Assert.IsType<Item.Message>(request.Items[0]);
        Assert.Equal((Role.System, CacheTime.Hour), (system.Role, system.Parts[0].Cache));
    }

    [Theory]
    [InlineData("""{"type":"adaptive"}""", true, false, null, "auto")]
    [InlineData("""{"type":"adaptive","display":"omitted"}""", true, false, null, null)]
    [InlineData("""{"type":"enabled","budget_tokens":1024,"display":"summarized"}""", false, false, 1024, "detailed")]
    [InlineData("""{"type":"disabled"}""", false, true, null, null)]
    public void Thinking_is_read(string thinking, bool isAdaptive, bool isOff, int? budget, string? summary)
    {
        var reasoning = MessagesBytes.Read(MessagesBytes.Body($"\"thinking\":{thinking}")).Reasoning!;

        Assert.Equal((isAdaptive, isOff, budget, summary), (reasoning.IsAdaptive, reasoning.IsOff, reasoning.BudgetTokens, reasoning.Summary));
    }

    [Fact]
    public void Blocks_become_items_in_their_order()
    {
        var items = MessagesBytes.Read(MessagesBytes.Body(messages: """
            [{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"url","url":"https://a.example/b.png"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"AbC+/="},{"type":"redacted_thinking","data":"ZZ"},{"type":"text","text":"b","citations":null},
              {"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1},"caller":{"type":"direct"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"r"}],"is_error":true,"cache_control":{"type":"ephemeral"}},{"type":"text","text":"c"}]},
            {"role":"system","content":"late"}]
            """)).Items;

        Assert.Equal(8, items.Count);
        Assert.Equal(
            [new Part.Text("a"), new Part.Image(null, "image/png", "AAAA", null), new Part.Image("https://a.example/b.png", null, null, null)], Assert.IsType<Item.Message>(items[0]).Parts);
        Assert.Equal(new Seal("anthropic", "AbC+/="), Assert.IsType<Item.Reasoning>(items[1]).Seal);
        Assert.True(Assert.IsType<Item.Reasoning>(items[2]).IsRedacted);
        Assert.Equal([new Part.Text("b")], Assert.IsType<Item.Message>(items[3]).Parts);
        Assert.Equal(new Item.ToolCall("toolu_1", "look", """{"x":1}"""), items[4]);
        var result = Assert.IsType<Item.ToolResult>(items[5]);
        Assert.Equal([new Part.Text("r") { Cache = CacheTime.Usual }], result.Parts);
        Assert.True(result.IsError);
        Assert.Equal(Role.User, Assert.IsType<Item.Message>(items[6]).Role);
        Assert.Equal(Role.System, Assert.IsType<Item.Message>(items[7]).Role);
    }

    [Fact]
    public void Seals_of_other_makers_come_back_as_theirs()
    {
        var items = MessagesBytes.Read(MessagesBytes.Body(messages: """
            [{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"openai:rs_1:gA:A"},{"type":"redacted_thinking","data":"google::S"},{"type":"tool_use","id":"c","name":"look","input":{}}]},{"role":"user","content":"a"}]
            """)).Items;

        var reasoning = Assert.IsType<Item.Reasoning>(items[0]);
        Assert.Equal((new Seal("openai", "gA:A"), "rs_1"), (reasoning.Seal, reasoning.Id));
        Assert.Equal(new Seal("google", "S"), Assert.IsType<Item.ToolCall>(items[1]).Seal);
    }

    [Fact]
    public void Cache_control_of_the_request_is_that_of_its_last_block()
    {
        var request = MessagesBytes.Read(MessagesBytes.Body("""
            "cache_control":{"type":"ephemeral","ttl":"1h"}
            """, """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"""));

        Assert.Null(Assert.IsType<Item.Message>(request.Items[0]).Parts[0].Cache);
        Assert.Equal(CacheTime.Hour, Assert.IsType<Item.Message>(request.Items[1]).Parts[0].Cache);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { """{"max_tokens":1,"messages":[{"role":"user","content":"a"}]}""", "model" },
        { """{"model":"m","messages":[{"role":"user","content":"a"}]}""", "max_tokens" },
        { """{"model":"m","max_tokens":1}""", "messages" },
        { """{"model":"m","max_tokens":null,"messages":[{"role":"user","content":"a"}]}""", "max_tokens" },
        { MessagesBytes.Body(messages: "[]"), "messages" },
        { MessagesBytes.Body(messages: "{}"), "messages" },
        { MessagesBytes.Body(messages: """[{"role":"tool","content":"a"}]"""), "messages.0.role" },
        { MessagesBytes.Body(messages: """[{"role":"user"}]"""), "messages.0.content" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":1}]"""), "messages.0.content" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":"a","name":"b"}]"""), "messages.0.name" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"text"}]}]"""), "messages.0.content.0.text" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"text":"a"}]}]"""), "messages.0.content.0.type" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"text","text":"a","citations":[]}]}]"""), "messages.0.content.0.citations" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"document","source":{}}]}]"""), "messages.0.content.0.type" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]}]"""), "messages.0.content.0.type" },
        { MessagesBytes.Body(messages: """[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":"c"}]}]"""), "messages.0.content.0.input" },
        { MessagesBytes.Body(messages: """[{"role":"assistant","content":[{"type":"server_tool_use"}]}]"""), "messages.0.content.0.type" },
        { MessagesBytes.Body(messages: """[{"role":"assistant","content":[{"type":"thinking","thinking":"a"}]}]"""), "messages.0.content.0.signature" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"AA=="}}]}]"""), "messages.0.content.0.source.media_type" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"?"}}]}]"""), "messages.0.content.0.source.data" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"http://a.example"}}]}]"""), "messages.0.content.0.source.url" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]"""), "messages.0.content.0.source.type" },
        { MessagesBytes.Body(messages: """[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"document"}]}]}]"""), "messages.0.content.0.content.0.type" },
        { MessagesBytes.Body("\"max_output\":1"), "max_output" },
        { MessagesBytes.Body("\"temperature\":1.5"), "temperature" },
        { MessagesBytes.Body("\"temperature\":\"1\""), "temperature" },
        { MessagesBytes.Body("\"top_k\":1.5"), "top_k" },
        { MessagesBytes.Body("\"stream\":1"), "stream" },
        { MessagesBytes.Body("\"stop_sequences\":\"a\""), "stop_sequences" },
        { MessagesBytes.Body("\"metadata\":{\"other\":1}"), "metadata.other" },
        { MessagesBytes.Body("\"service_tier\":\"flex\""), "service_tier" },
        { MessagesBytes.Body("\"mcp_servers\":[]"), "mcp_servers" },
        { MessagesBytes.Body("\"container\":\"c\""), "container" },
        { MessagesBytes.Body("\"inference_geo\":\"us\""), "inference_geo" },
        { MessagesBytes.Body("\"speed\":\"fast\""), "speed" },
        { MessagesBytes.Body("\"thread\":{\"type\":\"create\"}"), "thread" },
        { MessagesBytes.Body("\"thinking\":{\"type\":\"enabled\"}"), "thinking.budget_tokens" },
        { MessagesBytes.Body("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1000}"), "thinking.budget_tokens" },
        { MessagesBytes.Body("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}"), "thinking.budget_tokens" },
        { MessagesBytes.Body("\"thinking\":{\"type\":\"disabled\",\"display\":\"omitted\"}"), "thinking.display" },
        { MessagesBytes.Body("\"thinking\":{\"type\":\"between_tools\"}"), "thinking.type" },
        { MessagesBytes.Body("\"output_config\":{\"effort\":\"none\"}"), "output_config.effort" },
        { MessagesBytes.Body("\"output_config\":{\"format\":{\"type\":\"json_schema\"}}"), "output_config.format.schema" },
        { MessagesBytes.Body("\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"2h\"}"), "cache_control.ttl" },
        { MessagesBytes.Body("\"tool_choice\":{\"type\":\"tool\"}"), "tool_choice.name" },
        { MessagesBytes.Body("\"tool_choice\":{\"type\":\"none\",\"disable_parallel_tool_use\":true}"), "tool_choice.disable_parallel_tool_use" },
        { MessagesBytes.Body("\"tools\":[{\"name\":\"a\"}]"), "tools.0.input_schema" },
        { MessagesBytes.Body("\"tools\":[{\"input_schema\":{}}]"), "tools.0.name" },
        { MessagesBytes.Body("\"tools\":[{\"type\":\"web_search_20260318\",\"name\":\"web_search\",\"max_uses\":1}]"), "tools.0.type" },
        { MessagesBytes.Body("\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]"), "tools.0.type" },
        { MessagesBytes.Body("\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"defer_loading\":1}]"), "tools.0.defer_loading" },
        { MessagesBytes.Body("\"tools\":[{\"name\":\"a\",\"input_schema\":{},\"input_examples\":{}}]"), "tools.0.input_examples" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_not_taken_is_refused_by_its_name(string body, string param)
    {
        var refused = Assert.Throws<DialectException>(() => MessagesBytes.Read(body));

        Assert.Equal((DialectErrorKind.InvalidRequest, param), (refused.Fault.Kind, refused.Fault.Param));
        Assert.StartsWith(param + ": ", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>By any other code the SDK's tool runner would give up, instead of sending the whole conversation without a thread.</summary>
    [Fact]
    public void A_thread_is_refused_by_the_code_that_the_SDK_goes_on_from() =>
        Assert.Equal("thread_unsupported_request", Assert.Throws<DialectException>(() => MessagesBytes.Read(MessagesBytes.Body("\"thread\":{\"type\":\"create\"}"))).Fault.Code);

    public static TheoryData<byte[], string> Malformed => new()
    {
        { [], "is not JSON" },
        { "[]"u8.ToArray(), "must be a JSON object" },
        { "{\"a\":1,}"u8.ToArray(), "is not JSON" },
        { "{\"model\":\"a\",\"m\\u006fdel\":\"b\"}"u8.ToArray(), "twice" },
        { "{\"model\":\"\\ud83d\"}"u8.ToArray(), "surrogate" },
        { "{\"tools\":{\"\\uDC00\":1}}"u8.ToArray(), "surrogate" },
        { [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'], "UTF-8" },
        { MessagesBytes.Of("{\"a\":" + new string('[', 64) + new string(']', 64) + "}"), "nested" },
        { MessagesBytes.Of(new string('[', 100_000)), "nested" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_body_that_two_readers_could_understand_differently_is_refused(byte[] body, string why)
    {
        var refused = Assert.Throws<DialectException>(() => new Dialects.Messages().Read(body));

        Assert.Equal("malformed_body", refused.Fault.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_beyond_the_limit_is_refused_TooLarge() =>
        Assert.Equal(DialectErrorKind.TooLarge, Assert.Throws<DialectException>(() => new Dialects.Messages().Read(new byte[ModelLimits.RequestBytes + 1])).Fault.Kind);

    [Fact]
    public void A_whole_surrogate_pair_is_read() =>
        Assert.Equal("\U0001F600", Assert.IsType<Part.Text>(Assert.IsType<Item.Message>(MessagesBytes.Read(MessagesBytes.Body(messages: """[{"role":"user","content":"\ud83d\ude00"}]""")).Items[0]).Parts[0]).Value);

    [Theory]
    [InlineData(ModelLimits.Items, true)]
    [InlineData(ModelLimits.Items + 1, false)]
    public void Messages_are_taken_up_to_the_limit(int count, bool isTaken)
    {
        var body = MessagesBytes.Body(messages: $"[{string.Join(',', Enumerable.Repeat("""{"role":"user","content":"a"}""", count))}]");

        Assert.Equal(isTaken, Record.Exception(() => MessagesBytes.Read(body)) is null);
    }
}
