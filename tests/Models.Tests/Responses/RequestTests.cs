using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Tests.OfResponses;

public sealed class RequestTests
{
    [Theory]
    [InlineData("""{"model":"m"}""", "input")]
    [InlineData("""{"input":"a"}""", "model")]
    [InlineData("""{"model":1,"input":"a"}""", "model")]
    [InlineData("""{"model":"m","input":{}}""", "input")]
    [InlineData("""{"model":"m","input":"a","colour":"red"}""", "colour")]
    [InlineData("""{"model":"m","input":"a","colour":null}""", "colour")]
    [InlineData("""{"model":"m","input":"a","truncation":"auto"}""", "truncation")]
    [InlineData("""{"model":"m","input":"a","max_tool_calls":3}""", "max_tool_calls")]
    [InlineData("""{"model":"m","input":"a","conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"model":"m","input":"a","prompt":{"id":"p"}}""", "prompt")]
    [InlineData("""{"model":"m","input":"a","context_management":[]}""", "context_management")]
    [InlineData("""{"model":"m","input":"a","top_logprobs":1}""", "top_logprobs")]
    [InlineData("""{"model":"m","input":"a","max_output_tokens":0}""", "max_output_tokens")]
    [InlineData("""{"model":"m","input":"a","max_output_tokens":4000001}""", "max_output_tokens")]
    [InlineData("""{"model":"m","input":"a","max_output_tokens":1.5}""", "max_output_tokens")]
    [InlineData("""{"model":"m","input":"a","temperature":1e999}""", "temperature")]
    [InlineData("""{"model":"m","input":"a","stream":"yes"}""", "stream")]
    [InlineData("""{"model":"m","input":"a","store":false,"background":true}""", "background")]
    [InlineData("""{"model":"m","input":"a","service_tier":"gold"}""", "service_tier")]
    [InlineData("""{"model":"m","input":"a","include":["web_search_call.results"]}""", "include")]
    [InlineData("""{"model":"m","input":"a","stream_options":{"include_obfuscation":true}}""", "stream_options.include_obfuscation")]
    [InlineData("""{"model":"m","input":"a","reasoning":{"effort":"huge"}}""", "reasoning.effort")]
    [InlineData("""{"model":"m","input":"a","reasoning":{"mode":"pro"}}""", "reasoning.mode")]
    [InlineData("""{"model":"m","input":"a","metadata":{"a":1}}""", "metadata.a")]
    [InlineData("""{"model":"m","input":"a","text":{"format":{"type":"json_schema","name":"n"}}}""", "text.format.schema")]
    [InlineData("""{"model":"m","input":"a","text":{"format":{"type":"grammar"}}}""", "text.format.type")]
    [InlineData("""{"model":"m","input":"a","tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"model":"m","input":"a","tool_choice":{"type":"function","name":"f"}}""", "tool_choice.name")]
    [InlineData("""{"model":"m","input":"a","tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]}}""", "tool_choice.tools")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"web_search","external_web_access":true}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"web_search_preview","external_web_access":false}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"tool_search"}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"file_search","vector_store_ids":["v"]}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"code_interpreter","container":{"type":"auto"}}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"image_generation"}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"mcp","server_label":"s","server_url":"https://x"}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"computer_use_preview"}]}""", "tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"function","name":"f"},{"type":"custom","name":"f"}]}""", "tools[1].name")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"function","name":"f g"}]}""", "tools[0].name")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"function","name":"f","parameters":"{}"}]}""", "tools[0].parameters")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"namespace","name":"n","tools":[{"type":"mcp","name":"f"}]}]}""", "tools[0].tools[0].type")]
    [InlineData("""{"model":"m","input":"a","tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"peg"}}]}""", "tools[0].format.syntax")]
    [InlineData("""{"model":"m","input":[{"role":"king","content":"a"}]}""", "input[0].role")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":"a"},{"role":"user"}]}""", "input[1].content")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":"a","weight":1}]}""", "input[0].weight")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}""", "input[0].content[0].file_id")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_audio"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"output_text","text":"a"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"http://x"}]}]}""", "input[0].content[0].image_url")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,!"}]}]}""", "input[0].content[0].image_url")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/tiff;base64,AAAA"}]}]}""", "input[0].content[0].image_url")]
    [InlineData("""{"model":"m","input":[{"type":"item_reference","id":"msg_1"}]}""", "input[0].type")]
    [InlineData("""{"model":"m","input":[{"id":"msg_1"}]}""", "input[0].type")]
    [InlineData("""{"model":"m","input":[{"type":"web_search_call","id":"w","status":"completed"}]}""", "input[0].type")]
    [InlineData("""{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}""", "input[0].call_id")]
    [InlineData("""{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":1}]}""", "input[0].output")]
    [InlineData("""{"model":"m","input":[{"type":"reasoning","summary":[{"type":"text","text":"a"}]}]}""", "input[0].summary[0].type")]
    [InlineData("""{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"agora:nobody:x"}]}""", "input[0].encrypted_content")]
    [InlineData("""{"model":"m","model":"n","input":"a"}""", "body")]
    [InlineData("""{"model":"m","input":"\ud800"}""", "body")]
    [InlineData("""{"model":"m","input":"a"} x""", "body")]
    [InlineData("[]", "body")]
    [InlineData("", "body")]
    public void Request_that_is_not_taken_is_refused_by_its_member(string body, string param)
    {
        var fault = Speaking.Refused(body);
        Assert.Equal(DialectErrorKind.InvalidRequest, fault.Kind);
        Assert.Equal(param, fault.Param);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_or_too_deep_or_too_many_are_refused()
    {
        var dialect = new Dialects.Responses();
        Assert.Equal("body", Assert.Throws<DialectException>(() => dialect.Read(new byte[] { (byte)'"', 0xC3, (byte)'"' })).Fault.Param);
        Assert.Equal("body", Speaking.Refused($$"""{"model":"m","input":"a","metadata":{{new string('[', 70)}}{{new string(']', 70)}}}""").Param);
        Assert.Equal(DialectErrorKind.TooLarge, Assert.Throws<DialectException>(() => dialect.Read(new byte[ModelLimits.RequestBytes + 1])).Fault.Kind);
        var items = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"a"}""", ModelLimits.Items + 1));
        Assert.Equal("input", Speaking.Refused($$"""{"model":"m","input":[{{items}}]}""").Param);
    }

    [Fact]
    public void Options_are_read()
    {
        var request = Speaking.Read("""
            {"model":"m","input":"hi","instructions":"be kind","stream":true,"store":false,"max_output_tokens":9,"temperature":0.5,"top_p":0.9,"parallel_tool_calls":false,
             "service_tier":"flex","truncation":"disabled","top_logprobs":0,"stream_options":{"include_obfuscation":false},"prompt_cache_key":"k","user":"u","safety_identifier":"s",
             "previous_response_id":"resp_0","metadata":{"a":"b"},"client_metadata":{"c":"d"},"include":["reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"auto","context":"all_turns"},
             "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},"tools":null}
            """);
        Assert.Equal(["be kind", "hi"], request.Items.Cast<Item.Message>().Select(message => ((Part.Text)message.Parts[0]).Value));
        Assert.Equal(Role.System, ((Item.Message)request.Items[0]).Role);
        Assert.Equal((9, 0.5, 0.9, false), (request.MaxOutputTokens, request.Temperature, request.TopP, request.ParallelToolCalls));
        Assert.Equal((true, false, "flex", "k", "resp_0", "low"), (request.Stream, request.Store, request.ServiceTier, request.PromptCacheKey, request.PreviousResponseId, request.Verbosity));
        Assert.Equal(new ReasoningOptions("low", Summary: "auto", Context: "all_turns", WantsSeal: true), request.Reasoning);
        Assert.Equal(new OutputFormat.ByJsonSchema("n", """{"type":"object"}""", true, null), request.Format);
        Assert.Equal(["instructions", "metadata", "safety_identifier", "user"], request.Echo.Keys.Order());
    }

    [Fact]
    public void What_is_not_said_is_as_the_API_has_it()
    {
        var request = Speaking.Read("""{"model":"m","input":"hi","reasoning":null}""");
        Assert.True(request.Store);
        Assert.Null(request.MaxOutputTokens);
        Assert.Null(request.Reasoning);
        Assert.Equal(ToolChoice.Auto, request.ToolChoice);
    }

    [Fact]
    public void Items_of_every_kind_are_read_and_written_the_same_again()
    {
        const string items = """
            [{"id":"msg_0","type":"message","role":"developer","content":[{"type":"input_text","text":"a"}]},
             {"type":"message","role":"user","content":[{"type":"input_text","text":"b"},{"type":"input_image","image_url":"https://x/y.png","detail":"high"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]},
             {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":[{"type":"reasoning_text","text":"r"}],"encrypted_content":"ENC"},
             {"id":"rs_2","type":"reasoning","summary":[],"encrypted_content":"agora:anthropic:redacted:SIG"},
             {"id":"msg_1","type":"message","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"c","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},
             {"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{}","encrypted_content":"agora:google:THOUGHT"},
             {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"d"}]},
             {"id":"ctc_1","type":"custom_tool_call","call_id":"c2","name":"g","input":"text"},
             {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"e"}]}]
            """;
        using var document = JsonDocument.Parse(items);
        var read = ResponsesItems.Read(document.RootElement);
        Assert.Equal(new Seal("openai", "ENC"), ((Item.Reasoning)read[2]).Seal);
        Assert.Equal((new Seal("anthropic", "SIG"), true), (((Item.Reasoning)read[3]).Seal, ((Item.Reasoning)read[3]).IsRedacted));
        Assert.Equal(new Seal("google", "THOUGHT"), ((Item.ToolCall)read[5]).Seal);
        Assert.True(((Item.ToolCall)read[7]).IsCustom && ((Item.ToolResult)read[8]).IsCustom);
        Assert.Equal("commentary", ((Item.Message)read[4]).Phase);

        using var into = new MemoryStream();
        using (var writer = new Utf8JsonWriter(into))
        {
            ResponsesItems.Write(read, writer);
        }

        Assert.True(JsonElement.DeepEquals(document.RootElement, JsonDocument.Parse(Encoding.UTF8.GetString(into.ToArray())).RootElement));
    }

    [Fact]
    public void Codex_as_it_comes_is_taken_and_its_search_of_the_web_is_not_offered()
    {
        var request = Speaking.Read(CodexRequests.Plain);
        Assert.Equal(["exec_command", "view_image", "multi_agent_v1__close_agent", "multi_agent_v1__resume_agent"], request.Tools.Select(tool => tool.Name));
        Assert.DoesNotContain("web_search", request.Echo["tools"]);
        Assert.StartsWith("Tools for spawning", request.Tools[2].Description);
        Assert.False(request.Store);
        Assert.True(request.Reasoning!.WantsSeal);
        Assert.Equal("multi_agent_v1__close_agent", Assert.IsType<Item.ToolCall>(request.Items[5]).Name);
    }

    [Fact]
    public void Codex_with_tools_among_its_items_is_taken_and_finds_its_tools_by_their_namespaces()
    {
        var request = Speaking.Read(CodexRequests.WithLaterTools);
        Assert.Equal(["exec", "wait", "clock__sleep", "collaboration__followup_task", "collaboration__interrupt_agent"], request.Tools.Select(tool => tool.Name));
        Assert.True(request.Tools[0].IsCustom);
        Assert.Contains("lark", request.Tools[0].Parameters);
        Assert.Equal("all_turns", request.Reasoning!.Context);

        var reply = new ModelReply("u", "m", [new Item.ToolCall("c1", "clock__sleep", "{}"), new Item.ToolCall("c2", "exec", "1", IsCustom: true), new Item.ToolCall("c3", "clock__tell", "{}")], null, Finish.ToolCalls);
        var output = Speaking.Whole(request, reply).GetProperty("output");
        Assert.Equal(("clock", "sleep"), (output[0].GetProperty("namespace").GetString(), output[0].GetProperty("name").GetString()));
        Assert.Equal("exec", output[1].GetProperty("name").GetString());
        Assert.False(output[1].TryGetProperty("namespace", out _));
        Assert.Equal("clock__tell", output[2].GetProperty("name").GetString());
    }
}
