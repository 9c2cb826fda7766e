namespace Agora.JsonSchema.Formats;

/// <summary>IP addresses as text: IPv4 of RFC 2673 section 3.2 without leading zeros, IPv6 of RFC 4291 section 2.2 without zone.</summary>
internal static class AddressFormats
{
    public static bool IsIpv4(ReadOnlySpan<char> text)
    {
        for (int part = 0; part < 4; part++)
        {
            int dot = part < 3 ? text.IndexOf('.') : text.Length;
            if (dot < 0 || !IsByte(text[..dot]))
                return false;
            text = part < 3 ? text[(dot + 1)..] : [];
        }
        return true;
    }

    public static bool IsIpv6(ReadOnlySpan<char> text)
    {
        // At most one gap, and what stands on its sides is written group by group.
        int gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
            return CountGroups(text, mayEndInIpv4: true) == 8;
        var before = text[..gap];
        var after = text[(gap + 2)..];
        int groups = before.IsEmpty ? 0 : CountGroups(before, mayEndInIpv4: false);
        int rest = after.IsEmpty ? 0 : CountGroups(after, mayEndInIpv4: true);
        return groups >= 0 && rest >= 0 && groups + rest <= 7;
    }

    /// <summary>Groups of 16 bits, -1 if something is none; an IPv4 address at the end counts as two.</summary>
    private static int CountGroups(ReadOnlySpan<char> text, bool mayEndInIpv4)
    {
        for (int count = 1; count <= 8; count++)
        {
            int colon = text.IndexOf(':');
            if (colon < 0)
                return IsGroup(text) ? count : mayEndInIpv4 && IsIpv4(text) ? count + 1 : -1;
            if (!IsGroup(text[..colon]))
                return -1;
            text = text[(colon + 1)..];
        }
        return -1;
    }

    private static bool IsGroup(ReadOnlySpan<char> text)
    {
        if (text.Length is < 1 or > 4)
            return false;
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }
        return true;
    }

    private static bool IsByte(ReadOnlySpan<char> text)
    {
        if (text.Length is < 1 or > 3 || (text.Length > 1 && text[0] == '0'))
            return false;
        int value = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = value * 10 + (c - '0');
        }
        return value <= 255;
    }
}
