using Agora.JsonSchema.Patterns;

namespace Agora.JsonSchema.Formats;

/// <summary>Whether a text is of a format. Linear in the text, no allocation (but for `regex`).</summary>
internal delegate bool FormatCheck(ReadOnlySpan<char> text);

/// <summary>The formats that are asserted. Every other name is an annotation, as the specification allows.</summary>
internal static class FormatTable
{
    private static readonly Dictionary<string, (FormatCheck Check, string Example)> Formats = new(StringComparer.Ordinal)
    {
        ["date-time"] = (DateTimeFormats.IsDateTime, "2026-01-31T09:30:00Z"),
        ["date"] = (DateTimeFormats.IsDate, "2026-01-31"),
        ["time"] = (DateTimeFormats.IsTime, "09:30:00Z"),
        ["email"] = (EmailFormat.IsEmail, "name@example.com"),
        ["uri"] = (UriFormat.IsUri, "https://example.com/path"),
        ["uuid"] = (IsUuid, "2eb8aa08-aa98-11ea-b4aa-73b441d16380"),
        ["ipv4"] = (AddressFormats.IsIpv4, "192.0.2.1"),
        ["ipv6"] = (AddressFormats.IsIpv6, "2001:db8::1"),
        ["regex"] = (text => Pattern.IsWellFormed(text.ToString()), "^[a-z]+$"),
    };

    public static FormatCheck? Find(string format) => Formats.TryGetValue(format, out var found) ? found.Check : null;

    public static string Example(string format) => Formats[format].Example;

    /// <summary>RFC 9562, section 4; any version and variant.</summary>
    private static bool IsUuid(ReadOnlySpan<char> text)
    {
        if (text.Length != 36)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
                return false;
        }
        return true;
    }
}
