using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

public sealed class MessagesWireWriteTests
{
    private static readonly ModelRequest Short = new("m-1", [new Item.Message(Role.User, [new Part.Text("a")])]);
    private static readonly Tool Look = new("look", null, null, null);

    [Fact]
    public void A_request_of_Messages_goes_out_as_it_came_in() =>
        Assert.Equal(
            """
            {"model":"p-1","max_tokens":2000,"stream":true,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"url","url":"https://a.example/b"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"sig"},{"type":"redacted_thinking","data":"zz"},{"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"r"}],"is_error":true,"cache_control":{"type":"ephemeral"}}]}],
            "tools":[{"name":"look","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}}],
            "tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024},
            "output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["x"],"service_tier":"standard_only"}
            """.Replace("\n", "", StringComparison.Ordinal),
            MessagesBytes.Written(new MessagesWire(), MessagesBytes.Read("""
            {"model":"m-1","max_tokens":2000,"stream":true,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"url","url":"https://a.example/b"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"sig"},{"type":"redacted_thinking","data":"zz"},{"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"r"}],"is_error":true,"cache_control":{"type":"ephemeral"}}]}],
            "tools":[{"name":"look","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}}],
            "tool_choice":{"type":"any","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024},
            "output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["x"],"service_tier":"standard_only"}
            """)));

    [Fact]
    public void System_comes_first_and_items_of_one_side_are_one_message() =>
        Assert.Equal(
            """
            {"model":"p-1","max_tokens":2000,"system":[{"type":"text","text":"s"},{"type":"text","text":"d"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"call_ewAjD05nsW1N0iv0","name":"look","input":{}},{"type":"tool_use","id":"c2","name":"look","input":{"INVALID_JSON":"{"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_ewAjD05nsW1N0iv0"},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"r"}]},{"type":"text","text":"b"}]}],
            "tools":[{"name":"look","input_schema":{"type":"object","properties":{}}}]}
            """.Replace("\n", "", StringComparison.Ordinal),
            MessagesBytes.Written(new MessagesWire(), new("m-1", [
                new Item.Message(Role.System, [new Part.Text("s")]),
                new Item.Message(Role.User, [new Part.Text("a"), new Part.Text("")]),
                new Item.Reasoning(["other's"], "", new("openai", "e")),
                new Item.Message(Role.Assistant, [new Part.Text("")]),
                new Item.ToolCall("call:1.x", "look", ""),
                new Item.ToolCall("c2", "look", "{"),
                new Item.ToolResult("call:1.x", [new Part.Text("")]),
                new Item.ToolResult("c2", [new Part.Text("r")]),
                new Item.Message(Role.Developer, [new Part.Text("d")]),
                new Item.Message(Role.User, [new Part.Text("b")]),
            ])
            { Tools = [Look] }));

    public static TheoryData<ReasoningOptions, string> Thinking => new()
    {
        { new(IsOff: true, Effort: "high"), "\"thinking\":{\"type\":\"disabled\"}}" },
        { new(Effort: "none"), "\"thinking\":{\"type\":\"disabled\"}}" },
        { new(Effort: "minimal"), "\"output_config\":{\"effort\":\"low\"}}" },
        { new(Effort: "high", IsAdaptive: true, Summary: "auto"), "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"}}" },
        { new(IsAdaptive: true), "\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"}}" },
        { new(BudgetTokens: 4096, Summary: "detailed"), "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1999,\"display\":\"summarized\"}}" },
    };

    [Theory]
    [MemberData(nameof(Thinking))]
    public void Reasoning_is_written_in_Anthropic_s_words(ReasoningOptions reasoning, string end) =>
        Assert.EndsWith("]," + end, MessagesBytes.Written(new MessagesWire(), Short with { Reasoning = reasoning }), StringComparison.Ordinal);

    public static TheoryData<ModelRequest, string> Refused => new()
    {
        { Short with { Seed = 1 }, "seed" },
        { Short with { PresencePenalty = 1 }, "presence_penalty" },
        { Short with { FrequencyPenalty = 1 }, "frequency_penalty" },
        { Short with { Temperature = 1.5 }, "temperature" },
        { Short with { Verbosity = "low" }, "verbosity" },
        { Short with { Format = OutputFormat.Json }, "response_format" },
        { Short with { ServiceTier = "flex" }, "service_tier" },
        { Short with { Tools = [Look with { IsCustom = true }] }, "tools" },
        { Short with { Items = [new Item.Message(Role.System, [new Part.Image("https://a.example", null, null, null)])] }, "messages" },
        { Short with { Reasoning = new(BudgetTokens: 1024), MaxOutputTokens = 2000 }, "max_tokens" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_Anthropic_cannot_do_is_refused(ModelRequest request, string param) =>
        Assert.Equal(param, Assert.Throws<DialectException>(() => MessagesBytes.Written(new MessagesWire(), request, maxOutputTokens: 1024)).Fault.Param);

    [Fact]
    public void Hints_are_dropped() =>
        Assert.Equal(
            MessagesBytes.Written(new MessagesWire(), Short),
            MessagesBytes.Written(new MessagesWire(), Short with { PresencePenalty = 0, Verbosity = "medium", PromptCacheKey = "k", ParallelToolCalls = false, Store = true }));

    [Fact]
    public void It_says_where_and_with_which_key()
    {
        var wire = new MessagesWire();

        Assert.Equal(("messages", "anthropic"), (wire.PathOf("p-1", true), wire.Maker));
        Assert.Equal([("x-api-key", "k"), ("anthropic-version", "2023-06-01")], wire.HeadersFor("k"));
    }
}
