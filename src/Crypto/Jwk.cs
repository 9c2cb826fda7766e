using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Agora.Crypto;

/// <summary>A public Ed25519 key as a JSON Web Key (RFC 7517; OKP of RFC 8037), named by its thumbprint (RFC 7638).</summary>
public sealed record Jwk(ReadOnlyMemory<byte> PublicKey)
{
    private string X { get; } = Base64Url.EncodeToString(PublicKey.Span);

    /// <summary>SHA-256 of the required members in order of their names, in base64url.</summary>
    public string KeyId => field ??= Thumbprint("Ed25519", PublicKey.Span);

    /// <summary>What verifies by it: made at first use, and kept.</summary>
    internal Ed25519PublicKey Verifier => field ??= new(PublicKey.Span);

    /// <summary>The name of a public key of this curve: Ed25519 or X25519.</summary>
    public static string Thumbprint(string curve, ReadOnlySpan<byte> publicKey) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"{{curve}}","kty":"OKP","x":"{{Base64Url.EncodeToString(publicKey)}}"}""")));

    public JsonObject Document() => new() { ["kty"] = "OKP", ["crv"] = "Ed25519", ["use"] = "sig", ["alg"] = "EdDSA", ["kid"] = KeyId, ["x"] = X };
}
