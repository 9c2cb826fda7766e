using System.Numerics;

namespace Agora.Samples.Facilitator.Signatures;

/// <summary>
/// Whose key signed: public key recovery on the curve secp256k1. Source: SEC 1 v2, §4.1.6, and SEC 2 v2, §2.4.1.
/// In affine coordinates, to be read and not to be fast: some ten milliseconds a signature. It holds no secrets, so how long it takes tells nothing.
/// </summary>
internal static class Secp256k1
{
    private static readonly BigInteger P = Number("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");
    private static readonly BigInteger N = Number("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
    private static readonly Point G = new(
        Number("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"),
        Number("483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"));

    /// <summary>The address, in lower case, of the key that made a signature r ‖ s ‖ v (65 bytes) of this hash; null where there is none.</summary>
    public static string? RecoverAddress(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 65)
            return null;
        var (r, s, v) = (Number(signature[..32]), Number(signature[32..64]), signature[64]);
        // The upper half of s is a second spelling of the same signature; contracts that recover signers refuse it (EIP-2).
        if (r.IsZero || r >= N || s.IsZero || s > N / 2 || v is not (0 or 1 or 27 or 28))
            return null;
        if (Lift(r, isOdd: v is 1 or 28) is not { } point)
            return null;

        var inverse = Inverse(r, N);
        var z = Number(hash);
        return Sum(G, Modulo(-z * inverse, N), point, s * inverse % N) is { } key ? AddressOf(key) : null;
    }

    private static string AddressOf(Point key)
    {
        Span<byte> bytes = stackalloc byte[64];
        Write(key.X, bytes[..32]);
        Write(key.Y, bytes[32..]);
        return $"0x{Convert.ToHexStringLower(Keccak256.Hash(bytes).AsSpan(12))}";
    }

    /// <summary>The point of the curve y² = x³ + 7 with this x; null where there is none.</summary>
    private static Point? Lift(BigInteger x, bool isOdd)
    {
        var square = (x * x * x + 7) % P;
        var y = BigInteger.ModPow(square, (P + 1) / 4, P);
        return y * y % P != square ? null : new Point(x, y.IsEven == isOdd ? P - y : y);
    }

    /// <summary>a·A + b·B, bit by bit for both at once; null is the point at infinity.</summary>
    private static Point? Sum(Point a, BigInteger aTimes, Point b, BigInteger bTimes)
    {
        var both = Add(a, b);
        Point? sum = null;
        for (var bit = 255; bit >= 0; bit--)
        {
            sum = Add(sum, sum);
            sum = (Bit(aTimes, bit), Bit(bTimes, bit)) switch
            {
                (true, true) => Add(sum, both),
                (true, false) => Add(sum, a),
                (false, true) => Add(sum, b),
                _ => sum,
            };
        }
        return sum;
    }

    private static Point? Add(Point? left, Point? right)
    {
        if (left is not { } a || right is not { } b)
            return left ?? right;
        if (a.X == b.X && a.Y != b.Y)
            return null;
        var slope = a.X == b.X
            ? 3 * a.X * a.X * Inverse(2 * a.Y % P, P) % P
            : Modulo(b.Y - a.Y, P) * Inverse(Modulo(b.X - a.X, P), P) % P;
        var x = Modulo(slope * slope - a.X - b.X, P);
        return new Point(x, Modulo(slope * (a.X - x) - a.Y, P));
    }

    private static bool Bit(BigInteger number, int bit) => !((number >> bit) & 1).IsZero;

    /// <summary>Euclid's algorithm, extended. Both moduli are primes, so all but zero has an inverse.</summary>
    private static BigInteger Inverse(BigInteger number, BigInteger modulus)
    {
        var (rest, next) = (modulus, number);
        var (factor, nextFactor) = (BigInteger.Zero, BigInteger.One);
        while (!next.IsZero)
        {
            var quotient = BigInteger.DivRem(rest, next, out var remainder);
            (rest, next) = (next, remainder);
            (factor, nextFactor) = (nextFactor, factor - quotient * nextFactor);
        }
        return Modulo(factor, modulus);
    }

    private static BigInteger Modulo(BigInteger number, BigInteger modulus) => number % modulus is { Sign: < 0 } negative ? negative + modulus : number % modulus;

    private static BigInteger Number(string hexadecimal) => Number(Convert.FromHexString(hexadecimal));

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static void Write(BigInteger number, Span<byte> into)
    {
        into.Clear();
        number.TryWriteBytes(into[(into.Length - number.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
    }

    private readonly record struct Point(BigInteger X, BigInteger Y);
}
