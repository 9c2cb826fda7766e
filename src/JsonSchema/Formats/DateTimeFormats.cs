namespace Agora.JsonSchema.Formats;

/// <summary>Dates and times of RFC 3339, section 5.6. A leap second is one only at 23:59:60 UTC; on which days is not checked.</summary>
internal static class DateTimeFormats
{
    public static bool IsDateTime(ReadOnlySpan<char> text) =>
        text.Length > 11 && IsDate(text[..10]) && text[10] is 'T' or 't' && IsTime(text[11..]);

    public static bool IsDate(ReadOnlySpan<char> text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-')
            return false;
        int year = Digits(text[..4]), month = Digits(text[5..7]), day = Digits(text[8..]);
        return year >= 0 && month is >= 1 and <= 12 && day >= 1 && day <= DaysIn(year, month);
    }

    public static bool IsTime(ReadOnlySpan<char> text)
    {
        if (text.Length < 9 || text[2] != ':' || text[5] != ':')
            return false;
        int hour = Digits(text[..2]), minute = Digits(text[3..5]), second = Digits(text[6..8]);
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            return false;
        return ReadOffset(SkipFraction(text[8..]), out int offset) && (second < 60 || IsLeapSecond(hour * 60 + minute - offset));
    }

    private static ReadOnlySpan<char> SkipFraction(ReadOnlySpan<char> text)
    {
        if (text[0] != '.')
            return text;
        int digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        // No digit after the point, or nothing after the digits: neither leaves a valid offset.
        return digits <= 0 ? [] : text[(1 + digits)..];
    }

    private static bool ReadOffset(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':')
            return false;
        int hour = Digits(text[1..3]), minute = Digits(text[4..]);
        minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59;
    }

    private static bool IsLeapSecond(int utcMinutes)
    {
        const int day = 24 * 60;
        return (utcMinutes + day) % day == day - 1;
    }

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>The number that these ASCII digits are, -1 if one is none.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        int number = 0;
        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
                return -1;
            number = number * 10 + (c - '0');
        }
        return number;
    }
}
