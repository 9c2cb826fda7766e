using System.Buffers;
using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>Text in and out of dialects and wires, and a conversation through both.</summary>
internal static class MessagesBytes
{
    public static ReplyHead Head { get; } = new("1", "m-1", DateTimeOffset.UnixEpoch);

    public static string Of(Action<IBufferWriter<byte>> write)
    {
        var into = new ArrayBufferWriter<byte>();
        write(into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    public static byte[] Of(string text) => Encoding.UTF8.GetBytes(text);

    public static ModelRequest Read(string body) => new Messages().Read(Of(body));

    /// <summary>A request in the shortest form, with more members.</summary>
    public static string Body(string more = "", string messages = """[{"role":"user","content":"a"}]""") =>
        $$"""{"model":"m-1","max_tokens":2000,"messages":{{messages}}{{(more.Length > 0 ? "," : "")}}{{more}}}""";

    public static string Written(IWire wire, ModelRequest request, string model = "p-1", int maxOutputTokens = 2000) => Of(into => wire.Write(request, model, maxOutputTokens, into));

    public static string Whole(ModelReply reply) => Of(into => new Messages().Write(new("m-1", []), Head, reply, into));

    /// <summary>What a client of Messages is sent while a provider's stream is read.</summary>
    public static string Streamed(IWireStream stream, params string[] data) => Of(into =>
    {
        var builder = new ReplyBuilder();
        var reply = new Messages().Stream(new("m-1", []), Head);
        reply.Begin(into);
        foreach (var said in Events(stream, data))
        {
            builder.Add(said);
            reply.Write(said, into);
        }

        reply.End(builder.Reply(), into);
    });

    public static List<ModelEvent> Events(IWireStream stream, params string[] data)
    {
        var events = new List<ModelEvent>();
        foreach (var one in data)
        {
            stream.Read(Of(one), events);
        }

        return events;
    }

    public static ModelReply Reply(IWireStream stream, params string[] data)
    {
        var builder = new ReplyBuilder();
        foreach (var said in Events(stream, data))
        {
            builder.Add(said);
        }

        return builder.Reply();
    }
}
