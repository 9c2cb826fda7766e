using System.Numerics;
using System.Text.Json;

namespace Agora.JsonSchema.Values;

/// <summary>
/// Exact divisibility of decimals. With v = a·10^p and d = b·10^q, a and b without trailing zeros, v is a multiple of d
/// exactly when p ≥ q and b divides a·10^(p−q); a is read digit by digit, so nothing grows with the exponent.
/// </summary>
internal sealed class Divisor
{
    private readonly BigInteger _significand;
    private readonly ulong _small;
    private readonly long _exponent;

    public Divisor(JsonElement number)
    {
        var divisor = ExactNumber.Of(number);
        _significand = Remainder(divisor, BigInteger.Pow(10, divisor.Count));
        _small = _significand <= long.MaxValue ? (ulong)_significand : 0;
        _exponent = divisor.Magnitude - divisor.Count;
    }

    public bool Divides(JsonElement value)
    {
        if (_exponent == 0 && _small != 0 && value.TryGetInt64(out long integer) && integer != long.MinValue)
            return (ulong)Math.Abs(integer) % _small == 0;
        var number = ExactNumber.Of(value);
        long shift = number.Magnitude - number.Count - _exponent;
        if (number.IsZero)
            return true;
        if (shift < 0)
            return false;
        return _small != 0 ? DividesSmall(number, shift) : DividesLarge(number, shift);
    }

    private bool DividesSmall(ExactNumber number, long shift)
    {
        UInt128 remainder = 0;
        for (int i = 0; i < number.Count; i++)
            remainder = (remainder * 10 + (uint)number[i]) % _small;
        return remainder == 0 || remainder * (ulong)BigInteger.ModPow(10, shift, _small) % _small == 0;
    }

    private bool DividesLarge(ExactNumber number, long shift) =>
        (Remainder(number, _significand) * BigInteger.ModPow(10, shift, _significand) % _significand).IsZero;

    private static BigInteger Remainder(ExactNumber number, BigInteger divisor)
    {
        const int chunk = 18;
        BigInteger remainder = 0;
        for (int i = 0; i < number.Count;)
        {
            long digits = 0, scale = 1;
            for (int end = Math.Min(i + chunk, number.Count); i < end; i++, scale *= 10)
                digits = digits * 10 + number[i];
            remainder = (remainder * scale + digits) % divisor;
        }
        return remainder;
    }
}
