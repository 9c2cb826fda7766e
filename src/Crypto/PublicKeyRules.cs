namespace Agora.Crypto;

/// <summary>
/// Which 32 bytes are the public key of no private key, though a library may accept them. A point of low order verifies signatures that no key made, one of eight
/// messages or all of them; and where y is not below 2²⁵⁵ − 19 the same key has a second spelling, so a second name (RFC 8032 §5.1.3 refuses to
/// decode it). No key that was made from a seed is either.
/// </summary>
public static class PublicKeyRules
{
    /// <summary>2²⁵⁵ − 19, little endian as all that follows.</summary>
    private static readonly byte[] Prime = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    /// <summary>y of the eight points whose order divides 8; x and −x share one. 0 has order 4, 1 is the neutral point, −1 has order 2.</summary>
    private static readonly byte[][] LowOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];

    /// <summary>u of the points of low order of Curve25519 and of its twist (RFC 7748 §6.1): a secret that is agreed on with any of them is zero.</summary>
    private static readonly byte[][] LowOrderOfAgreement =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    ];

    /// <summary>One that verifies, of Ed25519. Nothing of a public key is secret, so the time this takes may tell of it.</summary>
    public static bool IsKey(ReadOnlySpan<byte> publicKey) => Is(publicKey, LowOrder); // the highest bit is x's

    /// <summary>One that secrets are agreed on with, of X25519.</summary>
    public static bool IsAgreementKey(ReadOnlySpan<byte> publicKey) => Is(publicKey, LowOrderOfAgreement); // the highest bit does not count

    private static bool Is(ReadOnlySpan<byte> publicKey, byte[][] lowOrder)
    {
        if (publicKey.Length != Ed25519.PublicKeyBytes) return false;
        Span<byte> coordinate = stackalloc byte[Ed25519.PublicKeyBytes];
        publicKey.CopyTo(coordinate);
        coordinate[^1] &= 0x7F;
        if (!IsBelow(coordinate, Prime)) return false;
        foreach (var low in lowOrder)
        {
            if (coordinate.SequenceEqual(low)) return false;
        }

        return true;
    }

    private static bool IsBelow(ReadOnlySpan<byte> y, ReadOnlySpan<byte> bound)
    {
        for (var i = y.Length - 1; i >= 0; i--)
        {
            if (y[i] != bound[i]) return y[i] < bound[i];
        }

        return false;
    }
}
