using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>A choice among some of the tools: all are told to the model, and only these may be called.</summary>
public sealed class AllowedToolsTests
{
    private const string ChatTools = """ "tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}},{"type":"function","function":{"name":"c"}}] """;
    private const string ResponsesTools = """ "tools":[{"type":"function","name":"a"},{"type":"custom","name":"b"},{"type":"function","name":"c"}] """;

    private static ModelRequest Chat(string choice) => new ChatCompletions().Read(Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"x"}],{{ChatTools}},"tool_choice":{{choice}}}"""));

    private static ModelRequest Responses(string choice) => new Dialects.Responses().Read(Encoding.UTF8.GetBytes($$"""{"model":"m","input":"x",{{ResponsesTools}},"tool_choice":{{choice}}}"""));

    private static JsonElement Written(IWire wire, ModelRequest request)
    {
        var into = new ArrayBufferWriter<byte>();
        wire.Write(request, "m-1", 100, into);
        return JsonDocument.Parse(into.WrittenMemory).RootElement;
    }

    [Theory]
    [InlineData("auto", false)]
    [InlineData("required", true)]
    public void It_is_read_in_both_dialects_and_written_as_OpenAI_has_it(string mode, bool mustCall)
    {
        var chat = $$$"""{"type":"allowed_tools","allowed_tools":{"mode":"{{{mode}}}","tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}]}}""";
        var responses = $$"""{"type":"allowed_tools","mode":"{{mode}}","tools":[{"type":"function","name":"a"},{"type":"custom","name":"b"}]}""";
        foreach (var request in new[] { Chat(chat), Responses(responses) })
        {
            var allowed = Assert.IsType<ToolChoice.Allowed>(request.ToolChoice);
            Assert.Equal((mustCall, 3), (allowed.MustCall, request.Tools.Count));
            Assert.Equal([new("a"), new("b", IsCustom: true)], allowed.Tools);
            Assert.Equal(chat, Written(new ChatWire(isOpenAi: true), request).GetProperty("tool_choice").GetRawText());
            Assert.Equal(responses, Written(new ResponsesWire(), request).GetProperty("tool_choice").GetRawText());
            Assert.Equal(3, Written(new ResponsesWire(), request).GetProperty("tools").GetArrayLength());
            Assert.Equal("tool_choice", Assert.Throws<DialectException>(() => Written(new ChatWire(isOpenAi: false), request)).Fault.Param);
        }
    }

    [Theory]
    [InlineData("auto", "VALIDATED")]
    [InlineData("required", "ANY")]
    public void Google_is_told_the_names_and_Anthropic_knows_no_such_choice(string mode, string google)
    {
        var request = Responses($$"""{"type":"allowed_tools","mode":"{{mode}}","tools":[{"type":"function","name":"a"},{"type":"function","name":"c"}]}""");
        request = request with { Tools = [.. request.Tools.Where(tool => !tool.IsCustom)] };

        Assert.Equal($$$"""{"functionCallingConfig":{"mode":"{{{google}}}","allowedFunctionNames":["a","c"]}}""", Written(new GeminiWire(), request).GetProperty("toolConfig").GetRawText());
        Assert.Equal("tool_choice", Assert.Throws<DialectException>(() => Written(new MessagesWire(), request)).Fault.Param);
    }

    [Theory]
    [InlineData("""{"type":"allowed_tools"}""", "tool_choice.allowed_tools.mode")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":null}""", "tool_choice.allowed_tools.mode")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"none","tools":[]}}""", "tool_choice.allowed_tools.mode")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto"}}""", "tool_choice.allowed_tools.tools")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}""", "tool_choice.allowed_tools.tools")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[1]}}""", "tool_choice.allowed_tools.tools[0]")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"mcp"}]}}""", "tool_choice.allowed_tools.tools[0].type")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"z"}}]}}""", "tool_choice")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"a"}}],"x":1}}""", "tool_choice.allowed_tools.x")]
    [InlineData("""{"type":"allowed_tools","mode":"auto"}""", "tool_choice.mode")]
    public void What_is_wrong_of_it_is_refused_in_chat(string choice, string param) => Assert.Equal(param, Assert.Throws<DialectException>(() => Chat(choice)).Fault.Param);

    [Theory]
    [InlineData("""{"type":"allowed_tools"}""", "tool_choice.mode")]
    [InlineData("""{"type":"allowed_tools","mode":"none","tools":[{"type":"function","name":"a"}]}""", "tool_choice.mode")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[]}""", "tool_choice.tools")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"z"}]}""", "tool_choice.name")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp","server_label":"z"}]}""", "tool_choice.type")]
    [InlineData("""{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"a"}],"x":1}""", "tool_choice.x")]
    public void What_is_wrong_of_it_is_refused_in_responses(string choice, string param) => Assert.Equal(param, Assert.Throws<DialectException>(() => Responses(choice)).Fault.Param);
}
