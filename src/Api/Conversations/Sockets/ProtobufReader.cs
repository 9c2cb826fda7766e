using System.Text;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Reads fields of Protocol Buffers' wire format, one after another. What is cut off, or is no field, is a <see cref="FormatException"/>; a field that nobody asks for is passed over.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int VarintBytes = 10;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = message;
    private WireType _type;

    public int Field { get; private set; }

    /// <summary>To the next field, which then is read or passed over; false: there is none.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;

        var tag = Varint();
        (Field, _type) = ((int)Math.Min(tag >> 3, int.MaxValue), (WireType)(tag & 7));
        return Field > 0 ? true : throw Wrong("A field has number 0.");
    }

    public int Number()
    {
        Expect(WireType.Varint);
        var value = Varint();
        return value <= int.MaxValue ? (int)value : throw Wrong("A number is above 2147483647.");
    }

    public string Text()
    {
        try
        {
            return Strict.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("A string is not valid UTF-8.");
        }
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Expect(WireType.Length);
        return Cut(Varint());
    }

    public void Skip() => _ = _type switch
    {
        WireType.Varint => Varint() > 0,
        WireType.Fixed64 => Cut(8).IsEmpty,
        WireType.Length => Cut(Varint()).IsEmpty,
        WireType.Fixed32 => Cut(4).IsEmpty,
        _ => throw Wrong("A field is of no type that there is."),
    };

    private static FormatException Wrong(string message) => new(message);

    private readonly void Expect(WireType type)
    {
        if (_type != type) throw Wrong($"Field {Field} is of another type.");
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var index = 0; index < VarintBytes && index < _rest.Length; index++)
        {
            var part = _rest[index];
            value |= (ulong)(part & 0x7f) << (7 * index);
            if (part < 0x80)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }

        throw Wrong("A number does not end.");
    }

    private ReadOnlySpan<byte> Cut(ulong length)
    {
        if (length > (ulong)_rest.Length) throw Wrong("A field is longer than the message.");

        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }
}
