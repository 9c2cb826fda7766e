using System.Text.Json;
using Agora.Core.Access;
using Agora.Crypto;

namespace Agora.Web.Identity;

/// <summary>What a token that answers a sign-in has to say (OpenID Connect Core 1.0 sections 2 and 3.1.3.7), beside what every token has to: it is for the console, and for this very sign-in.</summary>
internal static class IdTokenRules
{
    /// <returns>Why the token is refused, as a sentence; null: it holds, once its signature was verified.</returns>
    public static string? Refusal(TrustedIssuer issuer, JsonElement claims, string nonce, DateTimeOffset now)
    {
        var client = issuer.SignIn!.ClientId;
        return TokenRules.Refusal(issuer with { Audience = client, ClientId = null }, claims, now) is { } refused ? refused
            : !claims.TryGetProperty("iat", out _) ? "The token does not say when it was issued: its claim iat is missing."
            : (HasSeveralAudiences(claims) || claims.TryGetProperty("azp", out _)) && claims.TextOf("azp") != client ? "The token was issued to another client: its claim azp says so."
            : claims.TextOf("nonce") is not { } said || !FixedTime.AreEqual(said, nonce) ? "The token is of another sign-in: its nonce is not the one that was sent."
            : null;
    }

    private static bool HasSeveralAudiences(JsonElement claims) => claims.GetProperty("aud") is { ValueKind: JsonValueKind.Array } audiences && audiences.GetArrayLength() > 1;
}
