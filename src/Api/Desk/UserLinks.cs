using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Desk;

/// <summary>
/// Links by which a user comes to its pages: <c>/console/enter/aul_{tenant}~{user id}.{expiry, unix seconds}.{base64url HMAC-SHA256}</c> over all three; of the default tenant <c>{tenant}~</c> is left out.
/// Whoever has one is taken for the user until it ends, so an operator passes it on to nobody else. Nothing of it is stored, and each has exactly one spelling.
/// </summary>
internal sealed class UserLinks(ApiOptions options)
{
    public const string Path = "/console/enter/";
    private const string Prefix = "aul_";
    private const int MaxLength = 320;

    /// <summary>Absolute where the process knows its public address.</summary>
    public string Make(Tenant tenant, string userId, DateTimeOffset until) => $"{options.PublicUrl}{Path}{Mint(tenant, userId, until.ToUnixTimeSeconds())}";

    /// <returns>Null: we did not make it, or its time is over.</returns>
    public (Tenant Tenant, string UserId, DateTimeOffset Until)? Read(string token, DateTimeOffset now)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal)) return null;

        // An id may have dots: what cannot is taken from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token.AsSpan(0, mac).LastIndexOf('.');
        var start = TenantMark.IdAt(token, Prefix.Length);
        if (expiry <= start || TenantMark.Read(token.AsSpan()[Prefix.Length..start]) is not { } tenant || !DisplayText.IsId(token.AsSpan()[start..expiry]))
        {
            return null;
        }

        if (!long.TryParse(token.AsSpan()[(expiry + 1)..mac], NumberStyles.None, CultureInfo.InvariantCulture, out var until)) return null;

        var userId = token[start..expiry];
        return Credentials.IsSame(token, Mint(tenant, userId, until)) && now.ToUnixTimeSeconds() < until
            ? (tenant, userId, DateTimeOffset.FromUnixTimeSeconds(until))
            : null;
    }

    private string Mint(Tenant tenant, string userId, long until)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"agora.user-link.v1\n{tenant.Name}\n{userId}\n{until}");
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{TenantMark.Of(tenant)}{userId}.{until}.{Base64Url.EncodeToString(HMACSHA256.HashData(options.TokenKey.Span, Encoding.UTF8.GetBytes(signed)))}");
    }
}
