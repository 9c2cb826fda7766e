using System.Buffers;
using System.Text;
using Agora.Models.Dialects;

namespace Agora.Models.Tests.Vectors;

public sealed class EmbeddingDialectTests
{
    private static readonly Dialects.Embeddings Dialect = new();

    private static EmbeddingRequest Read(string body) => (EmbeddingRequest)Dialect.Read(Encoding.UTF8.GetBytes(body));

    [Fact]
    public void A_text_texts_tokens_and_lists_of_tokens_are_read()
    {
        Assert.Equal([new EmbeddingInput.Text("a")], Read("""{"model":"m","input":"a"}""").Inputs);
        Assert.Equal([new EmbeddingInput.Text("a"), new EmbeddingInput.Text("b")], Read("""{"model":"m","input":["a","b"]}""").Inputs);
        Assert.Equal([1, 2], Assert.IsType<EmbeddingInput.Tokens>(Assert.Single(Read("""{"model":"m","input":[1,2]}""").Inputs)).Ids);
        Assert.Equal([[1, 2], [3]], Read("""{"model":"m","input":[[1,2],[3]]}""").Inputs.Select(input => Assert.IsType<EmbeddingInput.Tokens>(input).Ids));
    }

    [Fact]
    public void All_members_are_read_and_null_is_absent()
    {
        var all = Read("""{"model":"m","input":"a","dimensions":3,"encoding_format":"base64","user":"u"}""");
        Assert.Equal(("m", 3, true, ModelKind.Embeddings), (all.Model, all.Dimensions, all.AsBase64, all.Kind));
        var none = Read("""{"model":"m","input":"a","dimensions":null,"encoding_format":null,"user":null}""");
        Assert.Equal((null, false), (none.Dimensions, none.AsBase64));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { """{"input":"a"}""", "model" },
        { """{"model":"m"}""", "input" },
        { """{"model":"m","input":null}""", "input" },
        { """{"model":"m","input":""}""", "input" },
        { """{"model":"m","input":[]}""", "input" },
        { """{"model":"m","input":{"text":"a"}}""", "input" },
        { """{"model":"m","input":["a",""]}""", "input[1]" },
        { """{"model":"m","input":["a",1]}""", "input[1]" },
        { """{"model":"m","input":[1,"a"]}""", "input[1]" },
        { """{"model":"m","input":[1,1.5]}""", "input[1]" },
        { """{"model":"m","input":[-1]}""", "input[0]" },
        { """{"model":"m","input":[99999999999]}""", "input[0]" },
        { """{"model":"m","input":[[1],[]]}""", "input[1]" },
        { """{"model":"m","input":[[1],"a"]}""", "input[1]" },
        { """{"model":"m","input":[[1],[[2]]]}""", "input[1][0]" },
        { """{"model":"m","input":[null]}""", "input[0]" },
        { """{"model":"m","input":"a","dimensions":0}""", "dimensions" },
        { """{"model":"m","input":"a","dimensions":8193}""", "dimensions" },
        { """{"model":"m","input":"a","dimensions":"3"}""", "dimensions" },
        { """{"model":"m","input":"a","encoding_format":"int8"}""", "encoding_format" },
        { """{"model":"m","input":"a","user":1}""", "user" },
        { """{"model":"m","input":"a","colour":null}""", "colour" },
        { """{"model":"m","input":"a","stream":true}""", "stream" },
        { """["a"]""", "" },
        { """{"model":"m","input":"a","input":"b"}""", "" },
        { """{"model":"m","input":"\ud800"}""", "" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_refused_by_its_place(string body, string param)
    {
        var fault = Assert.Throws<DialectException>(() => Read(body)).Fault;
        Assert.Equal((DialectErrorKind.InvalidRequest, param), (fault.Kind, fault.Param));
    }

    [Fact]
    public void As_many_texts_and_values_as_there_may_be_are_taken_and_one_more_is_not()
    {
        static string Body(int texts, int dimensions) => $$"""{"model":"m","input":[{{string.Join(',', Enumerable.Repeat("\"a\"", texts))}}],"dimensions":{{dimensions}}}""";

        Assert.Equal(ModelLimits.Inputs, Read(Body(ModelLimits.Inputs, 4_096)).Inputs.Count);
        Assert.Equal("input", Assert.Throws<DialectException>(() => Read(Body(ModelLimits.Inputs + 1, 1))).Fault.Param);
        Assert.Equal("dimensions", Assert.Throws<DialectException>(() => Read(Body(ModelLimits.Inputs, 4_097))).Fault.Param);
    }

    [Theory]
    [InlineData(false, """[1,-0.25]""")]
    [InlineData(true, "\"AACAPwAAgL4=\"")]
    public void Vectors_are_written_as_numbers_or_as_base64(bool asBase64, string vector)
    {
        var into = new ArrayBufferWriter<byte>();
        Dialect.Write(new EmbeddingRequest("m", [new EmbeddingInput.Text("a")]) { AsBase64 = asBase64 }, new("id", "m", default), new EmbeddingReply("m-1", [[1f, -0.25f]], new(Input: 7)), into);

        Assert.Equal($$$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":{{{vector}}}}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}""", Encoding.UTF8.GetString(into.WrittenSpan));
    }

    [Fact]
    public void The_bound_is_the_bytes_of_texts_and_the_number_of_tokens() =>
        Assert.Equal(InputBound.Whole + (3 * InputBound.EachItem) + (2 + 1) + (3 + 30) + 5, InputBound.Of(new EmbeddingRequest("m", [new EmbeddingInput.Text("ä"), new EmbeddingInput.Text("\uFDFA"), new EmbeddingInput.Tokens([1, 2, 3, 4, 5])]), 0));
}
