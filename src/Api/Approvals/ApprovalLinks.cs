using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Approvals;

/// <summary>
/// Links by which a user decides about one run: <c>/approvals/apv_{tenant}~{run id}.{session id}.{expiry, unix seconds}.{base64url HMAC-SHA256}</c>
/// over all four; of the default tenant <c>{tenant}~</c> is left out. Whoever has the link may decide, so it goes to operators, who pass it on to the user, and never to an agent.
/// <para>Nothing of it is stored, and as with session tokens each has exactly one spelling.</para>
/// </summary>
internal sealed class ApprovalLinks(ApiOptions options, TenantTimes times)
{
    private const string Prefix = "apv_";
    private const string Path = "/approvals/";
    private const int RunIdLength = 36;
    private const int MaxLength = 320;

    private static readonly Rejection Forged = new(Codes.NotFound, "There is no such approval. Check that the link is complete.");
    private static readonly Rejection Expired = new(Codes.ApprovalDecided, "The link has expired, and with it what it was about; nothing was spent.");

    /// <summary>Absolute where the process knows its public address.</summary>
    public string Link(Tenant tenant, Guid runId, string sessionId, DateTimeOffset expiresAt) => $"{options.PublicUrl}{Path}{Mint(tenant, runId, sessionId, expiresAt.ToUnixTimeSeconds())}";

    /// <returns>Which run of which session, or why the token is refused.</returns>
    public (LinkedRun? Run, Rejection? Refusal) Read(string token)
    {
        if (token.Length > MaxLength || !token.StartsWith(Prefix, StringComparison.Ordinal)) return (null, Forged);

        // Session ids contain dots: the run's id, of fixed length, is taken from the front, and what cannot have one from the end.
        var mac = token.LastIndexOf('.');
        var expiry = mac < 0 ? -1 : token.AsSpan(0, mac).LastIndexOf('.');
        var start = TenantMark.IdAt(token, Prefix.Length);
        var session = start + RunIdLength + 1;
        if (expiry <= session
            || TenantMark.Read(token.AsSpan()[Prefix.Length..start]) is not { } tenant
            || !Guid.TryParseExact(token.AsSpan(start, RunIdLength), "D", out var runId)
            || !long.TryParse(token.AsSpan()[(expiry + 1)..mac], NumberStyles.None, CultureInfo.InvariantCulture, out var expiresAt)
            || !DisplayText.IsId(token.AsSpan()[session..expiry]))
        {
            return (null, Forged);
        }

        var sessionId = token[session..expiry];
        return !FixedTime.AreEqual(token, Mint(tenant, runId, sessionId, expiresAt)) ? (null, Forged)
            : times.Now(tenant).ToUnixTimeSeconds() >= expiresAt ? (null, Expired)
            : (new(tenant, runId, sessionId), null);
    }

    private static string Signed(Tenant tenant, Guid runId, string sessionId, long expiresAt) =>
        string.Create(CultureInfo.InvariantCulture, $"agora.approval-link.v1\n{tenant.Name}\n{runId:D}\n{sessionId}\n{expiresAt}");

    private string Mint(Tenant tenant, Guid runId, string sessionId, long expiresAt)
    {
        var mac = Base64Url.EncodeToString(HMACSHA256.HashData(options.TokenKey.Span, Encoding.UTF8.GetBytes(Signed(tenant, runId, sessionId, expiresAt))));
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{TenantMark.Of(tenant)}{runId:D}.{sessionId}.{expiresAt}.{mac}");
    }
}

/// <summary>What a link is about.</summary>
internal sealed record LinkedRun(Tenant Tenant, Guid RunId, string SessionId);
