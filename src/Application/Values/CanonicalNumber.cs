using System.Globalization;
using System.Text;

namespace Agora.Application.Values;

/// <summary>
/// One spelling for numbers of the same value, exactly and without going through a double: 1.0, 10e-1 and 1 are 1, and -0 is 0. Written out where that takes at most <see cref="MostDigits"/>
/// digits, so that who reads whole numbers finds one; else with an exponent.
/// </summary>
internal static class CanonicalNumber
{
    private const int MostDigits = 32;

    /// <summary>An exponent of more digits is left as it was written: nobody counts so far.</summary>
    private const int MostOfExponent = 9;

    /// <param name="written">A number as JSON has it (RFC 8259 section 6).</param>
    public static string Of(ReadOnlySpan<byte> written)
    {
        var text = Encoding.ASCII.GetString(written);
        var at = text.AsSpan().IndexOfAny('e', 'E');
        if (text.Length - at - 1 > MostOfExponent && at >= 0) return text;

        var (mantissa, exponent) = at < 0 ? (text, 0) : (text[..at], int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        var sign = mantissa[0] == '-' ? "-" : "";
        var (whole, part) = mantissa[sign.Length..].Split('.') is [var before, var after] ? (before, after) : (mantissa[sign.Length..], "");
        var digits = (whole + part).Trim('0');
        if (digits.Length == 0) return "0";

        var power = exponent - part.Length + (whole + part).Length - (whole + part).TrimEnd('0').Length; // of ten, behind the last digit
        return sign + (power >= 0 ? digits.Length + power <= MostDigits ? digits + new string('0', power) : Scientific(digits, power)
            : digits.Length > -power ? digits.Insert(digits.Length + power, ".")
            : -power <= MostDigits ? $"0.{new string('0', -power - digits.Length)}{digits}"
            : Scientific(digits, power));
    }

    private static string Scientific(string digits, int power) => string.Create(CultureInfo.InvariantCulture, $"{digits}e{power}");
}
