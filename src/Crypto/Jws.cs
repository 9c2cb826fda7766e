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
    public static JwsContent? Read(string token, string type) => Parse(token, type)?.Content;

    /// <summary>The token's content when it is of this type and signed by a key that is known; else null. Total over any text.</summary>
    public static JwsContent? Verify(string token, string type, Func<string, Jwk?> keyOf) =>
        Parse(token, type) is var (content, signed, last) && JoseText.Decode(last) is { } signature && keyOf(content.KeyId) is { PublicKey.Length: Ed25519.PublicKeyBytes } jwk && jwk.Verifier.Verify(Encoding.ASCII.GetBytes(signed), signature) ? content : null;

    private static (JwsContent Content, string Signed, string Signature)? Parse(string token, string type) =>
        token.Split('.') is [var header, var payload, var last] && JoseText.Decode(header) is { } headerBytes && JoseText.Decode(payload) is { } content && KeyIdOf(headerBytes, type) is { } keyId
            ? (new(type, keyId, content), $"{header}.{payload}", last)
            : null;

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
