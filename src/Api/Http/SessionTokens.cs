using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
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

    public string Mint(string sessionId, DateTimeOffset expiresAt) =>
        Encoding.ASCII.GetString(Mint(sessionId, expiresAt.ToUnixTimeSeconds(), stackalloc byte[MaxLength]));

    /// <returns>The session's id, or why the token is refused.</returns>
    public (string? SessionId, Rejection? Refusal) Read(ReadOnlySpan<char> token)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return (null, Forged);
        }

        // Ids may contain dots: the two parts that cannot are taken from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token[..mac].LastIndexOf('.');
        if (expiry < Prefix.Length
            || !long.TryParse(token[(expiry + 1)..mac], NumberStyles.None, CultureInfo.InvariantCulture, out var expiresAt)
            || !DisplayText.IsId(token[Prefix.Length..expiry]))
        {
            return (null, Forged);
        }

        var sessionId = token[Prefix.Length..expiry];
        Span<byte> presented = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxLength)];
        Span<byte> minted = stackalloc byte[MaxLength];
        if (!CryptographicOperations.FixedTimeEquals(presented[..Encoding.UTF8.GetBytes(token, presented)], Mint(sessionId, expiresAt, minted)))
        {
            return (null, Forged);
        }

        return time.GetUtcNow().ToUnixTimeSeconds() >= expiresAt ? (null, Expired) : (sessionId.ToString(), null);
    }

    private static readonly Rejection Forged = new(Codes.Unauthorized, "A valid session token is required: Authorization: Bearer agt_…");
    private static readonly Rejection Expired = new(Codes.SessionExpired, "The session has expired; authenticate again.");

    /// <summary>An id has at most 128 characters, all of them ASCII: what is signed and what is minted fit into <see cref="MaxLength"/> bytes.</summary>
    private ReadOnlySpan<byte> Mint(ReadOnlySpan<char> sessionId, long expiresAt, Span<byte> token)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Invariant.Check(Utf8.TryWrite(token, CultureInfo.InvariantCulture, $"agora.session-token.v1\n{StreamId.DefaultTenant}\n{sessionId}\n{expiresAt}", out var signed), "token_fits");
        HMACSHA256.HashData(key.Span, token[..signed], mac);
        Invariant.Check(Utf8.TryWrite(token, CultureInfo.InvariantCulture, $"{Prefix}{sessionId}.{expiresAt}.", out var head), "token_fits");
        return token[..(head + Base64Url.EncodeToUtf8(mac, token[head..]))];
    }
}
