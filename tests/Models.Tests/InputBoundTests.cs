using System.Text;

namespace Agora.Models.Tests;

/// <summary>Whatever is sent to a provider to be read is bounded by its bytes, wherever it stands.</summary>
public sealed class InputBoundTests
{
    private static readonly IReadOnlyDictionary<string, Func<string, ModelRequest>> Places = new Dictionary<string, Func<string, ModelRequest>>
    {
        ["text"] = text => Of(new Item.Message(Role.User, [new Part.Text(text)])),
        ["name"] = text => Of(new Item.Message(Role.User, []) { Name = text }),
        ["refusal"] = text => Of(new Item.Message(Role.Assistant, [new Part.Refusal(text)])),
        ["call id"] = text => Of(new Item.ToolCall(text, "n", "{}")),
        ["call name"] = text => Of(new Item.ToolCall("c", text, "{}")),
        ["arguments"] = text => Of(new Item.ToolCall("c", "n", text)),
        ["seal of a call"] = text => Of(new Item.ToolCall("c", "n", "{}", Seal: new("google", text))),
        ["result id"] = text => Of(new Item.ToolResult(text, [])),
        ["result"] = text => Of(new Item.ToolResult("c", [new Part.Text(text)])),
        ["reasoning"] = text => Of(new Item.Reasoning([], text, null)),
        ["summary"] = text => Of(new Item.Reasoning(["s", text], "", null)),
        ["seal of reasoning"] = text => Of(new Item.Reasoning([], "", new("openai", text))),
        ["tool name"] = text => Of() with { Tools = [new(text, null, null, null)] },
        ["tool description"] = text => Of() with { Tools = [new("t", text, null, null)] },
        ["parameters"] = text => Of() with { Tools = [new("t", null, text, null)] },
        ["schema name"] = text => Of() with { Format = new OutputFormat.ByJsonSchema(text, "{}", null, null) },
        ["schema"] = text => Of() with { Format = new OutputFormat.ByJsonSchema("s", text, null, null) },
        ["schema description"] = text => Of() with { Format = new OutputFormat.ByJsonSchema("s", "{}", null, text) },
        ["text to embed"] = text => new EmbeddingRequest("m", [new EmbeddingInput.Text(text)]),
    };

    public static TheoryData<string> Names => [.. Places.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_byte_counts_as_a_token(string place)
    {
        foreach (var text in new[] { new string('a', 10_000), string.Concat(Enumerable.Repeat("日本語", 1_000)), string.Concat(Enumerable.Repeat("👩‍🚀", 1_000)) })
        {
            Assert.InRange(InputBound.Of(Places[place](text), 0) - InputBound.Of(Places[place](""), 0), Encoding.UTF8.GetByteCount(text), long.MaxValue);
        }
    }

    /// <summary>A provider parses them, and a tokenizer may normalise what it finds (NFKC): 18 Arabic letters of 33 bytes for U+FDFA.</summary>
    [Theory]
    [InlineData("arguments", "\uFDFA", 33)]
    [InlineData("parameters", "\uFDFA", 33)]
    [InlineData("schema", "\uFDFA", 33)]
    [InlineData("schema", "\u321D", 17)]
    [InlineData("schema", "\uD834\uDD60", 12)]
    [InlineData("schema", "a", 6)]
    public void An_escape_in_json_counts_as_what_it_stands_for_where_that_is_longer(string place, string character, int bytes)
    {
        var escaped = $$"""{"description":"{{string.Concat(Enumerable.Repeat(string.Concat(character.Select(static unit => $"\\u{(int)unit:x4}")), 300))}}\\"}""";
        var plain = """{"description":"\\"}""";

        Assert.Equal(300 * bytes, InputBound.Of(Places[place](escaped), 0) - InputBound.Of(Places[place](plain), 0));
        Assert.InRange(InputBound.Of(Places[place](escaped + "\\"), 0), InputBound.Of(Places[place](escaped), 0) + 1, long.MaxValue); // no JSON any more
    }

    [Fact]
    public void An_image_counts_as_its_model_says_and_whole_requests_as_their_parts()
    {
        var image = new Part.Image("https://example.com/a.png", null, null, null);

        Assert.Equal(2_000, InputBound.Of(Of(new Item.Message(Role.User, [image, image])), 1_000) - InputBound.Of(Of(new Item.Message(Role.User, [])), 1_000));
        Assert.Equal(InputBound.Whole + (2 * (InputBound.EachItem + 1 + 4)), InputBound.Of(Of(new Item.Message(Role.User, [new Part.Text("a")]), new Item.Message(Role.User, [new Part.Text("b")])), 0));
        Assert.Equal(InputBound.Whole + InputBound.EachItem + 3, InputBound.Of(new EmbeddingRequest("m", [new EmbeddingInput.Tokens([1, 2, 3])]), 0));
    }

    /// <summary>Where tools' results are text, their pictures follow in a message that names the call.</summary>
    [Fact]
    public void The_id_of_a_result_with_pictures_counts_twice()
    {
        var image = new Part.Image("https://example.com/a.png", null, null, null);

        Assert.Equal(2 * 100, Bound(new('a', 100), image, image) - Bound("", image, image));
        Assert.Equal(100, Bound(new('a', 100)) - Bound(""));

        static long Bound(string callId, params Part[] parts) => InputBound.Of(Of(new Item.ToolResult(callId, parts)), 1_000);
    }

    private static ModelRequest Of(params Item[] items) => new("m", items);
}
