using System.Globalization;
using System.Text;

namespace Agora.Crypto.Http;

/// <summary>
/// Reads what signatures need of structured fields (RFC 9651): keys, strings, integers, byte sequences. Stricter than its parsers must be: base64 has its
/// padding, and what comes twice is refused where the RFC takes the last, for two readers of one field must not see two things.
/// </summary>
internal ref struct StructuredField(string text)
{
    private const int IntegerDigits = 15;

    private int _at;

    public readonly bool IsAtEnd => _at == text.Length;

    private readonly char Next => IsAtEnd ? '\0' : text[_at];

    public bool Take(char c)
    {
        if (IsAtEnd || text[_at] != c) return false;
        _at++;
        return true;
    }

    public int Spaces() => Skipped(' ', ' ');

    /// <summary>After a member of a dictionary: true where another follows, false at the end.</summary>
    public bool? Another()
    {
        Skipped(' ', '\t');
        if (IsAtEnd) return false;
        if (!Take(',')) return null;
        Skipped(' ', '\t');
        return IsAtEnd ? null : true;
    }

    public string? Key()
    {
        var start = _at;
        if (!char.IsAsciiLetterLower(Next) && Next != '*') return null;
        while (char.IsAsciiLetterLower(Next) || char.IsAsciiDigit(Next) || Next is '_' or '-' or '.' or '*') _at++;
        return text[start.._at];
    }

    public string? String()
    {
        if (!Take('"')) return null;
        var content = new StringBuilder();
        while (!IsAtEnd)
        {
            var c = text[_at++];
            if (c == '"') return content.ToString();
            if (c == '\\')
            {
                if (Next is not ('"' or '\\')) return null;
                c = text[_at++];
            }
            else if (c is < ' ' or > '~')
            {
                return null;
            }

            content.Append(c);
        }

        return null;
    }

    public long? Integer()
    {
        var start = _at;
        Take('-');
        var digits = _at;
        while (char.IsAsciiDigit(Next)) _at++;
        return _at - digits is >= 1 and <= IntegerDigits && Next != '.' ? long.Parse(text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;
    }

    public byte[]? Bytes()
    {
        if (!Take(':') || text.IndexOf(':', _at) is not (>= 0 and var end)) return null;
        var encoded = text[_at..end];
        _at = end + 1;
        var decoded = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, decoded, out var length) && Convert.ToBase64String(decoded.AsSpan(0, length)) == encoded ? decoded[..length] : null;
    }

    public static string OfString(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    public static string OfBytes(ReadOnlySpan<byte> value) => $":{Convert.ToBase64String(value)}:";

    /// <summary>A dictionary of byte sequences, as Signature and Content-Digest are; null when it is none, or has a key twice.</summary>
    public static Dictionary<string, byte[]>? ByteDictionary(string? text)
    {
        if (text is not { Length: > 0 and <= HttpSignature.MaxFieldCharacters }) return null;
        var members = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var field = new StructuredField(text);
        while (true)
        {
            if (field.Key() is not { } key || !field.Take('=') || field.Bytes() is not { } value || !members.TryAdd(key, value)) return null;
            if (field.Another() is not { } more) return null;
            if (!more) return members;
        }
    }

    private int Skipped(char first, char second)
    {
        var start = _at;
        while (!IsAtEnd && (text[_at] == first || text[_at] == second)) _at++;
        return _at - start;
    }
}
