using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Crypto;

namespace Agora.Client.Http;

/// <summary>A receipt, as it came, and what it says.</summary>
public sealed record Receipt(string Token, JsonElement Claims);

/// <summary>Receipts, checked offline: a compact JWS (RFC 7515) by EdDSA (RFC 8037), against a key set that was fetched before.</summary>
public static class Receipts
{
    private const string Type = "agora-receipt+jwt";
    private const string TestType = "agora-test-receipt+jwt";

    /// <summary>What a receipt says, once its signature is found good. Nothing is asked of anybody.</summary>
    /// <param name="jwks">What <c>/.well-known/jwks.json</c> answered.</param>
    /// <param name="issuer">Who has to have signed it; null: whoever has the key.</param>
    /// <param name="test">It has to be one of play money, which is none of money, as test mode gives them.</param>
    /// <exception cref="ReceiptInvalidException">It is not what it says it is.</exception>
    public static JsonElement Verify(string token, JsonElement jwks, string? issuer = null, bool test = false)
    {
        if (token.Split('.') is not [var head, var payload, var signature]) throw new ReceiptInvalidException("It is no compact JWS.");

        var header = Json(head, "The header");
        if (Text(header, "alg") != "EdDSA" || Text(header, "typ") != (test ? TestType : Type) || header.TryGetProperty("crit", out _))
        {
            throw new ReceiptInvalidException("It is no receipt that is signed by EdDSA.");
        }

        var key = KeyOf(jwks, Text(header, "kid")) ?? throw new ReceiptInvalidException("It is signed by no key of the set.");
        var claims = Json(payload, "The payload");
        if (!new Ed25519PublicKey(key).Verify(Encoding.ASCII.GetBytes($"{head}.{payload}"), Decode(signature, "The signature")))
        {
            throw new ReceiptInvalidException("The signature is not good.");
        }

        if (issuer is not null && Text(claims, "iss") != issuer) throw new ReceiptInvalidException($"It was issued by {Text(claims, "iss")}.");
        return claims;
    }

    /// <summary>The key of this name; null: the set has none. A key's name is its thumbprint (RFC 7638), so no set can misname one.</summary>
    /// <exception cref="ReceiptInvalidException">It is not the key of that name, or nobody's.</exception>
    public static byte[]? KeyOf(JsonElement jwks, string? kid)
    {
        var jwk = jwks.GetProperty("keys").EnumerateArray().FirstOrDefault(key => kid is not null && Text(key, "kid") == kid);
        if (jwk.ValueKind != JsonValueKind.Object) return null;

        var x = Text(jwk, "x");
        var thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"Ed25519","kty":"OKP","x":"{{x}}"}""")));
        if (Text(jwk, "kty") != "OKP" || Text(jwk, "crv") != "Ed25519" || thumbprint != kid)
        {
            throw new ReceiptInvalidException($"Key {kid} is not the one of that name.");
        }

        var key = Decode(x ?? "", "The key");
        return PublicKeyRules.IsKey(key) ? key : throw new ReceiptInvalidException($"Key {kid} is nobody's: anyone could sign for it.");
    }

    private static string? Text(JsonElement value, string name) => value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static JsonElement Json(string part, string where)
    {
        try
        {
            using var parsed = JsonDocument.Parse(Decode(part, where));
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? JoseText.Readable(parsed.RootElement).Clone() : throw new ReceiptInvalidException($"{where} is no object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ReceiptInvalidException($"{where} is no JSON."); // The latter: text that is not Unicode, which is seen only when it is read.
        }
    }

    /// <summary>Strictly the one spelling: no padding, no blanks, no stray bits.</summary>
    private static byte[] Decode(string part, string where)
    {
        if (!Base64Url.IsValid(part)) throw new ReceiptInvalidException($"{where} is not base64url.");

        var bytes = Base64Url.DecodeFromChars(part);
        return Base64Url.EncodeToString(bytes) == part ? bytes : throw new ReceiptInvalidException($"{where} is not base64url.");
    }
}
