using System.Buffers;
using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.OfResponses;

/// <summary>What the tests of Responses say and hear.</summary>
internal static class Speaking
{
    public static readonly ReplyHead Head = new("r1", "agora/m", DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public static ModelRequest Read(string body) => new Dialects.Responses().Read(Encoding.UTF8.GetBytes(body));

    public static DialectFault Refused(string body) => Assert.Throws<DialectException>(() => Read(body)).Fault;

    public static JsonElement Sent(ModelRequest request, int maxOutputTokens = 500)
    {
        var into = new ArrayBufferWriter<byte>();
        new ResponsesWire().Write(request, "gpt-real", maxOutputTokens, into);
        return JsonDocument.Parse(into.WrittenMemory).RootElement;
    }

    public static JsonElement Whole(ModelRequest request, ModelReply reply)
    {
        var into = new ArrayBufferWriter<byte>();
        new Dialects.Responses().Write(request, Head, reply, into);
        return JsonDocument.Parse(into.WrittenMemory).RootElement;
    }

    public static JsonElement Error(DialectFault fault)
    {
        var into = new ArrayBufferWriter<byte>();
        new Dialects.Responses().WriteError(fault, into);
        return JsonDocument.Parse(into.WrittenMemory).RootElement.GetProperty("error");
    }

    public static List<ModelEvent> Heard(params string[] events)
    {
        var (stream, into) = (new ResponsesWire().Stream(), new List<ModelEvent>());
        foreach (var said in events)
        {
            stream.Read(Encoding.UTF8.GetBytes(said), into);
        }

        return into;
    }

    public static string Streamed(ModelRequest request, IReadOnlyList<ModelEvent> events, DialectFault? fault = null)
    {
        var (stream, builder, into) = (new Dialects.Responses().Stream(request, Head), new ReplyBuilder(), new ArrayBufferWriter<byte>());
        stream.Begin(into);
        foreach (var said in events)
        {
            builder.Add(said);
            stream.Write(said, into);
        }

        if (fault is null)
        {
            stream.End(builder.Reply(), into);
        }
        else
        {
            stream.Fail(fault, builder.Reply(), into);
        }

        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    /// <summary>The events of a stream; each names itself twice alike, and they are numbered without gaps.</summary>
    public static List<JsonElement> EventsOf(string stream)
    {
        var events = new List<JsonElement>();
        foreach (var said in stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = said.Split('\n');
            Assert.Equal(2, lines.Length);
            var data = JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement;
            Assert.Equal(lines[0]["event: ".Length..], data.GetProperty("type").GetString());
            Assert.Equal(events.Count, data.GetProperty("sequence_number").GetInt32());
            events.Add(data);
        }

        return events;
    }

    public static string TypeOf(JsonElement said) => said.GetProperty("type").GetString()!;
}
