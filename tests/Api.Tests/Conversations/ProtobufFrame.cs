using Agora.V2;
using Google.Protobuf;

namespace Agora.Api.Tests.Conversations;

/// <summary>Frames by proto/mcp_v2.proto, as far as these tests need them; what the schema says is held by a reader of another maker (SocketInteropTests).</summary>
internal static class ProtobufFrame
{
    public const string Protocol = "agora.v1.protobuf";

    public static ReadOnlyMemory<byte> Listen(string? after, int credits)
    {
        var listen = new Listen { Credits = (uint)credits };
        if (after is not null)
        {
            listen.After = after;
        }

        return new ClientFrame { Listen = listen }.ToByteArray();
    }

    public static ReadOnlyMemory<byte> Credit(int credits) => new ClientFrame { Credit = new() { Credits = (uint)credits } }.ToByteArray();

    /// <summary>Null: it is another frame.</summary>
    public static (IReadOnlyList<string> Told, string Behind)? Told(ReadOnlySpan<byte> frame) =>
        ServerFrame.Parser.ParseFrom(frame).Entries is { } entries ? ([.. entries.Entries_.Select(Short)], entries.NextCursor) : null;

    private static string Short(Entry entry) => entry.Kind == "message" ? $"{entry.AgentId}:{entry.Content.ToStringUtf8().Trim('"')}" : $"{entry.AgentId} {entry.Kind}";
}
