using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Agora.Cli.MovingIn.Formats;

/// <summary>
/// Python's pickle as older Flask-Sessions write it, read as data. A pickle is a program; of its instructions (Lib/pickletools.py) those are known here that make dictionaries, lists, tuples, texts, bytes and numbers. Whatever would name,
/// import, call or build something of Python's is refused before anything behind it is looked at, and nothing is ever called.
/// </summary>
internal sealed class OldPickle
{
    private readonly List<object?> _stack = [];
    private readonly Dictionary<int, object?> _memo = [];

    private OldPickle()
    {
    }

    public static object? Read(ReadOnlySpan<byte> bytes)
    {
        var root = new OldPickle().Run(bytes);
        OldLimits.Check(root);
        return root;
    }

    private object? Run(ReadOnlySpan<byte> bytes)
    {
        for (var left = bytes; ;)
        {
            var code = Take(ref left, 1)[0];
            switch (code)
            {
                case (byte)'.':
                    return _stack.Count == 1 && left.IsEmpty ? NoMark(_stack[0]) : throw Broken;
                case 0x80:
                    if (Take(ref left, 1)[0] > 5) throw new RefusedException("It is a pickle of a protocol that is not known.");
                    break;
                case 0x95:
                    Take(ref left, 8);
                    break;
                default:
                    if (_stack.Count > OldLimits.Values) throw new RefusedException($"It has more than {OldLimits.Values} values.");

                    if (Constant(code, ref left, out var value))
                    {
                        _stack.Add(value);
                    }
                    else if (!Builds(code) && !Remembers(code, ref left))
                    {
                        throw new RefusedException($"It is a pickle that asks for more than data: {NameOf(code)}.");
                    }

                    break;
            }
        }
    }

    private static bool Constant(byte code, ref ReadOnlySpan<byte> left, out object? value)
    {
        value = code switch
        {
            (byte)'N' => null,
            0x88 => true,
            0x89 => false,
            (byte)'J' => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(ref left, 4)),
            (byte)'K' => (long)Take(ref left, 1)[0],
            (byte)'M' => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(ref left, 2)),
            (byte)'I' => Line(ref left) switch { "00" => false, "01" => true, var number => Number(number) },
            (byte)'L' => Number(Line(ref left).TrimEnd('L')),
            0x8a => Long(Take(ref left, Take(ref left, 1)[0])),
            0x8b => Long(Take(ref left, Length(ref left, 4))),
            (byte)'F' => double.TryParse(Line(ref left), NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : throw Broken,
            (byte)'G' => BinaryPrimitives.ReadDoubleBigEndian(Take(ref left, 8)),
            (byte)'X' => OldText.Of(Take(ref left, Length(ref left, 4))),
            0x8c => OldText.Of(Take(ref left, Take(ref left, 1)[0])),
            0x8d => OldText.Of(Take(ref left, Length(ref left, 8))),
            (byte)'V' => Escaped(Line(ref left)),
            (byte)'T' => Ascii(Take(ref left, Length(ref left, 4))),
            (byte)'U' => Ascii(Take(ref left, Take(ref left, 1)[0])),
            (byte)'B' => Take(ref left, Length(ref left, 4)).ToArray(),
            (byte)'C' => Take(ref left, Take(ref left, 1)[0]).ToArray(),
            0x8e => Take(ref left, Length(ref left, 8)).ToArray(),
            (byte)'}' => new OldMap(),
            (byte)']' => new OldList([]),
            (byte)')' => new OldList([], IsTuple: true),
            (byte)'(' => Mark.Here,
            _ => Mark.None,
        };
        return !ReferenceEquals(value, Mark.None);
    }

    private bool Builds(byte code)
    {
        switch (code)
        {
            case (byte)'d':
                _stack.Add(Filled(new OldMap(), ToMark()));
                return true;
            case (byte)'l':
                _stack.Add(new OldList(ToMark()));
                return true;
            case (byte)'t':
                _stack.Add(new OldList(ToMark(), IsTuple: true));
                return true;
            case 0x85 or 0x86 or 0x87:
                _stack.Add(new OldList(Top(code - 0x84), IsTuple: true));
                return true;
            case (byte)'s':
                var pair = Top(2);
                Filled(Last<OldMap>(), pair);
                return true;
            case (byte)'u':
                var pairs = ToMark();
                Filled(Last<OldMap>(), pairs);
                return true;
            case (byte)'a':
                var item = Top(1);
                Open().Items.AddRange(item);
                return true;
            case (byte)'e':
                var items = ToMark();
                Open().Items.AddRange(items);
                return true;
            case (byte)'0':
                Top(1);
                return true;
            case (byte)'1':
                ToMark();
                return true;
            case (byte)'2':
                _stack.Add(NoMark(_stack.Count > 0 ? _stack[^1] : throw Broken));
                return true;
            default:
                return false;
        }
    }

    private bool Remembers(byte code, ref ReadOnlySpan<byte> left)
    {
        switch (code)
        {
            case (byte)'p':
                Put(Line(ref left) is var name && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : throw Broken);
                return true;
            case (byte)'q':
                Put(Take(ref left, 1)[0]);
                return true;
            case (byte)'r':
                Put(BinaryPrimitives.ReadInt32LittleEndian(Take(ref left, 4)));
                return true;
            case 0x94:
                Put(_memo.Count);
                return true;
            case (byte)'g':
                Get(int.TryParse(Line(ref left), NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : throw Broken);
                return true;
            case (byte)'h':
                Get(Take(ref left, 1)[0]);
                return true;
            case (byte)'j':
                Get(BinaryPrimitives.ReadInt32LittleEndian(Take(ref left, 4)));
                return true;
            default:
                return false;
        }
    }

    private void Put(int at) => _memo[at] = NoMark(_stack.Count > 0 ? _stack[^1] : throw Broken);

    private void Get(int at) => _stack.Add(_memo.TryGetValue(at, out var known) ? known : throw Broken);

    private T Last<T>()
        where T : class => _stack.Count > 0 && _stack[^1] is T last ? last : throw Broken;

    private OldList Open() => Last<OldList>() is { IsTuple: false } list ? list : throw Broken;

    private List<object?> Top(int count)
    {
        if (_stack.Count < count) throw Broken;

        var top = _stack[^count..];
        _stack.RemoveRange(_stack.Count - count, count);
        return [.. top.Select(NoMark)];
    }

    private List<object?> ToMark()
    {
        var at = _stack.FindLastIndex(static value => ReferenceEquals(value, Mark.Here));
        if (at < 0) throw Broken;

        var items = _stack[(at + 1)..];
        _stack.RemoveRange(at, _stack.Count - at);
        return items;
    }

    private static OldMap Filled(OldMap map, List<object?> pairs)
    {
        if (pairs.Count % 2 != 0) throw Broken;

        for (var i = 0; i < pairs.Count; i += 2) map.Set(pairs[i], pairs[i + 1]);
        return map;
    }

    private static object? NoMark(object? value) => value is Mark ? throw Broken : value;

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> left, int count)
    {
        if (count < 0 || count > left.Length) throw OldLimits.Cut;

        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    private static int Length(ref ReadOnlySpan<byte> left, int bytes)
    {
        var said = Take(ref left, bytes);
        var length = bytes == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(said) : BinaryPrimitives.ReadUInt64LittleEndian(said);
        return length <= (uint)left.Length ? (int)length : throw OldLimits.Cut;
    }

    private static string Line(ref ReadOnlySpan<byte> left)
    {
        var end = left.IndexOf((byte)'\n');
        if (end < 0) throw OldLimits.Cut;

        var line = Take(ref left, end);
        left = left[1..];
        return Encoding.Latin1.GetString(line);
    }

    private static object Number(string digits) => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new RefusedException("A number has more than 63 bits.");

    private static object Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8) throw new RefusedException("A number has more than 63 bits.");

        var number = bytes.IsEmpty || bytes[^1] < 0x80 ? 0L : -1L;
        for (var i = bytes.Length - 1; i >= 0; i--) number = unchecked((number << 8) | bytes[i]);
        return number;
    }

    private static string Ascii(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)0, (byte)0x7f) ? Encoding.ASCII.GetString(bytes) : throw new RefusedException("A text of Python 2 is not ASCII.");

    /// <summary>Python's raw-unicode-escape: a line of Latin-1 with \uXXXX and \UXXXXXXXX.</summary>
    private static string Escaped(string line)
    {
        var text = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            var digits = i + 1 < line.Length && line[i] == '\\' ? line[i + 1] switch { 'u' => 4, 'U' => 8, _ => 0 } : 0;
            if (digits == 0)
            {
                text.Append(line[i]);
                continue;
            }

            if (i + 2 + digits > line.Length || !int.TryParse(line.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) || point is < 0 or > 0x10ffff)
            {
                throw Broken;
            }

            text.Append(point is >= 0xd800 and <= 0xdfff || point <= 0xffff ? ((char)point).ToString() : char.ConvertFromUtf32(point));
            i += 1 + digits;
        }

        return text.ToString();
    }

    private static RefusedException Broken => new("It is no pickle that is whole.");

    private static string NameOf(byte code) => code switch
    {
        (byte)'c' => "GLOBAL names something of Python's",
        0x93 => "STACK_GLOBAL names something of Python's",
        (byte)'R' => "REDUCE calls",
        (byte)'b' => "BUILD builds an object",
        (byte)'i' or (byte)'o' or 0x81 or 0x92 => "an object is made",
        (byte)'P' or (byte)'Q' => "PERSID names something outside",
        0x82 or 0x83 or 0x84 => "EXT names something of Python's",
        (byte)'S' => "STRING is a text of Python 2 in quotes",
        _ => $"0x{code:x2}",
    };

    /// <summary>Protocol 3, which each Python 3 reads.</summary>
    public static byte[] Write(object? value)
    {
        var into = new ArrayBufferWriter<byte>();
        into.Write((ReadOnlySpan<byte>)[0x80, 3]);
        Put(into, value);
        into.Write("."u8);
        return into.WrittenSpan.ToArray();
    }

    private static void Put(ArrayBufferWriter<byte> into, object? value)
    {
        switch (value)
        {
            case null:
                into.Write("N"u8);
                break;
            case bool b:
                into.Write((ReadOnlySpan<byte>)[b ? (byte)0x88 : (byte)0x89]);
                break;
            case long n:
                into.Write((ReadOnlySpan<byte>)[0x8a, 8]);
                BinaryPrimitives.WriteInt64LittleEndian(into.GetSpan(8), n);
                into.Advance(8);
                break;
            case double d:
                into.Write("G"u8);
                BinaryPrimitives.WriteDoubleBigEndian(into.GetSpan(8), d);
                into.Advance(8);
                break;
            case string s:
                Sized(into, (byte)'X', Encoding.UTF8.GetBytes(s));
                break;
            case byte[] data:
                Sized(into, (byte)'B', data);
                break;
            case OldList { IsTuple: true } tuple:
                into.Write("("u8);
                foreach (var item in tuple.Items) Put(into, item);
                into.Write("t"u8);
                break;
            case OldList list:
                into.Write("]("u8);
                foreach (var item in list.Items) Put(into, item);
                into.Write("e"u8);
                break;
            case OldMap map:
                into.Write("}("u8);
                foreach (var (key, item) in map.Entries)
                {
                    Put(into, key);
                    Put(into, item);
                }

                into.Write("u"u8);
                break;
            default:
                throw new RefusedException($"No pickle is made of {value.GetType().Name}.");
        }
    }

    private static void Sized(ArrayBufferWriter<byte> into, byte code, byte[] bytes)
    {
        into.Write((ReadOnlySpan<byte>)[code]);
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), bytes.Length);
        into.Advance(4);
        into.Write(bytes);
    }

    private sealed class Mark
    {
        public static readonly Mark Here = new(), None = new();
    }
}
