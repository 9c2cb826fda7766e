using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Agora.JsonSchema.Values;

/// <summary>
/// Strings and member names of JSON as UTF-16, from their raw bytes. JsonElement.GetString throws on a lone surrogate
/// that came as an escape (`"\ud800"`, legal JSON); here it becomes that surrogate, so such a value is validated like
/// any other and never ends a request.
/// </summary>
internal static class JsonText
{
    /// <summary>Room on the stack for a text; longer ones are decoded into a fresh array.</summary>
    public const int ScratchLength = 128;

    /// <summary>The bytes between the quotes of a string, still escaped.</summary>
    public static ReadOnlySpan<byte> Raw(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    public static ReadOnlySpan<byte> RawName(JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member);

    public static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> raw, Span<char> scratch)
    {
        // Every byte gives at most one character, escaped or not.
        var buffer = raw.Length <= scratch.Length ? scratch : new char[raw.Length];
        int escape = raw.IndexOf((byte)'\\');
        return buffer[..(escape < 0 ? Encoding.UTF8.GetChars(raw, buffer) : Unescape(raw, escape, buffer))];
    }

    public static string Decode(ReadOnlySpan<byte> raw) => Decode(raw, stackalloc char[ScratchLength]).ToString();

    public static string Decode(JsonElement text) => Decode(Raw(text));

    public static string Name(JsonProperty member) => Decode(RawName(member));

    /// <summary>A member of an object; null if there is none, or no object. TryGetProperty throws on lone surrogates as well.</summary>
    public static JsonElement? Member(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var member in value.EnumerateObject())
        {
            if (Matches(RawName(member), name))
                return member.Value;
        }
        return null;
    }

    public static string Transcode(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>Length as JSON Schema counts it, in code points; a lone surrogate counts as one.</summary>
    public static int CodePoints(ReadOnlySpan<byte> raw)
    {
        int count = 0;
        if (!raw.Contains((byte)'\\'))
        {
            foreach (byte b in raw)
                count += (b & 0xC0) != 0x80 ? 1 : 0;
            return count;
        }
        var text = Decode(raw, stackalloc char[ScratchLength]);
        for (int i = 0; i < text.Length; i++)
            count += i > 0 && char.IsSurrogatePair(text[i - 1], text[i]) ? 0 : 1;
        return count;
    }

    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (!a.Contains((byte)'\\') && !b.Contains((byte)'\\'))
            return a.SequenceEqual(b);
        return Decode(a, stackalloc char[ScratchLength]).SequenceEqual(Decode(b, stackalloc char[ScratchLength]));
    }

    private static bool Matches(ReadOnlySpan<byte> raw, string name) =>
        raw.Length >= name.Length && Decode(raw, stackalloc char[ScratchLength]).SequenceEqual(name);

    private static int Unescape(ReadOnlySpan<byte> raw, int escape, Span<char> buffer)
    {
        int length = 0;
        while (escape >= 0)
        {
            length += Encoding.UTF8.GetChars(raw[..escape], buffer[length..]);
            byte kind = raw[escape + 1];
            buffer[length++] = kind switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'u' => (char)ushort.Parse(raw.Slice(escape + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => (char)kind,
            };
            raw = raw[(escape + (kind == 'u' ? 6 : 2))..];
            escape = raw.IndexOf((byte)'\\');
        }
        return length + Encoding.UTF8.GetChars(raw, buffer[length..]);
    }
}
