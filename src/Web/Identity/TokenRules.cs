using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;

namespace Agora.Web.Identity;

/// <summary>
/// What the claims of a token whose signature is good have to say (RFC 7519 section 4.1, RFC 8725), and whom they name. Clocks may differ by <see cref="Limits.TokenClockSkew"/>.
/// </summary>
internal static class TokenRules
{
    private const int NameLength = 64;

    /// <returns>Why the token is refused, as a sentence; null: it holds.</returns>
    public static string? Refusal(TrustedIssuer issuer, JsonElement claims, DateTimeOffset now)
    {
        var (from, until) = (now - Limits.TokenClockSkew, now + Limits.TokenClockSkew);
        return claims.TextOf("iss") != issuer.Issuer ? "The token is of another issuer."
            : Number(claims, "exp") is not { } exp ? "The token has no end: its claim exp is missing."
            : exp <= Seconds(from) ? "The token has expired; sign in again."
            : IsLater(claims, "nbf", until) || IsLater(claims, "iat", until) ? "The token is of a time to come; the clocks differ by more than a minute."
            : issuer.Audience is { } audience && !Texts(Claim(claims, "aud"), "aud").Contains(audience) ? "The token is for another audience."
            : issuer.ClientId is { } client && claims.TextOf("client_id") != client ? "The token is for another client."
            : issuer.ClientId is not null && claims.TextOf("token_use") != "access" ? "The token is no token of access."
            : claims.TextOf("sub") is not { Length: > 0 and <= Limits.SubjectLength } ? $"The token names nobody: its claim sub must be a text of 1 to {Limits.SubjectLength} characters."
            : null;
    }

    public static Role RolesOf(TrustedIssuer issuer, JsonElement claims) => Texts(Claim(claims, issuer.RolesClaim), issuer.RolesClaim)
        .Aggregate(Role.None, (roles, said) => roles | (issuer.Roles.Count == 0 ? Roles.Parse(said) : issuer.Roles.GetValueOrDefault(said)));

    /// <summary>The owner of campaigns and agents that the token stands for. Null if the claim is missing, not a string or empty.</summary>
    public static string? OwnerOf(TrustedIssuer issuer, JsonElement claims) =>
        ClaimedOwner(issuer, claims) is { } owner ? OwnerIds.Of(issuer.OwnerPrefix, owner) : null;

    /// <summary>The same as the issuer names it, after its prefix. Null if that is an id: it may then be another owner's.</summary>
    public static string? OwnerNameOf(TrustedIssuer issuer, JsonElement claims) =>
        ClaimedOwner(issuer, claims) is { } owner && $"{issuer.OwnerPrefix}{owner}" is var name && !DisplayText.IsId(name) ? name : null;

    private static string? ClaimedOwner(TrustedIssuer issuer, JsonElement claims) =>
        Claim(claims, issuer.OwnerClaim) is { ValueKind: JsonValueKind.String } said && said.GetString() is { Length: > 0 } owner ? owner : null;

    /// <summary>A claim by its name, or by a path of names with dots between them, such as Keycloak's realm_access.roles. A claim whose own name has dots takes precedence.</summary>
    private static JsonElement? Claim(JsonElement claims, string path)
    {
        if (claims.ValueKind != JsonValueKind.Object) return null;
        if (claims.TryGetProperty(path, out var named)) return named;

        for (var dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (claims.TryGetProperty(path[..dot], out var part) && Claim(part, path[(dot + 1)..]) is { } found) return found;
        }

        return null;
    }

    /// <summary>Of a token that holds.</summary>
    public static DateTimeOffset EndOf(JsonElement claims) =>
        Number(claims, "exp") is { } exp && exp < Seconds(DateTimeOffset.MaxValue) ? DateTimeOffset.FromUnixTimeSeconds((long)exp) : DateTimeOffset.MaxValue;

    /// <summary>One for each subject of each issuer, and no key's: those have no slash. A subject that is no short name stands as its hash.</summary>
    public static string NameOf(TrustedIssuer issuer, JsonElement claims)
    {
        var subject = claims.TextOf("sub")!;
        return $"{issuer.Name}/{(subject.Length <= NameLength && subject.All(IsOfName) ? subject : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))}")}";
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '|' or '+';

    private static bool IsLater(JsonElement claims, string name, DateTimeOffset than) => claims.TryGetProperty(name, out _) && !(Number(claims, name) <= Seconds(than));

    private static decimal Seconds(DateTimeOffset time) => (decimal)(time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;

    /// <summary>A NumericDate may have a fraction (RFC 7519 section 2).</summary>
    private static decimal? Number(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A text, of which a scope (RFC 9068 section 2.2.3) has several with blanks between, or a list of texts.</summary>
    private static IEnumerable<string> Texts(JsonElement? claim, string name) => claim is not { } value ? []
        : value.ValueKind == JsonValueKind.String ? name == "scope" ? value.GetString()!.Split(' ') : [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
        : [];
}
