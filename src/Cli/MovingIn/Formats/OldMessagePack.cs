using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Agora.Cli.MovingIn.Formats;

/// <summary>MessagePack as Flask-Session 0.7 and later write it by msgspec (github.com/msgpack/msgpack, spec.md). No length is believed that the bytes do not have.</summary>
internal static class OldMessagePack
{
    public static object? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var value = reader.Value(0);
        return reader.IsAtEnd ? value : throw new RefusedException("Something follows the session.");
    }

    public static byte[] Write(object? value)
    {
        var into = new ArrayBufferWriter<byte>();
        Put(into, value);
        return into.WrittenSpan.ToArray();
    }

    private static void Put(ArrayBufferWriter<byte> into, object? value)
    {
        switch (value)
        {
            case null:
                Byte(into, 0xc0);
                break;
            case bool b:
                Byte(into, b ? (byte)0xc3 : (byte)0xc2);
                break;
            case long n:
                Integer(into, n);
                break;
            case double d:
                Byte(into, 0xcb);
                BinaryPrimitives.WriteDoubleBigEndian(into.GetSpan(8), d);
                into.Advance(8);
                break;
            case string s:
                var text = Encoding.UTF8.GetBytes(s);
                Head(into, text.Length, 0xa0, 32, 0xd9, 0xda, 0xdb);
                into.Write(text);
                break;
            case byte[] data:
                Head(into, data.Length, 0, 0, 0xc4, 0xc5, 0xc6);
                into.Write(data);
                break;
            case OldList list:
                Head(into, list.Items.Count, 0x90, 16, null, 0xdc, 0xdd);
                foreach (var item in list.Items) Put(into, item);
                break;
            case OldMap map:
                Head(into, map.Entries.Count, 0x80, 16, null, 0xde, 0xdf);
                foreach (var (key, item) in map.Entries)
                {
                    Put(into, key);
                    Put(into, item);
                }

                break;
            case OldExtension extension:
                Head(into, extension.Data.Length, 0, 0, 0xc7, 0xc8, 0xc9);
                Byte(into, unchecked((byte)extension.Type));
                into.Write(extension.Data);
                break;
            default:
                throw new RefusedException($"MessagePack has no {value.GetType().Name}.");
        }
    }

    private static void Integer(ArrayBufferWriter<byte> into, long n)
    {
        if (n is >= -32 and <= 127)
        {
            Byte(into, unchecked((byte)n));
            return;
        }

        Byte(into, 0xd3);
        BinaryPrimitives.WriteInt64BigEndian(into.GetSpan(8), n);
        into.Advance(8);
    }

    /// <param name="below">So many fit the first byte; 0: none.</param>
    private static void Head(ArrayBufferWriter<byte> into, int count, byte first, int below, byte? of8, byte of16, byte of32)
    {
        if (count < below)
        {
            Byte(into, (byte)(first | count));
        }
        else if (of8 is { } small && count <= byte.MaxValue)
        {
            Byte(into, small);
            Byte(into, (byte)count);
        }
        else if (count <= ushort.MaxValue)
        {
            Byte(into, of16);
            BinaryPrimitives.WriteUInt16BigEndian(into.GetSpan(2), (ushort)count);
            into.Advance(2);
        }
        else
        {
            Byte(into, of32);
            BinaryPrimitives.WriteUInt32BigEndian(into.GetSpan(4), (uint)count);
            into.Advance(4);
        }
    }

    private static void Byte(ArrayBufferWriter<byte> into, byte value)
    {
        into.GetSpan(1)[0] = value;
        into.Advance(1);
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public readonly bool IsAtEnd => _left.IsEmpty;

        public object? Value(int depth)
        {
            if (depth > OldLimits.Depth) throw OldLimits.TooDeep;

            var head = Take(1)[0];
            return head switch
            {
                <= 0x7f => (long)head,
                <= 0x8f => Map(head & 0x0f, depth),
                <= 0x9f => List(head & 0x0f, depth),
                <= 0xbf => Text(head & 0x1f),
                0xc0 => null,
                0xc2 => false,
                0xc3 => true,
                0xc4 => Take(Length(1)).ToArray(),
                0xc5 => Take(Length(2)).ToArray(),
                0xc6 => Take(Length(4)).ToArray(),
                0xc7 => Extension(Length(1)),
                0xc8 => Extension(Length(2)),
                0xc9 => Extension(Length(4)),
                0xca => (double)BinaryPrimitives.ReadSingleBigEndian(Take(4)),
                0xcb => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
                0xcc => (long)Take(1)[0],
                0xcd => (long)BinaryPrimitives.ReadUInt16BigEndian(Take(2)),
                0xce => (long)BinaryPrimitives.ReadUInt32BigEndian(Take(4)),
                0xcf => BinaryPrimitives.ReadUInt64BigEndian(Take(8)) is var n and <= long.MaxValue ? (long)n : throw new RefusedException("A number has more than 63 bits."),
                0xd0 => (long)unchecked((sbyte)Take(1)[0]),
                0xd1 => (long)BinaryPrimitives.ReadInt16BigEndian(Take(2)),
                0xd2 => (long)BinaryPrimitives.ReadInt32BigEndian(Take(4)),
                0xd3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
                >= 0xd4 and <= 0xd8 => Extension(1 << (head - 0xd4)),
                0xd9 => Text(Length(1)),
                0xda => Text(Length(2)),
                0xdb => Text(Length(4)),
                0xdc => List(Length(2), depth),
                0xdd => List(Length(4), depth),
                0xde => Map(Length(2), depth),
                0xdf => Map(Length(4), depth),
                >= 0xe0 => (long)unchecked((sbyte)head),
                _ => throw new RefusedException("It is no MessagePack."),
            };
        }

        private int Length(int bytes)
        {
            var said = Take(bytes);
            var length = bytes switch { 1 => said[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(said), _ => BinaryPrimitives.ReadUInt32BigEndian(said) };
            return length <= (uint)_left.Length ? (int)length : throw OldLimits.Cut;
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > _left.Length) throw OldLimits.Cut;

            var taken = _left[..count];
            _left = _left[count..];
            return taken;
        }

        private string Text(int length) => OldText.Of(Take(length));

        private OldExtension Extension(int length)
        {
            var type = unchecked((sbyte)Take(1)[0]);
            return new(type, Take(length).ToArray());
        }

        private OldList List(int count, int depth)
        {
            var list = new OldList([]);
            for (var i = 0; i < count; i++) list.Items.Add(Value(depth + 1));
            return list;
        }

        private OldMap Map(int count, int depth)
        {
            var map = new OldMap();
            for (var i = 0; i < count; i++)
            {
                var key = Value(depth + 1);
                map.Set(key, Value(depth + 1));
            }

            return map;
        }
    }
}

internal static class OldText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException("A text is no UTF-8.");
        }
    }
}
