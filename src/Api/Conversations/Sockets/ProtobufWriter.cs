using System.Buffers;
using System.Text;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Writes fields of Protocol Buffers' wire format. A field that has its default is left out, as proto3 has it.</summary>
internal readonly ref struct ProtobufWriter(IBufferWriter<byte> to)
{
    private const int VarintBytes = 10;

    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Present(field, value);
        }
    }

    /// <summary>Of an optional field: its default is written too.</summary>
    public void Present(int field, ulong value)
    {
        Varint(Tag(field, WireType.Varint));
        Varint(value);
    }

    public void Text(int field, string? text)
    {
        if (text is null) return;

        var length = Encoding.UTF8.GetByteCount(text);
        Varint(Tag(field, WireType.Length));
        Varint((ulong)length);
        to.Advance(Encoding.UTF8.GetBytes(text, to.GetSpan(length)));
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Varint(Tag(field, WireType.Length));
        Varint((ulong)bytes.Length);
        to.Write(bytes);
    }

    private static ulong Tag(int field, WireType type) => ((ulong)field << 3) | (ulong)type;

    private void Varint(ulong value)
    {
        var span = to.GetSpan(VarintBytes);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)((value & 0x7f) | 0x80);
        span[length++] = (byte)value;
        to.Advance(length);
    }
}

/// <summary>How a field stands on the wire.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}
