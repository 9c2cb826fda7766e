using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Reads strings of a provider's JSON. An escape can name half of a surrogate pair, which is not a character: some providers cut a pair in two and send one half in each of two events.</summary>
internal static class WireText
{
    public const char Replacement = '\uFFFD';

    /// <summary>A complete string. A half becomes the replacement character.</summary>
    public static string Whole(JsonElement text) => Read(text, isPiece: false);

    /// <summary>A piece of a longer text. It may begin with a low half and end with a high one, which <see cref="WholeCharacters"/> joins with the neighboring pieces.</summary>
    public static string Piece(JsonElement text) => Read(text, isPiece: true);

    private static string Read(JsonElement text, bool isPiece)
    {
        var raw = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        if (raw.IndexOf("\\ud"u8) < 0 && raw.IndexOf("\\uD"u8) < 0) return text.GetString()!;

        var read = Unescaped(raw);
        for (var i = 0; i < read.Length; i++)
        {
            if (i + 1 < read.Length && char.IsSurrogatePair(read[i], read[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(read[i]) && !(isPiece && (i == 0 ? char.IsLowSurrogate(read[0]) || read.Length == 1 : i == read.Length - 1 && char.IsHighSurrogate(read[i]))))
            {
                read[i] = Replacement;
            }
        }

        return read.ToString();
    }

    /// <summary>The parser has checked that each escape is complete.</summary>
    private static StringBuilder Unescaped(ReadOnlySpan<byte> raw)
    {
        var read = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            var escape = raw.IndexOf((byte)'\\');
            var plain = escape < 0 ? raw : raw[..escape];
            read.Append(Encoding.UTF8.GetString(plain));
            raw = raw[plain.Length..];
            if (raw.IsEmpty) break;

            var isUnit = raw[1] == 'u';
            read.Append(isUnit ? (char)int.Parse(raw.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : (char)raw[1] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                var itself => itself,
            });
            raw = raw[(isUnit ? 6 : 2)..];
        }

        return read;
    }
}
