using System.Buffers;
using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Vectors;

public sealed class EmbeddingWireTests
{
    private static readonly EmbeddingRequest Two = new("m", [new EmbeddingInput.Text("a\"b"), new EmbeddingInput.Text("ä")]) { Dimensions = 2 };

    private static string Written(IWire wire, EmbeddingRequest request, string model = "m-1")
    {
        var into = new ArrayBufferWriter<byte>();
        wire.Embeddings!.Write(request, model, into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    private static ModelReply Read(IWire wire, string body, EmbeddingRequest? request = null) => wire.Embeddings!.Read(request ?? Two, Encoding.UTF8.GetBytes(body));

    [Fact]
    public void OpenAI_is_asked_for_base64_and_servers_that_speak_like_it_for_numbers()
    {
        Assert.Equal("""{"model":"m-1","input":["a\"b","ä"],"dimensions":2,"encoding_format":"base64"}""", Written(new ResponsesWire(), Two));
        Assert.Equal("""{"model":"m-1","input":["a\"b","ä"],"dimensions":2,"encoding_format":"base64"}""", Written(new ChatWire(isOpenAi: true), Two));
        Assert.Equal("""{"model":"m-1","input":["a\"b","ä"],"dimensions":2,"encoding_format":"float"}""", Written(new ChatWire(isOpenAi: false), Two));
        Assert.Equal("""{"model":"m-1","input":[[1,2]],"encoding_format":"base64"}""", Written(new ResponsesWire(), new("m", [new EmbeddingInput.Tokens([1, 2])])));
        Assert.Equal("embeddings", new ChatWire(isOpenAi: false).Embeddings!.PathOf("m-1"));
    }

    [Theory]
    [InlineData("gemini-embedding-001")]
    [InlineData("models/gemini-embedding-001")]
    public void Google_is_asked_for_a_batch_in_which_each_names_the_model(string model)
    {
        Assert.Equal(
            """{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a\"b"}]},"outputDimensionality":2},{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"ä"}]},"outputDimensionality":2}]}""",
            Written(new GeminiWire(), Two, model));
        Assert.Equal("models/gemini-embedding-001:batchEmbedContents", new GeminiWire().Embeddings!.PathOf(model));
        Assert.Equal("input", Assert.Throws<DialectException>(() => Written(new GeminiWire(), new("m", [new EmbeddingInput.Tokens([1])]))).Fault.Param);
    }

    [Fact]
    public void Anthropic_makes_none() => Assert.Null(new MessagesWire().Embeddings);

    [Theory]
    [InlineData("""{"data":[{"index":1,"embedding":[2,3]},{"index":0,"embedding":[1,-0.25]}],"model":"m-1","usage":{"prompt_tokens":7,"total_tokens":7}}""", 7L)]
    [InlineData("""{"data":[{"index":0,"embedding":"AACAPwAAgL4="},{"index":1,"embedding":"AAAAQAAAQEA="}],"usage":{"prompt_tokens":7,"completion_tokens":0}}""", 7L)]
    [InlineData("""{"data":[{"index":0,"embedding":[1,-0.25]},{"index":1,"embedding":[2,3]}]}""", null)]
    [InlineData("""{"data":[{"index":0,"embedding":[1,-0.25]},{"index":1,"embedding":[2,3]}],"usage":{"prompt_tokens":0}}""", null)]
    public void Vectors_of_OpenAI_are_read_in_either_form_by_their_index(string body, long? tokens)
    {
        foreach (var wire in new IWire[] { new ResponsesWire(), new ChatWire(isOpenAi: true), new ChatWire(isOpenAi: false) })
        {
            var reply = Assert.IsType<EmbeddingReply>(Read(wire, body));
            Assert.Equal([[1f, -0.25f], [2f, 3f]], reply.Vectors);
            Assert.Equal(tokens, reply.Usage?.AllInput);
        }
    }

    [Theory]
    [InlineData("""{"embeddings":[{"values":[1,-0.25]},{"values":[2,3]}],"usageMetadata":{"promptTokenCount":7}}""", 7L)]
    [InlineData("""{"embeddings":[{"values":[1,-0.25]},{"values":[2,3]}]}""", null)]
    public void Vectors_of_Google_are_read_in_their_order(string body, long? tokens)
    {
        var reply = Assert.IsType<EmbeddingReply>(Read(new GeminiWire(), body));
        Assert.Equal([[1f, -0.25f], [2f, 3f]], reply.Vectors);
        Assert.Equal(tokens, reply.Usage?.AllInput);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["1"]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e99]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AAA="}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"AADAfw=="}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":"no base64"}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":-1}}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":1.5}}""")]
    [InlineData("""[]""")]
    [InlineData("""no json""")]
    public void What_is_no_vector_for_each_text_is_no_reply_of_OpenAI(string body) => Assert.Throws<InvalidDataException>(() => Read(new ResponsesWire(), body));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"embeddings":[{"values":[1]}]}""")]
    [InlineData("""{"embeddings":[{"values":[1]},{"values":[1]},{"values":[1]}]}""")]
    [InlineData("""{"embeddings":[{"values":[1]},{}]}""")]
    [InlineData("""{"embeddings":[{"values":[1]},1]}""")]
    [InlineData("""{"embeddings":[{"values":[1]},{"values":[1]}],"usageMetadata":{"promptTokenCount":"7"}}""")]
    public void What_is_no_vector_for_each_text_is_no_reply_of_Google(string body) => Assert.Throws<InvalidDataException>(() => Read(new GeminiWire(), body));

    [Fact]
    public void An_error_that_comes_with_200_is_one() => Assert.Equal(FaultKind.InvalidRequest, Read(new ChatWire(isOpenAi: false), """{"error":{"message":"no","type":"invalid_request_error"}}""").Fault!.Kind);
}
