using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Agora.Application.Calls;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Web;

/// <summary>
/// Session tokens are derived, not stored: <c>agt_{tenant}~{session id}.{expiry, unix seconds}.{base64url HMAC-SHA256}</c> over tenant,
/// session id and expiry; of the default tenant <c>{tenant}~</c> is left out. So a repeated auth gets the same token, and nothing in the database is worth stealing.
/// <para>Each token has exactly one spelling: what was read is written again and compared, whole and in constant time. Otherwise base64's
/// spare bits and leading zeros would give one session many tokens, and a deny list of them would leak.</para>
/// </summary>
internal sealed class SessionTokens(ReadOnlyMemory<byte> key, TenantTimes times)
{
    private const string Prefix = "agt_";
    private const int MaxLength = 256;

    public string Mint(Tenant tenant, string sessionId, DateTimeOffset expiresAt) =>
        Encoding.ASCII.GetString(Mint(tenant, sessionId, expiresAt.ToUnixTimeSeconds(), stackalloc byte[MaxLength]));

    /// <returns>The session, or why the token is refused.</returns>
    public (SessionOf? Session, Rejection? Refusal) Read(ReadOnlySpan<char> token)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal)) return (null, Required.For(token));

        // Ids may contain dots: the two parts that cannot are taken from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token[..mac].LastIndexOf('.');
        var start = TenantMark.IdAt(token, Prefix.Length);
        if (expiry < start
            || TenantMark.Read(token[Prefix.Length..start]) is not { } tenant
            || !long.TryParse(token[(expiry + 1)..mac], NumberStyles.None, CultureInfo.InvariantCulture, out var expiresAt)
            || !DisplayText.IsId(token[start..expiry]))
        {
            return (null, Required.For(token));
        }

        var sessionId = token[start..expiry];
        Span<byte> presented = stackalloc byte[Encoding.UTF8.GetMaxByteCount(MaxLength)];
        Span<byte> minted = stackalloc byte[MaxLength];
        if (!CryptographicOperations.FixedTimeEquals(presented[..Encoding.UTF8.GetBytes(token, presented)], Mint(tenant, sessionId, expiresAt, minted)))
        {
            return (null, Required.For(token));
        }

        return times.Now(tenant).ToUnixTimeSeconds() >= expiresAt ? (null, Expired) : (new(tenant, sessionId.ToString()), null);
    }

    private static readonly RequiredCredential Required = new("A valid session token is required: Authorization: Bearer agt_…");
    private static readonly Rejection Expired = new(Codes.SessionExpired, "The session has expired; authenticate again.");

    /// <summary>An id has at most 128 characters, a tenant 32, all of them ASCII: what is signed and what is minted fit into <see cref="MaxLength"/> bytes.</summary>
    private ReadOnlySpan<byte> Mint(Tenant tenant, ReadOnlySpan<char> sessionId, long expiresAt, Span<byte> token)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Invariant.Check(Utf8.TryWrite(token, CultureInfo.InvariantCulture, $"agora.session-token.v1\n{tenant.Name}\n{sessionId}\n{expiresAt}", out var signed), "token_fits");
        HMACSHA256.HashData(key.Span, token[..signed], mac);
        Invariant.Check(Utf8.TryWrite(token, CultureInfo.InvariantCulture, $"{Prefix}{TenantMark.Of(tenant)}{sessionId}.{expiresAt}.", out var head), "token_fits");
        return token[..(head + Base64Url.EncodeToUtf8(mac, token[head..]))];
    }
}
