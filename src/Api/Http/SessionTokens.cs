using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>
/// Session tokens are derived, not stored: <c>agt_{session id}.{expiry, unix seconds}.{base64url HMAC-SHA256}</c> over tenant,
/// session id and expiry. So a repeated auth gets the same token, and nothing in the database is worth stealing.
/// <para>Each token has exactly one spelling: what was read is written again and compared, whole and in constant time. Otherwise base64's
/// spare bits and leading zeros would give one session many tokens, and a deny list of them would leak.</para>
/// </summary>
internal sealed class SessionTokens(ReadOnlyMemory<byte> key, TimeProvider time)
{
    private const string Prefix = "agt_";
    private const int MaxLength = 256;

    public string Mint(string sessionId, DateTimeOffset expiresAt) => Mint(sessionId, expiresAt.ToUnixTimeSeconds());

    /// <returns>The session's id, or why the token is refused.</returns>
    public (string? SessionId, Rejection? Refusal) Read(string? token)
    {
        if (token is null || token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return (null, Forged);
        }

        // Ids may contain dots: the two parts that cannot are taken from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token.LastIndexOf('.', mac - 1);
        if (expiry < Prefix.Length
            || !long.TryParse(token.AsSpan(expiry + 1, mac - expiry - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var expiresAt)
            || !DisplayText.IsId(token.AsSpan(Prefix.Length, expiry - Prefix.Length)))
        {
            return (null, Forged);
        }

        var sessionId = token[Prefix.Length..expiry];
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Mint(sessionId, expiresAt))))
        {
            return (null, Forged);
        }

        return time.GetUtcNow().ToUnixTimeSeconds() >= expiresAt ? (null, Expired) : (sessionId, null);
    }

    private static readonly Rejection Forged = new(Codes.Unauthorized, "A valid session token is required: Authorization: Bearer agt_…");
    private static readonly Rejection Expired = new(Codes.SessionExpired, "The session has expired; authenticate again.");

    private string Mint(string sessionId, long expiresAt)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"agora.session-token.v1\n{StreamId.DefaultTenant}\n{sessionId}\n{expiresAt}");
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Span, Encoding.UTF8.GetBytes(signed), mac);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{sessionId}.{expiresAt}.{Base64Url.EncodeToString(mac)}");
    }
}
