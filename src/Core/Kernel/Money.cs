using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Agora.Core.Kernel;

/// <summary>
/// Amounts are <see cref="long"/> micro-dollars (10⁻⁶ USD). On the wire an amount is a JSON number of cents with at
/// most 4 decimals: exactly what micro-dollars can hold, so nothing is ever rounded.
/// </summary>
public static class Money
{
    public const string DefaultAsset = "USD";
    public const long MicrosPerCent = 10_000;

    /// <summary>Decimals of a number of cents.</summary>
    private const int MicroDecimals = 4;

    /// <summary>The most digits of an amount: no program writes more.</summary>
    private const int MostDigits = 30;

    /// <summary>An amount computed in floating point is off by a few times 2⁻⁵³ of its value. A difference of at most the value divided by this counts as such an error.</summary>
    private static readonly UInt128 FloatError = 100_000_000_000_000;

    /// <summary>
    /// Reads the raw text of a JSON number by its value: <c>10.00000</c> is 10, <c>1e2</c> is 100. It must be a multiple of 0.0001, or what floating point made of one: <c>19.999999999999998</c> is 20. False for a sign, for more than
    /// <see cref="MostDigits"/> digits, for more than 10¹⁵ micros, and for a value between two micros.
    /// </summary>
    public static bool TryParseCents(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        var (mark, exponent) = (text.IndexOfAny('e', 'E'), 0);
        if (mark >= 0 && !TryParseExponent(text[(mark + 1)..], out exponent)) return false;

        var number = mark < 0 ? text : text[..mark];
        var point = number.IndexOf('.');
        var whole = point < 0 ? number : number[..point];
        var fraction = point < 0 ? [] : number[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty) || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        whole = whole.TrimStart('0');
        fraction = fraction.TrimEnd('0');
        return whole.Length + fraction.Length <= MostDigits && TryScale(Digits(whole, fraction), exponent - fraction.Length + MicroDecimals, out micros);
    }

    /// <summary>Cents in shortest form: <c>95</c>, <c>0.25</c>, <c>-1.5</c>.</summary>
    public static string FormatCents(long micros)
    {
        var negative = micros < 0 ? "-" : "";
        var (whole, rest) = Math.DivRem(Math.Abs(micros), MicrosPerCent);
        return rest == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{negative}{whole}")
            : string.Create(CultureInfo.InvariantCulture, $"{negative}{whole}.{rest.ToString("0000", CultureInfo.InvariantCulture).TrimEnd('0')}");
    }

    [SuppressMessage("Naming", "CA1720", Justification = "The field's own term.")]
    public static bool InRange(long micros) => micros is >= 0 and <= Limits.MaxMicros;

    private static bool TryParseExponent(ReadOnlySpan<char> text, out int exponent)
    {
        var digits = text is ['+' or '-', ..] ? text[1..] : text;
        exponent = 0;
        return digits.Length is >= 1 and <= 3 && !digits.ContainsAnyExceptInRange('0', '9') && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
    }

    private static UInt128 Digits(ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction)
    {
        UInt128 value = 0;
        foreach (var digit in whole) value = (value * 10) + (uint)(digit - '0');
        foreach (var digit in fraction) value = (value * 10) + (uint)(digit - '0');
        return value;
    }

    /// <returns>False if the digits times 10^<paramref name="power"/> are not a whole number of micros, or too many.</returns>
    private static bool TryScale(UInt128 digits, int power, out long micros)
    {
        var (value, divisor) = (digits, UInt128.One);
        var most = (UInt128)Limits.MaxMicros;
        for (; power > 0 && value > 0 && value <= most; power--) value *= 10;
        for (; power < 0 && divisor <= value; power++) divisor *= 10; // stops when the value is below the divisor: it is no whole micro then

        var (nearest, rest) = UInt128.DivRem(value, divisor);
        var error = rest;
        if (power == 0 && rest * 2 >= divisor)
        {
            (nearest, error) = (nearest + 1, divisor - rest);
        }

        var isAmount = error == 0 || (power == 0 && nearest > 0 && error <= digits / FloatError);
        var isRead = isAmount && nearest <= most;
        micros = isRead ? (long)nearest : 0;
        return isRead;
    }
}
