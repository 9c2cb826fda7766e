using System.Numerics;
using System.Security.Cryptography;

namespace Agora.Client.Http;

/// <summary>
/// Ed25519 as far as checking takes (RFC 8032), which .NET has not: plain integers, nothing secret, some milliseconds a signature. It works wherever .NET does.
/// </summary>
public static class Ed25519Verifier
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly BigInteger LowBits = BigInteger.Pow(2, 255) - 1;
    private static readonly Point Zero = new(0, 1, 1, 0);
    private static readonly Point Base = Decode(Bytes(Mod(4 * Inverse(5))))!;

    /// <summary>False where the bytes are nobody's key: points of low order verify what no key signed.</summary>
    public static bool IsKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32 || Decode(key) is not { } point) return false;

        for (var i = 0; i < 3; i++)
        {
            point = Add(point, point);
        }

        return !Mod(point.X).IsZero || !Mod(point.Y - point.Z).IsZero;
    }

    /// <summary>True where the signature is the key's over the message. Total over any bytes.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 64 || !IsKey(key)) return false;

        var s = Number(signature[32..]);
        if (s >= L) return false;

        var point = Decode(key)!;
        var k = Number(SHA512.HashData([.. signature[..32], .. key, .. message])) % L;
        return Encode(Sum(s, k, new(Mod(-point.X), point.Y, point.Z, Mod(-point.T)))).AsSpan().SequenceEqual(signature[..32]);
    }

    /// <summary>s times the base point and k times the other, in one walk over the bits of both.</summary>
    private static Point Sum(BigInteger s, BigInteger k, Point other)
    {
        var (both, result) = (Add(Base, other), Zero);
        for (var bit = 255; bit >= 0; bit--)
        {
            result = Add(result, result);
            var (ofBase, ofOther) = (!(s >> bit).IsEven, !(k >> bit).IsEven);
            if (ofBase || ofOther)
            {
                result = Add(result, ofBase && ofOther ? both : ofBase ? Base : other);
            }
        }

        return result;
    }

    private static Point Add(Point p, Point q)
    {
        var (a, b) = (Mod((p.Y - p.X) * (q.Y - q.X)), Mod((p.Y + p.X) * (q.Y + q.X)));
        var (c, d) = (Mod(2 * p.T * q.T * D), Mod(2 * p.Z * q.Z));
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
    }

    /// <summary>Null: the bytes name no point, or by a second spelling.</summary>
    private static Point? Decode(ReadOnlySpan<byte> text)
    {
        var (number, negative) = (Number(text), (text[31] & 0x80) != 0);
        var y = number & LowBits;
        if (y >= P) return null;

        var square = Mod((y * y - 1) * Inverse(Mod(D * y * y + 1)));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (!Mod(x * x - square).IsZero)
        {
            x = Mod(x * RootOfMinusOne);
        }

        if (!Mod(x * x - square).IsZero || (x.IsZero && negative)) return null;
        x = x.IsEven == negative ? P - x : x;
        return new(x, y, 1, Mod(x * y));
    }

    private static byte[] Encode(Point point)
    {
        var inverse = Inverse(point.Z);
        var (x, encoded) = (Mod(point.X * inverse), Bytes(Mod(point.Y * inverse)));
        encoded[31] |= (byte)(x.IsEven ? 0 : 0x80);
        return encoded;
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(value, P - 2, P);

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }

    private static BigInteger Number(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private sealed record Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);
}
