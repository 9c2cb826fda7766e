using System.Buffers;

namespace Agora.JsonSchema.Formats;

/// <summary>A mailbox of RFC 5321, section 4.1.2: a dot-string or quoted string, and a domain or address literal.</summary>
internal static class EmailFormat
{
    private const int MaxLength = 254, MaxLocalLength = 64, MaxLabelLength = 63;

    private static readonly SearchValues<char> Atom =
        SearchValues.Create("!#$%&'*+-/=?^_`{|}~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsEmail(ReadOnlySpan<char> text)
    {
        // A quoted local part may itself have an @, a domain may not.
        int at = text.LastIndexOf('@');
        if (at is < 1 or > MaxLocalLength || text.Length > MaxLength)
            return false;
        var local = text[..at];
        return (local[0] == '"' ? IsQuoted(local) : IsDotString(local)) && IsDomain(text[(at + 1)..]);
    }

    private static bool IsDotString(ReadOnlySpan<char> text)
    {
        foreach (var part in text.Split('.'))
        {
            var atom = text[part];
            if (atom.IsEmpty || atom.ContainsAnyExcept(Atom))
                return false;
        }
        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[^1] != '"')
            return false;
        for (int i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '\\' && ++i == text.Length - 1)
                return false;
            if (text[i] is < ' ' or > '~' || (text[i] == '"' && text[i - 1] != '\\'))
                return false;
        }
        return true;
    }

    private static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.Length > 2 && text[0] == '[' && text[^1] == ']')
        {
            var literal = text[1..^1];
            return literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? AddressFormats.IsIpv6(literal[5..]) : AddressFormats.IsIpv4(literal);
        }
        foreach (var part in text.Split('.'))
        {
            if (!IsLabel(text[part]))
                return false;
        }
        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is < 1 or > MaxLabelLength || label[0] == '-' || label[^1] == '-')
            return false;
        foreach (char c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
        }
        return true;
    }
}
