using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Agora.Core.Kernel;

/// <summary>
/// Amounts are <see cref="long"/> micro-dollars (10⁻⁶ USD). On the wire an amount is a JSON number of cents,
/// <c>digits[.1–4 digits]</c> without exponent: exactly what micro-dollars can hold, so nothing is ever rounded.
/// </summary>
public static class Money
{
    public const string DefaultAsset = "USD";
    public const long MicrosPerCent = 10_000;

    /// <summary>Parses the raw text of a JSON number; false for a sign, an exponent, more than 4 decimals or more than 10¹⁵ micros.</summary>
    public static bool TryParseCents(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..];
        if (whole.IsEmpty || whole.Length > 12 || (point >= 0 && fraction.Length is < 1 or > 4)
            || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var value = long.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture) * MicrosPerCent;
        for (int i = 0, unit = 1_000; i < fraction.Length; i++, unit /= 10)
        {
            value += (fraction[i] - '0') * unit;
        }

        micros = value;
        return value <= Limits.MaxMicros;
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
}
