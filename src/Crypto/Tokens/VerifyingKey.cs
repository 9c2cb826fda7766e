using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Agora.Crypto.Tokens;

/// <summary>
/// A public key of an issuer, read from a JSON Web Key (RFC 7517), with the one algorithm that it verifies: RSA (2,048 to 8,192 bits) by PKCS #1 1.5 or PSS, ECDSA with P-256 or P-384, or
/// EdDSA (Ed25519). The key names the algorithm, not the token, so no token chooses how it is verified (RFC 8725 section 3.1). A key without <c>alg</c> has the usual one of its type: RS256, ES256, ES384 or EdDSA.
/// </summary>
public sealed class VerifyingKey
{
    public const string EdDsa = "EdDSA";

    private const string Rs256 = "RS256";

    /// <summary>Another name of <see cref="EdDsa"/> with this curve (RFC 9864).</summary>
    private const string Ed25519Name = "Ed25519";

    private static readonly IReadOnlyDictionary<string, (HashAlgorithmName Hash, RSASignaturePadding Padding)> RsaAlgorithms = new Dictionary<string, (HashAlgorithmName, RSASignaturePadding)>
    {
        [Rs256] = (HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ["RS384"] = (HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        ["RS512"] = (HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        ["PS256"] = (HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        ["PS384"] = (HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        ["PS512"] = (HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
    };

    /// <summary>The algorithms by the name of their curve.</summary>
    private static readonly IReadOnlyDictionary<string, (string Algorithm, ECCurve Curve, HashAlgorithmName Hash, int CoordinateBytes)> EcAlgorithms = new Dictionary<string, (string, ECCurve, HashAlgorithmName, int)>
    {
        ["P-256"] = ("ES256", ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, 32),
        ["P-384"] = ("ES384", ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, 48),
    };

    /// <summary>The names of all algorithms that are verified.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [.. RsaAlgorithms.Keys, .. EcAlgorithms.Values.Select(static ec => ec.Algorithm), EdDsa];

    /// <summary>The canonical name of an algorithm that has two names.</summary>
    public static string Named(string algorithm) => algorithm == Ed25519Name ? EdDsa : algorithm;

    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

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

        var (keyId, algorithm) = (jwk.TextOf("kid"), jwk.TextOf("alg") is { } said ? Named(said) : null);
        try
        {
            var key = jwk.TextOf("kty") switch
            {
                "RSA" => Rsa(keyId, algorithm ?? Rs256, Bytes(jwk, "n"), Bytes(jwk, "e")),
                "EC" => Ec(keyId, jwk.TextOf("crv"), Bytes(jwk, "x"), Bytes(jwk, "y")),
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

    private static VerifyingKey? Rsa(string? keyId, string algorithm, byte[]? modulus, byte[]? exponent)
    {
        if (modulus is null || exponent is not { Length: > 0 and <= 8 } || !RsaAlgorithms.TryGetValue(algorithm, out var by)) return null;

        var key = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        return key.KeySize is >= LeastRsaBits and <= MostRsaBits
            ? new(keyId, algorithm, (signed, signature) => key.VerifyData(signed, signature, by.Hash, by.Padding))
            : null;
    }

    private static VerifyingKey? Ec(string? keyId, string? curve, byte[]? x, byte[]? y)
    {
        if (curve is null || !EcAlgorithms.TryGetValue(curve, out var by) || x?.Length != by.CoordinateBytes || y?.Length != by.CoordinateBytes)
        {
            return null;
        }

        var key = ECDsa.Create(new ECParameters { Curve = by.Curve, Q = new() { X = x, Y = y } });
        return new(keyId, by.Algorithm, (signed, signature) => key.VerifyData(signed, signature, by.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    private static VerifyingKey? Okp(string? keyId, byte[]? x)
    {
        if (x is null || !PublicKeyRules.IsKey(x)) return null;

        var key = new Ed25519PublicKey(x);
        return new(keyId, EdDsa, (signed, signature) => key.Verify(signed, signature));
    }

    private static byte[]? Bytes(JsonElement jwk, string name) => jwk.TextOf(name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
