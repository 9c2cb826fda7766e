using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Agora.Crypto;

/// <summary>What a token says.</summary>
public sealed record JwsContent(string Type, string KeyId, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Compact JSON Web Signatures (RFC 7515) with EdDSA over Ed25519 (RFC 8037), the only algorithm that is made or taken here: a token cannot
/// choose how it is verified.
/// </summary>
public static class Jws
{
    private const string Algorithm = "EdDSA";

    /// <param name="type">Of the header (<c>typ</c>): tells one kind of token from another, so that none is taken for another.</param>
    public static string Sign(string type, ReadOnlySpan<byte> payload, Ed25519PrivateKey key)
    {
        var header = $$"""{"alg":"{{Algorithm}}","typ":"{{type}}","kid":"{{new Jwk(key.PublicKey).KeyId}}"}""";
        var signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The token's content when it is of this type, whoever signed it; else null: for whoever has another reason to believe it. Total over any text.</summary>
    public static JwsContent? Read(string token, string type) =>
        token.Split('.') is [var header, var payload, _] && JoseText.Decode(header) is { } headerBytes && JoseText.Decode(payload) is { } content && KeyIdOf(headerBytes, type) is { } keyId ? new(type, keyId, content) : null;

    /// <summary>The token's content when it is of this type and signed by a key that is known; else null. Total over any text.</summary>
    public static JwsContent? Verify(string token, string type, Func<string, Jwk?> keyOf)
    {
        if (token.Split('.') is not [var header, var payload, var signature] || JoseText.Decode(header) is not { } headerBytes || JoseText.Decode(payload) is not { } content || JoseText.Decode(signature) is not { } signed
            || KeyIdOf(headerBytes, type) is not { } keyId || keyOf(keyId) is not { PublicKey.Length: Ed25519.PublicKeyBytes } jwk)
        {
            return null;
        }

        return jwk.Verifier.Verify(Encoding.ASCII.GetBytes($"{header}.{payload}"), signed) ? new(type, keyId, content) : null;
    }

    private static string? KeyIdOf(byte[] header, string type)
    {
        try
        {
            using var json = JsonDocument.Parse(header);
            var root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TextOf("alg") == Algorithm && root.TextOf("typ") == type && !root.TryGetProperty("crit", out _) ? root.TextOf("kid") : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // The latter: text that is not Unicode, which is seen only when it is read.
        }
    }
}
