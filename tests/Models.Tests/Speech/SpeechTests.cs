using System.Buffers;
using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Sound;

public sealed class SpeechTests
{
    private static readonly Dialects.Speech Dialect = new();

    private static SpeechRequest Read(string body) => (SpeechRequest)Dialect.Read(Encoding.UTF8.GetBytes(body));

    private static string Written(IWire wire, SpeechRequest request)
    {
        var into = new ArrayBufferWriter<byte>();
        wire.Speech!.Write(request, "m-1", into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    [Fact]
    public void All_that_is_said_is_written_for_the_provider_and_what_is_not_said_is_not()
    {
        var all = Read("""{"model":"m","input":"a\"ä","voice":"alloy","instructions":"Slowly.","response_format":"wav","speed":0.25,"stream_format":"audio"}""");
        Assert.Equal((ModelKind.Speech, 10, "audio/wav"), (all.Kind, all.Characters, SpeechFormats.MediaTypeOf(all.SoundFormat)));
        Assert.Equal(10, InputBound.Of(all, 0));
        Assert.Equal("""{"model":"m-1","input":"a\"ä","voice":"alloy","instructions":"Slowly.","response_format":"wav","speed":0.25}""", Written(new ResponsesWire(), all));
        Assert.Equal("""{"model":"m-1","input":"a","voice":"alloy","response_format":"mp3"}""", Written(new ChatWire(isOpenAi: false), Read("""{"model":"m","input":"a","voice":"alloy","instructions":null,"speed":null}""")));
        Assert.Equal("audio/speech", new ChatWire(isOpenAi: true).Speech!.PathOf("m"));
        Assert.Null(new MessagesWire().Speech);
        Assert.Null(new GeminiWire().Speech);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { """{"input":"a","voice":"b"}""", "model" },
        { """{"model":"m","voice":"b"}""", "input" },
        { """{"model":"m","input":"","voice":"b"}""", "input" },
        { """{"model":"m","input":"a"}""", "voice" },
        { """{"model":"m","input":"a","voice":{"id":"v"}}""", "voice" },
        { """{"model":"m","input":["a"],"voice":"b"}""", "input" },
        { """{"model":"m","input":"a","voice":"b","response_format":"ogg"}""", "response_format" },
        { """{"model":"m","input":"a","voice":"b","speed":0.2}""", "speed" },
        { """{"model":"m","input":"a","voice":"b","speed":4.1}""", "speed" },
        { """{"model":"m","input":"a","voice":"b","stream_format":"sse"}""", "stream_format" },
        { """{"model":"m","input":"a","voice":"b","instructions":1}""", "instructions" },
        { """{"model":"m","input":"a","voice":"b","colour":1}""", "colour" },
        { $$"""{"model":"m","input":"{{new string('a', 4_097)}}","voice":"b"}""", "input" },
        { $$"""{"model":"m","input":"a","instructions":"{{new string('a', 4_097)}}","voice":"b"}""", "instructions" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_refused_by_its_name(string body, string param)
    {
        var fault = Assert.Throws<DialectException>(() => Read(body)).Fault;
        Assert.Equal((DialectErrorKind.InvalidRequest, param), (fault.Kind, fault.Param));
    }

    [Fact]
    public void As_many_characters_as_there_may_be_are_taken() => Assert.Equal(4_096, Read($$"""{"model":"m","input":"{{new string('ä', 4_096)}}","voice":"b"}""").Characters);
}
