using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>What of a request is read, each as the provider's own counting takes it: nothing that says how an answer is written.</summary>
public sealed class CountingTests
{
    private static readonly ModelRequest Full = new("m", [new Item.Message(Role.System, [new Part.Text("s")]), new Item.Message(Role.User, [new Part.Text("a")])])
    {
        MaxOutputTokens = 50, Temperature = 0.5, TopP = 0.9, Stream = true, Store = true, ServiceTier = "default", Tools = [new("look", "d", """{"type":"object"}""", null)], Reasoning = new("low", WantsSeal: true),
    };

    private static string Written(IWire wire)
    {
        var into = new ArrayBufferWriter<byte>();
        wire.Counting!.Write(Full, "m-1", into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    [Fact]
    public void Each_is_asked_in_its_own_way()
    {
        Assert.Equal(
            """{"model":"m-1","system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"tools":[{"name":"look","description":"d","input_schema":{"type":"object"}}],"output_config":{"effort":"low"}}""",
            Written(new MessagesWire()));
        Assert.StartsWith("""{"generateContentRequest":{"model":"models/m-1","systemInstruction":{"parts":[{"text":"s"}]},"contents":[""", Written(new GeminiWire()), StringComparison.Ordinal);
        Assert.DoesNotContain("maxOutputTokens", Written(new GeminiWire()), StringComparison.Ordinal);
        using var responses = JsonDocument.Parse(Written(new ResponsesWire()));
        Assert.Equal(["model", "tools", "tool_choice", "reasoning", "input"], responses.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("""{"effort":"low"}""", 2), (responses.RootElement.GetProperty("reasoning").GetRawText(), responses.RootElement.GetProperty("input").GetArrayLength()));
        Assert.Equal(
            ("messages/count_tokens", "models/m-1:countTokens", "responses/input_tokens"),
            (new MessagesWire().Counting!.PathOf("m-1"), new GeminiWire().Counting!.PathOf("models/m-1"), new ResponsesWire().Counting!.PathOf("m-1")));
        Assert.Null(new ChatWire(isOpenAi: true).Counting);
    }

    [Theory]
    [InlineData("""{"input_tokens":7,"totalTokens":7}""", 7L)]
    [InlineData("""{"input_tokens":-1,"totalTokens":-1}""", null)]
    [InlineData("""{"input_tokens":"7","totalTokens":"7"}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""no json""", null)]
    public void A_count_is_a_whole_number(string body, long? tokens)
    {
        foreach (var wire in new IWire[] { new MessagesWire(), new GeminiWire(), new ResponsesWire() })
        {
            if (tokens is { } count)
            {
                Assert.Equal(count, wire.Counting!.Read(Encoding.UTF8.GetBytes(body)));
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => wire.Counting!.Read(Encoding.UTF8.GetBytes(body)));
            }
        }
    }

    [Fact]
    public void A_message_that_is_only_counted_needs_no_max_tokens()
    {
        var body = Encoding.UTF8.GetBytes("""{"model":"m","messages":[{"role":"user","content":"a"}],"thinking":{"type":"enabled","budget_tokens":2000}}""");
        Assert.Null(Dialects.Messages.ReadCounted(body).MaxOutputTokens);
        Assert.Equal("max_tokens", Assert.Throws<DialectException>(() => new Dialects.Messages().Read(body)).Fault.Param);
    }

    [Fact]
    public void All_that_a_request_says_is_looked_at_whoever_is_said_to_have_written_it()
    {
        var request = new ModelRequest("m", [
            new Item.Message(Role.System, [new Part.Text("a")]), new Item.Message(Role.Developer, [new Part.Text("b1"), new Part.Text("b2"), new Part.Text(" ")]), new Item.Message(Role.Assistant, [new Part.Text("e"), new Part.Refusal("f")]),
            new Item.Reasoning(["g1", "g2"], "h", null), new Item.ToolCall("c", "look", "i"), new Item.ToolResult("c", [new Part.Text("c")]), new Item.Message(Role.User, [new Part.Image("https://a.example", null, null, null), new Part.Text("d")]),
        ])
        {
            Tools = [new("t", "u", "v", null)],
            Format = new OutputFormat.ByJsonSchema("w", "x", null, "y"),
            Stop = ["z"],
        };
        Assert.Equal(["t", "u", "v", "w", "y", "x", "z", "a", "b1b2 ", "ef", "g1g2", "h", "look", "i", "c", "d", "https://a.example"], RequestTexts.Of(request));
        Assert.Equal(["a", "b", "v"], RequestTexts.Of(new SpeechRequest("m", "a", "v") { Instructions = "b" }));
        var vectors = new EmbeddingRequest("m", [new EmbeddingInput.Text("a"), new EmbeddingInput.Tokens([1])]);
        Assert.Equal((true, false), (RequestTexts.IsHidden(vectors), RequestTexts.IsHidden(request)));
        Assert.Equal(["a"], RequestTexts.Of(vectors));
    }
}
