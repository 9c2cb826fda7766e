using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Tests.Chat;

public sealed class ChatUsageTests
{
    public static TheoryData<string, Usage> Counts { get; } = new()
    {
        { """{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}""", new(Input: 100, Output: 50) },
        { """{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":null,"completion_tokens_details":null}""", new(Input: 100, Output: 50) },
        { """{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60,"audio_tokens":10}}""", new(Input: 30, CacheRead: 60, InputAudio: 10, Output: 50) },
        { """{"prompt_tokens":100,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":40}}""", new(CacheRead: 60, CacheWrite: 40) },
        { """{"prompt_tokens":1,"completion_tokens":50,"total_tokens":51,"completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":10}}""", new(Input: 1, Output: 20, Reasoning: 20, OutputAudio: 10) },
        // What of a prediction was taken or not is output either way.
        { """{"prompt_tokens":1,"completion_tokens":50,"completion_tokens_details":{"accepted_prediction_tokens":20,"rejected_prediction_tokens":10}}""", new(Input: 1, Output: 50) },
        // Reasoning beside the completion.
        { """{"prompt_tokens":5,"completion_tokens":10,"total_tokens":45,"completion_tokens_details":{"reasoning_tokens":30}}""", new(Input: 5, Output: 10, Reasoning: 30) },
        { """{"prompt_tokens":5,"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":30}}""", new(Input: 5, Output: 10, Reasoning: 30) },
        // All of it was reasoning.
        { """{"prompt_tokens":5,"completion_tokens":30,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":30}}""", new(Input: 5, Reasoning: 30) },
        // The parts are more than the whole.
        { """{"prompt_tokens":5,"completion_tokens":10,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":9},"completion_tokens_details":{"reasoning_tokens":30}}""", new(CacheRead: 9, Reasoning: 30) },
        // DeepSeek, Moonshot.
        { """{"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}""", new(Input: 36, CacheRead: 64, Output: 1) },
        { """{"prompt_tokens":100,"completion_tokens":1,"cached_tokens":64}""", new(Input: 36, CacheRead: 64, Output: 1) },
        { """{"prompt_tokens":1000000000,"completion_tokens":1000000000,"total_tokens":2000000000}""", new(Input: 1_000_000_000, Output: 1_000_000_000) },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Counts_of_a_provider_are_parted_into_buckets(string usage, Usage expected)
    {
        var read = ChatSamples.Replied(Reply(usage)).Usage;

        Assert.Equal(expected, read);
        Assert.True(read!.InRange);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"prompt_tokens":100}""")]
    [InlineData("""{"completion_tokens":100}""")]
    public void Usage_that_says_nothing_or_half_of_it_is_none(string usage) => Assert.Null(ChatSamples.Replied(Reply(usage)).Usage);

    [Theory]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1.5,"completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":"1","completion_tokens":1}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1000000001}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":99999999999999999999}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":-5}}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":1,"total_tokens":-2,"completion_tokens_details":{"reasoning_tokens":5}}""")]
    [InlineData("""[]""")]
    [InlineData("7")]
    public void What_is_no_count_is_InvalidData(string usage)
    {
        Assert.Throws<InvalidDataException>(() => ChatSamples.Replied(Reply(usage)));
        Assert.Throws<InvalidDataException>(() => ChatSamples.Streamed($$"""{"choices":[],"usage":{{usage}}}"""));
    }

    [Fact]
    public void Buckets_are_written_as_the_sums_that_OpenAI_has()
    {
        var reply = new ModelReply(null, null, [], new(Input: 1, CacheRead: 20, CacheWrite: 300, CacheWriteLong: 400, InputAudio: 5_000, Output: 7, Reasoning: 80, OutputAudio: 900), Finish.Stop);
        using var written = JsonDocument.Parse(ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into)));

        Assert.Equal(
            """{"prompt_tokens":5721,"completion_tokens":987,"total_tokens":6708,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":700,"audio_tokens":5000},"completion_tokens_details":{"reasoning_tokens":80,"audio_tokens":900,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}""",
            written.RootElement.GetProperty("usage").GetRawText());
    }

    private static string Reply(string usage) => $$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{{usage}}}""";
}
