using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Agora.Api.Conversations.Sockets;

/// <summary>
/// Refuses what a parser of Protocol Buffers has to let pass: a known field of another wire type, which it skips, so that a message_id would be lost without a word; and a number that does not fit its field,
/// which it cuts. Fields that are not known are passed over, for a newer client may send them.
/// </summary>
internal static class StrictWire
{
    /// <exception cref="InvalidProtocolBufferException">The message is cut off, or is no field.</exception>
    /// <returns>Null, or a sentence that says what is wrong.</returns>
    public static string? Fault(ReadOnlyMemory<byte> message, MessageDescriptor type)
    {
        var bytes = MemoryMarshal.TryGetArray(message, out var array) ? array : new(message.ToArray());
        return Fault(bytes.Array!, new CodedInputStream(bytes.Array!, bytes.Offset, bytes.Count), type);
    }

    /// <param name="input">Its position counts from the beginning of the bytes.</param>
    private static string? Fault(byte[] bytes, CodedInputStream input, MessageDescriptor type)
    {
        while (input.ReadTag() is not 0 and var tag)
        {
            var at = (int)input.Position;
            var (number, wire) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
            if (wire is WireFormat.WireType.StartGroup or WireFormat.WireType.EndGroup) return "A field is of no type that there is.";
            if (type.FindFieldByNumber(number) is not { } field)
            {
                input.SkipLastField();
                continue;
            }

            if (wire != WireOf(field.FieldType)) return $"Field {number} is of another type.";
            if (wire == WireFormat.WireType.Varint)
            {
                if (input.ReadUInt64() > int.MaxValue) return "A number is above 2147483647.";
                continue;
            }

            input.SkipLastField();
            if (field.FieldType == FieldType.Message && Inner(new(bytes, at, (int)input.Position - at), field.MessageType) is { } fault) return fault;
        }

        return null;
    }

    /// <param name="field">The message's length, and the message.</param>
    private static string? Inner(ArraySegment<byte> field, MessageDescriptor type)
    {
        var input = new CodedInputStream(field.Array!, field.Offset, field.Count);
        input.ReadLength();
        var at = (int)input.Position;
        return Fault(field.Array!, new CodedInputStream(field.Array!, at, field.Offset + field.Count - at), type);
    }

    /// <summary>Of the types that a client's frames have.</summary>
    private static WireFormat.WireType WireOf(FieldType type) => type is FieldType.UInt32 or FieldType.Bool ? WireFormat.WireType.Varint : WireFormat.WireType.LengthDelimited;
}
