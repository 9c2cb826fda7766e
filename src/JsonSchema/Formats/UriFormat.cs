using System.Buffers;

namespace Agora.JsonSchema.Formats;

/// <summary>A URI with scheme, RFC 3986 appendix A. Syntax only: what a scheme makes of its parts is not asked.</summary>
internal static class UriFormat
{
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", SubDelims = "!$&'()*+,;=";
    private static readonly SearchValues<char> SchemeRest = SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> UserInfo = SearchValues.Create(Unreserved + SubDelims + ":");
    private static readonly SearchValues<char> RegName = SearchValues.Create(Unreserved + SubDelims);
    private static readonly SearchValues<char> Path = SearchValues.Create(Unreserved + SubDelims + ":@/");
    private static readonly SearchValues<char> Query = SearchValues.Create(Unreserved + SubDelims + ":@/?");

    public static bool IsUri(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf(':');
        if (colon < 1 || !char.IsAsciiLetter(text[0]) || text[..colon].ContainsAnyExcept(SchemeRest))
            return false;
        text = text[(colon + 1)..];
        return CutTail(ref text, '#') && CutTail(ref text, '?') && IsHierarchy(text);
    }

    /// <summary>Takes fragment or query off the end, if there is one, and checks it.</summary>
    private static bool CutTail(ref ReadOnlySpan<char> text, char mark)
    {
        int at = text.IndexOf(mark);
        if (at < 0)
            return true;
        var tail = text[(at + 1)..];
        text = text[..at];
        return Has(tail, Query);
    }

    private static bool IsHierarchy(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("//", StringComparison.Ordinal))
            return Has(text, Path);
        text = text[2..];
        int slash = text.IndexOf('/');
        return IsAuthority(slash < 0 ? text : text[..slash]) && (slash < 0 || Has(text[slash..], Path));
    }

    private static bool IsAuthority(ReadOnlySpan<char> text)
    {
        int at = text.LastIndexOf('@');
        if (at >= 0 && !Has(text[..at], UserInfo))
            return false;
        var host = text[(at + 1)..];
        int end = host.StartsWith("[", StringComparison.Ordinal) ? host.IndexOf(']') + 1 : host.IndexOf(':') is >= 0 and var colon ? colon : host.Length;
        var port = host[end..];
        host = host[..end];
        bool portValid = port.IsEmpty || (port[0] == ':' && !port[1..].ContainsAnyExceptInRange('0', '9'));
        return portValid && (host.StartsWith("[", StringComparison.Ordinal) ? IsLiteral(host[1..^1]) : Has(host, RegName));
    }

    private static bool IsLiteral(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] is not ('v' or 'V'))
            return AddressFormats.IsIpv6(text);
        int dot = text.IndexOf('.');
        if (dot < 2 || dot == text.Length - 1 || text[(dot + 1)..].ContainsAnyExcept(UserInfo))
            return false;
        foreach (char c in text[1..dot])
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }
        return true;
    }

    private static bool Has(ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        while (text.IndexOfAnyExcept(allowed) is >= 0 and var at)
        {
            if (text[at] != '%' || at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                return false;
            text = text[(at + 3)..];
        }
        return true;
    }
}
