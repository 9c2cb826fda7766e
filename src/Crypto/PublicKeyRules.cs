namespace Agora.Crypto;

/// <summary>
/// Which 32 bytes are nobody's public key though OpenSSL takes them. A point of low order verifies signatures that no key made, one of eight
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

    /// <summary>Nothing of a public key is secret, so the time this takes may tell of it.</summary>
    public static bool IsKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Ed25519.PublicKeyBytes) return false;
        Span<byte> y = stackalloc byte[Ed25519.PublicKeyBytes];
        publicKey.CopyTo(y);
        y[^1] &= 0x7F; // the highest bit is x's
        if (!IsBelow(y, Prime)) return false;
        foreach (var low in LowOrder)
        {
            if (y.SequenceEqual(low)) return false;
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
