namespace Agora.Core.Access;

/// <summary>What an issuer knows the console as (RFC 6749 section 2), where people sign in by it. A class, not a record: a record would print the secret wherever it is logged.</summary>
/// <param name="clientId">Of the console, at the issuer.</param>
/// <param name="clientSecret">Null: a public client, which proves by PKCE alone that a code is its own.</param>
/// <param name="scopes">What is asked for, with blanks between; <c>openid</c> is one of them.</param>
public sealed class SignInClient(string clientId, string? clientSecret, string scopes)
{
    public string ClientId { get; } = clientId;

    public string? ClientSecret { get; } = clientSecret;

    public string Scopes { get; } = scopes;
}
