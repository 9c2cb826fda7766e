using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Agora.Crypto.Tokens;

/// <summary>
/// A public key of somebody else's, as a JSON Web Key (RFC 7517) tells it, with the one algorithm that it verifies: RS256 (RSA of 2,048 to 8,192 bits), ES256 (P-256) or
/// EdDSA (Ed25519). The key says the algorithm and not the token, so no token chooses how it is verified (RFC 8725 section 3.1).
/// </summary>
public sealed class VerifyingKey
{
    public const string Rs256 = "RS256";
    public const string Es256 = "ES256";
    public const string EdDsa = "EdDSA";

    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;
    private const int CoordinateBytes = 32;

    private readonly Lock _gate = new();
    private readonly Func<byte[], byte[], bool> _verify;

    private VerifyingKey(string? keyId, string algorithm, Func<byte[], byte[], bool> verify) => (KeyId, Algorithm, _verify) = (keyId, algorithm, verify);

    /// <summary>Null: it has no name.</summary>
    public string? KeyId { get; }

    public string Algorithm { get; }

    /// <returns>Null: it is no key that signs tokens, or of no algorithm that is taken here. A set may hold others for other uses.</returns>
    public static VerifyingKey? Of(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || jwk.TryGetProperty("use", out _) && jwk.TextOf("use") != "sig") return null;

        var (keyId, algorithm) = (jwk.TextOf("kid"), jwk.TextOf("alg"));
        try
        {
            var key = jwk.TextOf("kty") switch
            {
                "RSA" => Rsa(keyId, Bytes(jwk, "n"), Bytes(jwk, "e")),
                "EC" when jwk.TextOf("crv") == "P-256" => Ec(keyId, Bytes(jwk, "x"), Bytes(jwk, "y")),
                "OKP" when jwk.TextOf("crv") == "Ed25519" => Okp(keyId, Bytes(jwk, "x")),
                _ => null,
            };
            return algorithm is null || algorithm == key?.Algorithm ? key : null;
        }
        catch (CryptographicException)
        {
            return null; // no point of the curve, or no modulus
        }
    }

    /// <summary>One at a time: the keys of the runtime are not said to be safe for several threads, and a signature takes some ten microseconds.</summary>
    public bool Verify(byte[] signed, byte[] signature)
    {
        lock (_gate)
        {
            return _verify(signed, signature);
        }
    }

    private static VerifyingKey? Rsa(string? keyId, byte[]? modulus, byte[]? exponent)
    {
        if (modulus is null || exponent is not { Length: > 0 and <= 8 }) return null;

        var key = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        return key.KeySize is >= LeastRsaBits and <= MostRsaBits
            ? new(keyId, Rs256, (signed, signature) => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            : null;
    }

    private static VerifyingKey? Ec(string? keyId, byte[]? x, byte[]? y)
    {
        if (x is not { Length: CoordinateBytes } || y is not { Length: CoordinateBytes }) return null;

        var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } });
        return new(keyId, Es256, (signed, signature) => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    private static VerifyingKey? Okp(string? keyId, byte[]? x)
    {
        if (x is null || !PublicKeyRules.IsKey(x)) return null;

        var key = new Ed25519PublicKey(x);
        return new(keyId, EdDsa, (signed, signature) => key.Verify(signed, signature));
    }

    private static byte[]? Bytes(JsonElement jwk, string name) => jwk.TextOf(name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
