using System.Text;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>Some providers cut a character outside the basic plane into two events, half of a surrogate pair in each.</summary>
public sealed class SplitCharacterTests
{
    [Theory]
    [InlineData("content")]
    [InlineData("reasoning_content")]
    [InlineData("refusal")]
    public void A_character_that_is_split_over_two_chunks_is_whole(string member) =>
        Assert.Equal("A 😀 B", Said(new ChatWire(false), Chunk($$"""{"{{member}}":"A \ud83d"}"""), Chunk($$"""{"{{member}}":"\ude00 B"}"""), End));

    [Fact]
    public void Arguments_of_a_call_are_whole_where_another_calls_come_between() =>
        Assert.Equal("""{"a":"😀"}|{"b":"😁"}""", Said(new ChatWire(false),
            Chunk("""{"tool_calls":[{"index":0,"id":"c0","function":{"name":"f","arguments":"{\"a\":\"\ud83d"}},{"index":1,"id":"c1","function":{"name":"f","arguments":"{\"b\":\"\ud83d"}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"function":{"arguments":"\ude01\"}"}},{"index":0,"function":{"arguments":"\ude00\"}"}}]}"""), End));

    [Fact]
    public void A_half_whose_other_half_never_comes_is_the_replacement_character() =>
        Assert.Equal("A \uFFFD", Said(new ChatWire(false), Chunk("""{"content":"A \ud83d"}"""), End));

    [Fact]
    public void A_half_that_is_cut_off_with_its_stream_is_not_said() =>
        Assert.Equal("A ", Said(new ChatWire(false), Chunk("""{"content":"A \ud83d"}""")));

    [Theory]
    [InlineData("\\ude00 B")]
    [InlineData("\\ud83d B")]
    [InlineData("\\ud83d\\ud83d B")]
    public void Halves_in_the_middle_become_replacement_characters_and_the_rest_stays(string text) =>
        Assert.Equal(text.Replace("\\ude00", "\uFFFD", StringComparison.Ordinal).Replace("\\ud83d", "\uFFFD", StringComparison.Ordinal), Said(new ChatWire(false), Chunk($$"""{"content":"{{text}}"}"""), End));

    [Fact]
    public void Anthropics_deltas_are_whole() => Assert.Equal("A 😀 B", Said(new MessagesWire(),
        """{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"A \uD83D"}}""",
        """{"type":"ping"}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\uDE00 B"}}""",
        """{"type":"content_block_stop","index":0}"""));

    [Fact]
    public void Responses_deltas_are_whole() => Assert.Equal("A 😀 B", Said(new ResponsesWire(),
        """{"type":"response.created","response":{"id":"r","model":"g"}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","content":[]}}""",
        """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"A \ud83d"}""",
        """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"\ude00 B"}""",
        """{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"m","content":[{"type":"output_text","text":"A 😀 B"}]}}"""));

    [Fact]
    public void Googles_chunks_are_whole() => Assert.Equal("A 😀 B", Said(new GeminiWire(),
        """{"responseId":"r","candidates":[{"content":{"parts":[{"text":"A \ud83d"}]}}]}""",
        """{"responseId":"r","candidates":[{"content":{"parts":[{"text":"\ude00 B"}]},"finishReason":"STOP"}]}"""));

    [Fact]
    public void A_whole_reply_with_half_a_character_is_read_with_the_replacement_character()
    {
        var reply = new ChatWire(false).Read(Encoding.UTF8.GetBytes("""{"id":"c","choices":[{"index":0,"message":{"content":"A \ud83d B"},"finish_reason":"stop"}]}"""));

        Assert.Equal([new Part.Text("A \uFFFD B")], Assert.IsType<Item.Message>(Assert.Single(reply.Output)).Parts);
    }

    private const string End = """{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";

    private static string Chunk(string delta) => $$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";

    /// <summary>Every event alone is text that UTF-8 can hold, for a client is shown each.</summary>
    private static string Said(IWire wire, params string[] data)
    {
        var events = new List<ModelEvent>();
        var stream = wire.Stream();
        foreach (var one in data)
        {
            stream.Read(Encoding.UTF8.GetBytes(one), events);
        }

        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var texts = new SortedDictionary<int, string>();
        foreach (var said in events)
        {
            var (index, text) = said switch
            {
                ModelEvent.TextAdded e => (e.Index, e.Text),
                ModelEvent.RefusalAdded e => (e.Index, e.Text),
                ModelEvent.ReasoningAdded e => (e.Index, e.Text),
                ModelEvent.ArgumentsAdded e => (e.Index, e.Text),
                _ => (0, ""),
            };
            strict.GetBytes(text);
            texts[index] = texts.GetValueOrDefault(index, "") + text;
        }

        return string.Join('|', texts.Values.Where(text => text.Length > 0));
    }
}
