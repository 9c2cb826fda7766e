using System.Buffers;
using System.Text;
using Agora.Api.Conversations.Sockets;

namespace Agora.Api.Tests.Conversations;

/// <summary>Frames by proto/mcp_v2.proto, as far as these tests need them; what the schema says is held by a reader of another maker (SocketInteropTests).</summary>
internal static class ProtobufFrame
{
    public const string Protocol = "agora.v1.protobuf";

    public static ReadOnlyMemory<byte> Listen(string? after, int credits) => Frame(1, writer =>
    {
        writer.Text(1, after);
        writer.Number(2, (ulong)credits);
    });

    public static ReadOnlyMemory<byte> Credit(int credits) => Frame(2, writer => writer.Number(1, (ulong)credits));

    /// <summary>Null: it is another frame.</summary>
    public static (IReadOnlyList<string> Told, string Behind)? Told(ReadOnlySpan<byte> frame)
    {
        var reader = new ProtobufReader(frame);
        if (!reader.Next() || reader.Field != 2) return null;

        var (told, behind) = (new List<string>(), "");
        var entries = new ProtobufReader(reader.Bytes());
        while (entries.Next())
        {
            if (entries.Field == 1)
            {
                told.Add(Short(entries.Bytes()));
            }
            else
            {
                behind = entries.Text();
            }
        }

        return (told, behind);
    }

    private static string Short(ReadOnlySpan<byte> entry)
    {
        var (kind, agent, content) = ("", "", "");
        var reader = new ProtobufReader(entry);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: kind = reader.Text(); break;
                case 5: agent = reader.Text(); break;
                case 8: content = Encoding.UTF8.GetString(reader.Bytes()).Trim('"'); break;
                default: reader.Skip(); break;
            }
        }

        return kind == "message" ? $"{agent}:{content}" : $"{agent} {kind}";
    }

    private delegate void Fields(ProtobufWriter writer);

    private static ReadOnlyMemory<byte> Frame(int field, Fields write)
    {
        var (inner, frame) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        write(new(inner));
        new ProtobufWriter(frame).Bytes(field, inner.WrittenSpan);
        return frame.WrittenMemory;
    }
}
