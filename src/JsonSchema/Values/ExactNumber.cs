using System.Runtime.InteropServices;
using System.Text.Json;

namespace Agora.JsonSchema.Values;

/// <summary>
/// A JSON number as it is written: ± 0.d₁d₂…dₙ × 10^Magnitude, no leading or trailing zero among its digits (zero has
/// none). Compared digit by digit, so nothing is rounded and 1e400 is just a number. Takes no memory of its own.
/// Exponents beyond ±10^15 all count as ±10^15: numbers that only differ there are equal.
/// </summary>
internal readonly ref struct ExactNumber
{
    private const long MaxExponent = 1_000_000_000_000_000;
    private readonly ReadOnlySpan<byte> _whole;
    private readonly ReadOnlySpan<byte> _fraction;
    private readonly int _first;

    public ExactNumber(ReadOnlySpan<byte> json)
    {
        Negative = json[0] == '-';
        if (Negative)
            json = json[1..];
        long exponent = 0;
        int e = json.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0)
        {
            exponent = ReadExponent(json[(e + 1)..]);
            json = json[..e];
        }
        int point = json.IndexOf((byte)'.');
        _whole = point < 0 ? json : json[..point];
        _fraction = point < 0 ? [] : json[(point + 1)..];

        int last = _whole.Length + _fraction.Length;
        while (_first < last && Raw(_first) == '0')
            _first++;
        while (last > _first && Raw(last - 1) == '0')
            last--;
        Count = last - _first;
        Magnitude = Count == 0 ? 0 : _whole.Length - _first + exponent;
        Negative &= Count > 0;
    }

    public bool Negative { get; }

    /// <summary>Significant digits.</summary>
    public int Count { get; }

    public long Magnitude { get; }

    public bool IsZero => Count == 0;

    /// <summary>1.0 and 10e-1 are integers, as the specification wants.</summary>
    public bool IsInteger => Magnitude >= Count;

    public int this[int index] => Raw(_first + index) - '0';

    public static ExactNumber Of(JsonElement number) => new(JsonMarshal.GetRawUtf8Value(number));

    public int CompareTo(ExactNumber other)
    {
        if (Negative != other.Negative)
            return Negative ? -1 : 1;
        int magnitude = CompareMagnitude(other);
        return Negative ? -magnitude : magnitude;
    }

    /// <summary>The value as a count, for keywords like maxLength: "2.0" is 2, what is larger than int.MaxValue is that.</summary>
    public int ToCount()
    {
        if (Magnitude > 10)
            return int.MaxValue;
        long value = 0;
        for (int i = 0; i < Magnitude; i++)
            value = value * 10 + (i < Count ? this[i] : 0);
        return (int)Math.Min(value, int.MaxValue);
    }

    private int CompareMagnitude(ExactNumber other)
    {
        if (IsZero || other.IsZero)
            return Count.CompareTo(other.Count);
        if (Magnitude != other.Magnitude)
            return Magnitude.CompareTo(other.Magnitude);
        int common = Math.Min(Count, other.Count);
        for (int i = 0; i < common; i++)
        {
            if (this[i] != other[i])
                return this[i].CompareTo(other[i]);
        }
        return Count.CompareTo(other.Count);
    }

    private byte Raw(int index) => index < _whole.Length ? _whole[index] : _fraction[index - _whole.Length];

    private static long ReadExponent(ReadOnlySpan<byte> text)
    {
        bool negative = text[0] == '-';
        long exponent = 0;
        foreach (byte b in text)
        {
            if (b is not ((byte)'-' or (byte)'+'))
                exponent = Math.Min(exponent * 10 + (b - '0'), MaxExponent);
        }
        return negative ? -exponent : exponent;
    }
}
